"""Whether a passphrase opens the vault as it lies in its bucket, without changing anything there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from cdk.config.model import Vault
from vsync_rotation.aws.s3 import Bucket
from vsync_rotation.aws.stores import VaultStores
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.errors import RotationError, UnreachableError
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import Repair
from vsync_rotation.vault.inspection import CURRENT, Finding, inspect
from vsync_rotation.vault.layouts import site_of


class Opens(Enum):
    """What became of trying."""

    YES = auto()
    NO = auto()
    NEVER_PUSHED = auto()
    UNTRIED = auto()
    UNANSWERED = auto()  # not tried, and a moment later it may be


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it opens, and a clause that says what was seen."""

    opens: Opens
    seen: str


_NEVER_PUSHED: Final = Opening(
    Opens.NEVER_PUSHED, "there is no vault in the bucket yet, so the passphrase was not tried"
)
_SEEN: Final[Mapping[Finding | None, Opening]] = {
    None: Opening(Opens.YES, "the passphrase opens the vault"),
    Finding.OPENS_WITH_NONE: Opening(
        Opens.NO, "the passphrase does not open the vault, or salt, iterations or bundle are not the vault's"
    ),
    # The seal lies inside: whoever reads it has opened the bundle.
    Finding.SEAL_MISMATCH: Opening(
        Opens.YES,
        "the passphrase opens the vault, but its seal is older than its pointer: set repair_seal, or push once more",
    ),
    Finding.GENERATION_MALFORMED: Opening(
        Opens.YES, "the passphrase opens the vault, but its generation cell is malformed: rotating will refuse it"
    ),
    Finding.POINTER_MISSING: Opening(Opens.UNTRIED, "the bucket holds bundles but no good pointer: push the vault"),
    Finding.BUNDLE_MISSING: Opening(Opens.UNTRIED, "the bundle that the pointer names is missing: push the vault"),
}


def tried(vault: Vault, config: ConfigBlob | Location, passphrase: SecretText, stores: VaultStores) -> Opening:
    """Open every live bundle: with the blob's own key, or before there is one with the caller's credentials."""
    try:
        store = _store(config, stores)
        if store is None:
            return Opening(Opens.UNTRIED, "there is no key to read the bucket with, so the passphrase was not tried")
        derived = derive_key(passphrase, salt=config.config.salt, iterations=config.config.iterations)
        repair = Repair.SEAL if vault.passphrase.repair_seal else Repair.NOTHING
        site = site_of(config.config, vault.repo)
        layouts = inspect(store, site, {CURRENT: lambda: derived}, repair, known=())
    except RotationError as error:
        return untried(error)
    return _of_all([_SEEN[item.finding] for item in layouts]) if layouts else _NEVER_PUSHED


def untried(error: RotationError) -> Opening:
    """What an error on the way to the vault tells about the passphrase: nothing."""
    opens = Opens.UNANSWERED if isinstance(error, UnreachableError) else Opens.UNTRIED
    return Opening(opens, f"the passphrase was not tried: {error.what}")


def _store(config: ConfigBlob | Location, stores: VaultStores) -> Bucket | None:
    if isinstance(config, ConfigBlob):
        return stores.as_probe(config.credentials, config.config)
    return stores.as_function(config.config) if stores.is_aws(config.config) else None


def _of_all(openings: Sequence[Opening]) -> Opening:
    """One layout that it does not open is a no, and without such one that it opens is a yes. Told is what is worst."""
    opens = next(answer for answer in (Opens.NO, Opens.YES, Opens.UNTRIED) if answer in {o.opens for o in openings})
    return Opening(opens, max(openings, key=_gravity).seen)


def _gravity(opening: Opening) -> tuple[int, int]:
    """Of several alike, the one that says most."""
    order = (Opens.YES, Opens.UNTRIED, Opens.NO)
    return order.index(opening.opens), len(opening.seen)
