"""An archive in a bundle is bytes like any others: encrypted anew, never looked into, never unpacked."""

import ast
import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest

from simulator.vault_bytes import decrypt, derive, unseal
from simulator.vaults import SALT, Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import NEW_TIMESTAMP, bundles, rotate, rotate_once, succeeded, vault_at_noon
from tests.fuzz.archives import ENTRY_BYTES, bomb
from tests.fuzz.measures import MIB

ENTRIES: Final = 1_000
UNPACKERS: Final = frozenset({"zipfile", "tarfile", "gzip", "bz2", "lzma", "shutil", "zipimport", "zlib"})
PACKAGES: Final = ("vsync_rotation", "rotate_vault_passphrase", "rotate_iam_access_key")


@cache
def payload() -> bytes:
    return bomb(ENTRIES)


def payload_now(vault: Vault) -> bytes:
    """What the vault's new bundle holds, by the simulator's own reader."""
    (key,) = bundles(vault, NEW_TIMESTAMP).values()
    return unseal(decrypt(derive(vault.passphrase(), SALT, 1_000), vault.objects()[key]))[1]


def test_the_bomb_is_one() -> None:
    """Ten megabytes that a zip reader takes for an archive of ten gigabytes."""
    with zipfile.ZipFile(io.BytesIO(payload())) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) == ENTRIES * ENTRY_BYTES > 9 * 1024 * MIB
        assert archive.read(archive.namelist()[-1]) == bytes(ENTRY_BYTES)
    assert 9 * MIB < len(payload()) < 11 * MIB


def test_a_bomb_is_rotated_with_its_bytes_unchanged_and_nothing_is_unpacked(
    world: World, passphrase_function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = vault_at_noon(world, Layout.CLI, payload=payload())
    touched: list[str] = []
    for module, name in [(zipfile, "ZipFile"), (tarfile, "open"), (bz2, "BZ2Decompressor"), (lzma, "LZMADecompressor")]:
        monkeypatch.setattr(module, name, lambda *_, name=name, **__: touched.append(name))
    inflated = Inflations(monkeypatch)
    succeeded(rotate_once(vault, passphrase_function))
    monkeypatch.undo()
    assert touched == []
    assert inflated.inputs, "the spy sees nothing, not even the config blob"
    assert not any(data in payload() for data in inflated.inputs)
    assert payload_now(vault) == payload()


class Inflations:
    """Lets zlib (and gzip above it) inflate as before, and keeps what it was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.inputs: list[bytes] = []
        self._real: Any = zlib.decompressobj
        self._real_whole: Any = zlib.decompress
        monkeypatch.setattr(zlib, "decompressobj", self._stream)
        monkeypatch.setattr(zlib, "decompress", self._whole)

    def _stream(self, *arguments: Any, **details: Any) -> Any:
        return _Recorded(self._real(*arguments, **details), self.inputs)

    def _whole(self, data: bytes, *arguments: Any, **details: Any) -> Any:
        self.inputs.append(data)
        return self._real_whole(data, *arguments, **details)


class _Recorded:
    def __init__(self, stream: Any, inputs: list[bytes]) -> None:
        self._stream = stream
        self._inputs = inputs

    def decompress(self, data: bytes, *limit: int) -> Any:
        self._inputs.append(data)
        return self._stream.decompress(data, *limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def test_a_bomb_costs_no_more_memory_than_its_parts(world: World) -> None:
    """createSecret never touches the bundle, so that it tells what the function needs without it."""
    world.clock.run_freely()  # the other process lives in real time
    arn = world.deploy_in_process("rotate_vault_passphrase", "rotate_vault_passphrase.handler:lambda_handler")
    vault = vault_at_noon(world, Layout.CLI, payload=payload())
    world.clock.run_freely()
    record = succeeded(rotate(vault, arn))
    peaks = [step.peak_rss_kib for step in record.steps]
    assert len(peaks) == 4
    if None not in peaks:  # only Linux tells
        without, *with_bundle = [peak or 0 for peak in peaks]
        assert max(with_bundle) - without < 16 * 1024


def test_the_runtime_imports_nothing_that_unpacks_but_zlib_for_the_blob() -> None:
    """The SDK and the standard library do import such modules; our own sources are what is searched."""
    roots = [Path(str(import_module(package).__file__)).parent for package in PACKAGES]
    sources = list(chain.from_iterable(root.rglob("*.py") for root in roots))
    assert len(sources) > 40
    found = {(source.name, name) for source in sources for name in imported_by(source) if name in UNPACKERS}
    assert found == {("blob_envelope.py", "zlib")}


def imported_by(source: Path) -> set[str]:
    """Every module that a file imports, anywhere in it, and every one it names as a text."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)
    return names
