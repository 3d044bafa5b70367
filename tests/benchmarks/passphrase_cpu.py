"""CPU of a passphrase rotation without the SDK's, against the bare key derivations that it cannot do without.

The four steps run through the engine, with the real journal, on ports in memory; so what is measured is all of ours:
guards, formats, ciphers, digests, log lines. The derivations are those of an application and of the CLI: 600,000
iterations, which this software cannot choose.
"""

import hashlib
import io
import json
import os
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from rotate_vault_passphrase.steps import VaultPassphraseRotation
from tests.benchmarks.memory_ports import ListedBucket, MemorySecrets, OneStore
from tests.unit.engine.fakes import FakeClock, FakeEvents
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports
from vsync_rotation.engine.run import run
from vsync_rotation.formats.rqem0001 import encode_seal
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretText
from vsync_rotation.secret_vault import SecretVaults
from vsync_rotation.telemetry import PowertoolsJournal
from vsync_rotation.vault.envelope import seal_envelope

ITERATIONS: Final = 600_000
DERIVATIONS: Final = 4  # of one rotation: two in setSecret, two in testSecret, whatever the layouts
RUNS: Final = 5
STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
_SALT: Final = "c2FsdC1vZi1hLXRlc3QtdmF1"
_FIRST: Final = "first-passphrase-of-a-vault-made-for-tests"
_LIVE: Final = Timestamp.parse("20260401-000000")
_PAYLOAD: Final = json.dumps({"kv": {f"VARIABLE_{number}": "value" * 8 for number in range(200)}}).encode()
_LOCATION: Final = {
    "v": 1,
    "endpoint": "https://s3.eu-central-1.amazonaws.com",
    "region": "eu-central-1",
    "bucket": "vault-bucket",
    "prefix": "acme_web/prod/",
    "env": "prod",
    "salt": _SALT,
    "iterations": ITERATIONS,
}


@dataclass(frozen=True, slots=True)
class PassphraseCpu:
    """The least CPU seconds of several runs in turn: of a rotation of both layouts, and of one bare derivation."""

    rotation: float
    by_cryptography: float
    by_hashlib: float

    @property
    def bare(self) -> float:
        """The derivations of a rotation by the faster implementation."""
        return DERIVATIONS * min(self.by_cryptography, self.by_hashlib)


def passphrase_cpu() -> PassphraseCpu:
    """Measure the three in turn."""
    rotations, cryptographys, hashlibs = [], [], []
    for _ in range(RUNS):
        rotations.append(_timed(_rotation()))
        cryptographys.append(_timed(_derive_by_cryptography))
        hashlibs.append(_timed(_derive_by_hashlib))
    return PassphraseCpu(min(rotations), min(cryptographys), min(hashlibs))


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _derive_by_cryptography() -> bytes:
    return PBKDF2HMAC(hashes.SHA256(), 32, _SALT.encode(), ITERATIONS).derive(_FIRST.encode())


def _derive_by_hashlib() -> bytes:
    return hashlib.pbkdf2_hmac("sha256", _FIRST.encode(), _SALT.encode(), ITERATIONS)


def _rotation() -> Callable[[], None]:
    """A fresh vault with both layouts, and what rotates it from the first step to the last."""
    secrets, bucket, clock = MemorySecrets(), _vault(), FakeClock()
    secrets.add("config", json.dumps(_LOCATION), {})
    tags = {"vsync-rotation:kind": "vault-passphrase", "vsync-rotation:config-secret": "config"}
    secrets.add("passphrase", _FIRST, tags)

    def rotate() -> None:
        for step in STEPS:
            with redirect_stdout(io.StringIO()):
                journal = PowertoolsJournal("a measured rotation")
                ports = Ports(secrets, clock, FakeEvents(), journal)
                event = {"Step": step, "SecretId": "passphrase", "ClientRequestToken": "second"}
                rotation = VaultPassphraseRotation(SecretVaults(OneStore(bucket), os.urandom, "a measured rotation"))
                run(event, rotation, ports, Deadline.of(None, clock))
                journal.flush()
        if secrets.describe("passphrase").holder("AWSCURRENT") != "second":
            raise AssertionError("the measured rotation did not rotate")

    return rotate


def _vault() -> ListedBucket:
    key = derive_key(SecretText(_FIRST), salt=_SALT, iterations=ITERATIONS)
    sealed = [encode_seal(_LIVE), _PAYLOAD]
    bucket, prefix = ListedBucket(), _LOCATION["prefix"]
    bucket.put(f"{prefix}v={_LIVE}", b"".join(seal_envelope(sealed, key=key, random=os.urandom)))
    bucket.put(f"{prefix}manifest", encode_seal(_LIVE))
    bucket.put(f"{prefix}versions/{_LIVE}.enc", b"".join(seal_envelope(sealed, key=key, random=os.urandom)))
    bucket.put(f"{prefix}latest", str(_LIVE).encode())
    return bucket
