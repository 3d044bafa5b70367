"""What must hold of a vault at any moment, and where it does not.

Each promise can be broken by one side only: a broken key says nothing about the passphrase, so that what one person
broke on one side excuses nothing on the other.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from simulator.application import Booted, boot, pull
from simulator.vault_bytes import BootError, BundleCorrupt, WrongPassphrase, decrypt, derive, unseal
from simulator.vaults import FAST_ITERATIONS, SALT, Vault
from tests.contract.glance import Glance, ObjectSeen, Side
from tests.contract.passphrase_rotation import bundles, cells, cli_root, pointers

READERS: Final = {"cli": pull, "runtime": boot}


@dataclass(frozen=True, slots=True, order=True)
class Promise:
    """One thing that must hold. `layout`: of the vault, empty where the promise is about the whole."""

    side: Side
    what: str
    layout: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.layout}".strip()


KEY_WORKS: Final = Promise(Side.KEY, "the key in AWSCURRENT is the user's and Active")
CELLS_AGREE: Final = Promise(Side.PASSPHRASE, "the generation cells agree")


def opens(layout: str) -> Promise:
    """That the passphrase in AWSCURRENT opens the live bundle of this layout."""
    return Promise(Side.PASSPHRASE, "the passphrase in AWSCURRENT opens the bundle of", layout)


def all_of_passphrase(vault: Vault) -> frozenset[Promise]:
    """That AWSCURRENT opens every layout."""
    return frozenset(map(opens, pointers(vault)))


@dataclass(frozen=True, slots=True)
class LiveBundle:
    """What a layout's pointer names, as far as it can be opened with any passphrase of this history."""

    timestamp: str
    made_for: str | None
    opener: str | None = field(repr=False)
    payload: bytes | None = field(repr=False)


def broken_promises(seen: Glance, vault: Vault) -> frozenset[Promise]:
    """The promises that do not hold in this moment."""
    broken = {opens(layout) for layout in pointers(vault) if live_bundle(seen, vault, layout).opener != seen.passphrase}
    current = seen.key_in("AWSCURRENT")
    if current is None or current not in seen.keys or seen.keys[current].status != "Active":
        broken.add(KEY_WORKS)
    if len({cell_gen(seen, key) for key in cells(vault).values()}) > 1:
        broken.add(CELLS_AGREE)
    return frozenset(broken)


def live_bundle(seen: Glance, vault: Vault, layout: str) -> LiveBundle:
    """Open the live bundle of a layout with whichever passphrase of the secret opens it."""
    pointer = seen.objects[pointers(vault)[layout]].body
    timestamp = pointer.decode("ascii") if layout == "cli" else unseal(pointer)[0]
    bundle = seen.objects.get(bundles(vault, timestamp)[layout])
    if bundle is None:
        raise AssertionError(f"the {layout} pointer names {timestamp}, and there is no such bundle")
    known = (seen.passphrase, *filter(None, seen.secrets[Side.PASSPHRASE].values.values()))
    for passphrase in dict.fromkeys(known):
        payload = _payload(bundle, passphrase, timestamp if layout == "cli" else None)
        if payload is not None:
            return LiveBundle(timestamp, bundle.made_for, passphrase, payload)
    return LiveBundle(timestamp, bundle.made_for, None, None)


def _payload(bundle: ObjectSeen, passphrase: str, seal: str | None) -> bytes | None:
    return _opened(bundle.body, passphrase, seal)


@lru_cache(maxsize=4096)
def _opened(body: bytes, passphrase: str, seal: str | None) -> bytes | None:
    """The payload; None where the passphrase is another one. `seal`: the timestamp that must be sealed inside."""
    try:
        plaintext = decrypt(derive(passphrase, SALT, FAST_ITERATIONS), body)
    except WrongPassphrase:
        return None
    if seal is None:
        return plaintext
    sealed, payload = unseal(plaintext)
    if sealed != seal:
        raise BundleCorrupt(f"pointer {seal}, sealed as {sealed}")
    return payload


def cell_gen(seen: Glance, key: str) -> int:
    """The generation a cell tells; 0 where there is none."""
    cell = seen.objects.get(key)
    return 0 if cell is None else int(json.loads(cell.body)["gen"])


def highest_gen(seen: Glance, vault: Vault) -> int:
    """The generation of the vault."""
    return max(cell_gen(seen, key) for key in cells(vault).values())


def started(vault: Vault, layout: str, config: str, passphrase: str) -> Booted | BootError:
    """An application of this layout starts with these two values, or fails to."""
    try:
        return pull(config, passphrase, cli_root(vault)) if layout == "cli" else boot(config, passphrase)
    except BootError as error:
        return error
