"""A vault's secrets and its reader's user: made here under their default names, or adopted by their ARNs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdk.config import default_names
from cdk.config.applications import LONGEST_TAG_VALUE
from cdk.config.forms import Form
from cdk.config.model import Adopted, Made, Resource, Store
from cdk.config.references import KEY, SECRET, USER, Home, arn_anywhere_in, arn_here
from cdk.config.table import Table

_SECRETS: Final = ("config_secret", "passphrase_secret", "writer_secret")
# How one secret says that no customer's key encrypts it, where the others say which does.
_DEFAULT_KEY: Final = "default"


@dataclass(frozen=True, slots=True)
class Resources:
    """What a vault's secrets and user are; as in `model.Vault`."""

    config_secret: Resource
    passphrase_secret: Resource
    reader: Resource | None
    writer_secret: Resource | None

    @property
    def secrets(self) -> tuple[Resource, ...]:
        """The secrets that there are."""
        found = (self.config_secret, self.passphrase_secret, self.writer_secret)
        return tuple(secret for secret in found if secret is not None)

    @property
    def read_by_applications(self) -> tuple[Resource, ...]:
        """The two secrets that applications boot from."""
        return (self.config_secret, self.passphrase_secret)


def read_resources(vault: Table, repo: str, env: str, store: Store | None, home: Home) -> Resources | None:
    """The table `adopt`, perhaps absent; None where anything in it is refused, or nobody knows the store."""
    mark = vault.mark()
    table = vault.inner("adopt")
    secret = arn_here(SECRET, home)
    named_in_a_tag = secret.narrowed(_fits_a_tag)
    config = table.optional_text("config_secret", named_in_a_tag)
    passphrase = table.optional_text("passphrase_secret", secret)
    writer = table.optional_text("writer_secret", named_in_a_tag)
    user = table.optional_text("reader_user", arn_here(USER, home))
    keys = _read_keys(table, home)
    if store is None:
        return None
    if store.is_aws:
        _check_aws(table)
    else:
        _check_other_store(table)

    def secret_of(key: str, adopted: str | None, default_name: str) -> Resource:
        return Made(default_name) if adopted is None else Adopted(adopted, keys[key])

    reader = Made(default_names.reader_user_name(repo, env)) if user is None else Adopted(user)
    found = Resources(
        config_secret=secret_of("config_secret", config, default_names.config_secret_name(repo, env)),
        passphrase_secret=secret_of("passphrase_secret", passphrase, default_names.passphrase_secret_name(repo, env)),
        reader=reader if store.is_aws else None,
        writer_secret=None
        if store.is_aws
        else secret_of("writer_secret", writer, default_names.writer_secret_name(repo, env)),
    )
    return table.kept(found, mark)


def _read_keys(table: Table, home: Home) -> Mapping[str, str | None]:
    """The customer key of each secret, None for the account's default key: its own, or the one for all of them."""
    form = arn_anywhere_in(KEY, home.region, home)
    or_default = f', or "{_DEFAULT_KEY}" for the account\'s own key'

    def wrong(text: str) -> str | None:
        found = None if text == _DEFAULT_KEY else form.wrong(text)
        return found and f"{found}{or_default}"

    own = Form(f"{form.meaning}{or_default}", wrong)
    common = table.optional_text("kms_key", form)
    if common and not any(name in table for name in _SECRETS):
        table.refuse(
            "kms_key", "is the key of adopted secrets, and none is adopted; remove it, or see kms_key at the top"
        )
    keys: dict[str, str | None] = {}
    for secret in _SECRETS:
        name = f"{secret.removesuffix('_secret')}_kms_key"
        key = table.optional_text(name, own)
        if key and secret not in table:
            table.refuse(name, f"is the key of adopt.{secret}, which is not there; remove it, or adopt that secret")
        keys[secret] = None if key == _DEFAULT_KEY else key or common
    return keys


def _check_aws(table: Table) -> None:
    if "config_secret" in table and "reader_user" not in table:
        table.refuse(
            "config_secret",
            "holds a key of a user that exists already, and a key of another user than the reader's is never replaced; "
            "write that user's ARN as adopt.reader_user besides",
        )
    if "writer_secret" in table:
        table.refuse(
            "writer_secret", "is for stores that are not AWS; the functions' roles write this bucket: remove it"
        )


def _check_other_store(table: Table) -> None:
    if "reader_user" in table:
        table.refuse(
            "reader_user", "is a user of AWS, and the endpoint is another store's, which knows none; remove it"
        )


def _fits_a_tag(arn: str) -> str | None:
    if len(arn) <= LONGEST_TAG_VALUE:
        return None
    return f"has {len(arn)} characters and stands in a tag, which holds {LONGEST_TAG_VALUE}; use a shorter name"
