"""Publishing when the second of two pointers cannot be swapped: the first goes back, unless nobody can tell."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.unit.vault.bucket import MADE, MemoryBucket
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.errors import (
    ConcurrentChangeError,
    PermissionDeniedError,
    PointerMovedError,
    RotationError,
    UnreachableError,
    WrongPassphraseError,
)
from vsync_rotation.formats.rqem0001 import encode_seal
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import Repair
from vsync_rotation.vault.envelope import seal_envelope
from vsync_rotation.vault.key_ring import KeyRing
from vsync_rotation.vault.layouts import Site, cli_layout, runtime_layout
from vsync_rotation.vault.ports import ETag, ObjectInfo
from vsync_rotation.vault.rotation import Recorder, VaultRotation
from vsync_rotation.vault.staging import Staging

SALT, OLD, NEW = "salt-of-a-test-vault", SecretText("old passphrase"), SecretText("new passphrase")
SITE = Site("acme", "prod", (cli_layout("p/"), runtime_layout("p/")), "p/audit.csv")
FIRST = Timestamp.parse("20260401-000000")


@dataclass
class TroubledBucket(MemoryBucket):
    """Writing one key fails, or somebody else pushes right before it is written."""

    trouble: dict[str, RotationError] = field(default_factory=dict)
    pushes: list[tuple[Timestamp, SecretText]] = field(default_factory=list)

    def replace(self, old: ObjectInfo, body: bytes, metadata: Mapping[str, str]) -> ETag | None:
        if old.key in self.trouble:
            raise self.trouble[old.key]
        if old.key == "p/manifest" and self.pushes:
            push_runtime(self, *self.pushes.pop(0))
        return super().replace(old, body, metadata)


def envelope(plaintext: bytes, passphrase: SecretText) -> bytes:
    key = derive_key(passphrase, salt=SALT, iterations=1000)
    return b"".join(seal_envelope([plaintext], key=key, random=os.urandom))


def push_runtime(store: MemoryBucket, at: Timestamp, passphrase: SecretText = OLD) -> None:
    store.put(f"p/v={at}", envelope(b"{}", passphrase))
    store.put("p/manifest", encode_seal(at))


def vault(store: MemoryBucket) -> None:
    push_runtime(store, FIRST)
    store.put(f"p/versions/{FIRST}.enc", envelope(encode_seal(FIRST) + b"PK", OLD))
    store.put("p/latest", str(FIRST).encode())


def rotation(store: MemoryBucket) -> VaultRotation:
    keys = KeyRing(salt=SALT, iterations=1000, current=OLD, pending=NEW)
    staging = Staging(store, keys, version_id="new", not_before=MADE, repair=Repair.NOTHING, random=os.urandom)
    return VaultRotation(store, SITE, "new", MADE, staging, Recorder("test", MADE))


def publish(store: MemoryBucket, holder: str = "new") -> None:
    run = rotation(store)
    run.stage()
    run.publish(before_swap=lambda: None, promote=lambda: holder, monotonic=lambda: 0.0)


def pointers(store: MemoryBucket) -> tuple[bytes, bytes]:
    return store.objects["p/latest"].body, store.objects["p/manifest"].body


BEFORE = (str(FIRST).encode(), encode_seal(FIRST))


def test_without_trouble_both_pointers_move() -> None:
    store = TroubledBucket()
    vault(store)
    publish(store)
    at = Timestamp.at(MADE)
    assert pointers(store) == (str(at).encode(), encode_seal(at))


def test_a_denied_second_swap_puts_the_first_back() -> None:
    store = TroubledBucket(trouble={"p/manifest": PermissionDeniedError("denied", remedy="allow it")})
    vault(store)
    with pytest.raises(PermissionDeniedError):
        publish(store)
    assert pointers(store) == BEFORE


def test_a_second_swap_without_an_answer_leaves_the_first_for_the_repetition() -> None:
    store = TroubledBucket(trouble={"p/manifest": UnreachableError("no answer", remedy="wait")})
    vault(store)
    with pytest.raises(UnreachableError):
        publish(store)
    assert pointers(store)[0] == str(Timestamp.at(MADE)).encode()
    store.trouble.clear()
    publish(store)
    assert pointers(store)[1] == encode_seal(Timestamp.at(MADE))


def test_pushes_that_always_come_first_put_the_first_pointer_back_and_none_is_lost() -> None:
    later = [Timestamp.parse(f"20260601-00000{second}") for second in (1, 2, 3)]
    store = TroubledBucket(pushes=[(at, OLD) for at in later])
    vault(store)
    with pytest.raises(PointerMovedError):
        publish(store)
    assert pointers(store) == (BEFORE[0], encode_seal(later[-1]))


def test_a_push_under_a_strange_passphrase_puts_the_first_pointer_back() -> None:
    at = Timestamp.parse("20260601-000001")
    store = TroubledBucket(pushes=[(at, SecretText("somebody else's"))])
    vault(store)
    with pytest.raises(WrongPassphraseError):
        publish(store)
    assert pointers(store) == (BEFORE[0], encode_seal(at))


def test_a_third_version_that_became_current_puts_both_pointers_back() -> None:
    store = TroubledBucket()
    vault(store)
    with pytest.raises(ConcurrentChangeError, match="every pointer is back"):
        publish(store, holder="third")
    assert pointers(store) == BEFORE
