"""Whether the access key in a blob is the one that a rotation will look for."""

from collections.abc import Iterator
from typing import Protocol

from cdk.config.model import Adopted, Vault
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.config_blob import ConfigBlob
from vsync_rotation_cli.seed.findings import Finding, Weight


class KeyOwners(Protocol):
    """Tells whose an access key is."""

    def owner_of(self, key_id: str) -> str | None:
        """The user's name; None where the account has no such key."""


def ownership(vault: Vault, blob: ConfigBlob, owners: KeyOwners) -> Iterator[Finding]:
    """What is wrong or worth knowing about whose key the blob holds; nothing where it is the reader's."""
    if vault.reader is None:
        return
    key_id = blob.credentials.access_key_id
    try:
        owner = owners.owner_of(key_id)
    except RotationError as error:
        yield Finding(f"whose access key {key_id} is was not checked: {error.what}", Weight.WORTH_KNOWING)
        return
    if owner is None:
        yield Finding(
            f"access key {key_id} of the blob does not exist in this account, so that nothing boots from it; "
            "the first rotation makes a good one",
            Weight.WORTH_KNOWING,
        )
    elif owner != vault.reader.name:
        way_out = (
            "name that user's ARN in the deployment file"
            if isinstance(vault.reader, Adopted)
            else "adopt that user in the deployment file, or give a location instead of the blob"
        )
        yield Finding(
            f"access key {key_id} of the blob belongs to user {owner}, not to {vault.reader.name}, "
            f"so that rotating would refuse it; {way_out}",
            Weight.FORBIDS,
        )
