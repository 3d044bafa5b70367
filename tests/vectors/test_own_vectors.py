"""Our own vectors through the package: the same bytes mean the same, and each damage has its own class."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from tests.vectors import generate
from vsync_rotation import errors
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.formats.audit_row import RotateRow, append_rotate_row
from vsync_rotation.formats.blob_envelope import unpack
from vsync_rotation.formats.config_blob import ConfigBlob, parse_config_blob
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.generation import GenerationCell
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.formats.pointer import parse_latest, parse_manifest
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretText
from vsync_rotation.vault.envelope import _seal_with_iv, open_envelope

HERE: Final = Path(__file__).parent

# Vectors are JSON: their shape is what the generator wrote, and a wrong one fails loudly at the first look-up.
Document = dict[str, Any]


def _stored() -> dict[str, bytes]:
    return {
        f"{category}/{path.name}": path.read_bytes()
        for category in generate.CATEGORIES
        for path in (HERE / category).iterdir()
    }


def _names(category: str) -> list[str]:
    names = sorted(path.stem for path in (HERE / category).glob("*.json"))
    assert names, f"no vectors in {category}"
    return names


def _load(category: str, name: str) -> tuple[Document, bytes]:
    place = HERE / category
    return json.loads((place / f"{name}.json").read_bytes()), (place / f"{name}.bin").read_bytes()


def _outcome(expected: Document, parse: Callable[[], Any]) -> Any:
    """The value, or None after the expected class, and no other, was raised."""
    if expected["error"] is None:
        return parse()
    with pytest.raises(errors.RotationError) as caught:
        parse()
    assert type(caught.value) is getattr(errors, expected["error"])
    return None


def test_the_stored_files_are_what_the_generator_makes() -> None:
    assert _stored() == generate.files()


def test_every_category_has_its_folder_and_no_folder_is_without_a_category() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
    assert folders == set(generate.CATEGORIES)


@pytest.mark.parametrize("name", _names("rqe1-decrypt"))
def test_an_envelope_opens_to_its_plaintext_and_seals_to_the_same_bytes(name: str) -> None:
    vector, envelope = _load("rqe1-decrypt", name)
    inputs = vector["inputs"]
    key = derive_key(SecretText(inputs["passphrase"]), salt=inputs["salt"], iterations=inputs["iterations"])
    plaintext = b"".join(open_envelope([envelope], size=len(envelope), key=key))
    assert plaintext.hex() == vector["expected"]["plaintext_hex"]
    assert b"".join(_seal_with_iv([plaintext], key=key, iv=envelope[4:16])) == envelope


@pytest.mark.parametrize("name", _names("rqe1-decrypt-error"))
def test_a_damaged_envelope_fails_for_the_named_reason(name: str) -> None:
    vector, envelope = _load("rqe1-decrypt-error", name)
    inputs = vector["inputs"]
    key = derive_key(SecretText(inputs["passphrase"]), salt=inputs["salt"], iterations=inputs["iterations"])
    assert _outcome(vector["expected"], lambda: list(open_envelope([envelope], size=len(envelope), key=key))) is None


@pytest.mark.parametrize("name", _names("rqem0001-manifest"))
def test_a_pointer_object_says_what_the_vector_says(name: str) -> None:
    vector, body = _load("rqem0001-manifest", name)
    parse = {"manifest": parse_manifest, "latest": parse_latest}[vector["inputs"]["pointer"]]
    pointer = _outcome(vector["expected"], lambda: parse(body))
    if pointer is not None:
        expected = vector["expected"]
        found = (pointer.timestamp.text, pointer.sealed, pointer.tail.hex())
        assert found == (expected["embedded_ts"], expected["sealed"], expected["payload_hex"])
        assert pointer.moved_to(pointer.timestamp) == (body if pointer.sealed else body.strip())


@pytest.mark.parametrize("name", _names("config-blob"))
def test_a_blob_decodes_to_its_object_or_fails_for_the_named_reason(name: str) -> None:
    vector, data = _load("config-blob", name)
    text = SecretText(data.decode("ascii"))
    blob = _outcome(vector["expected"], lambda: parse_config_blob(text))
    if blob is not None:
        fields = blob.document.values()
        assert list(fields.items()) == list(vector["expected"]["config_json"].items())


@pytest.mark.parametrize("name", _names("mint"))
def test_minting_changes_the_credentials_and_no_other_byte(name: str) -> None:
    vector, data = _load("mint", name)
    inputs = vector["inputs"]
    credentials = Credentials(inputs["accessKeyId"], SecretText(inputs["secretAccessKey"]))
    minted = parse_key_secret(SecretText(data.decode("utf-8"))).with_credentials(credentials)
    text = unpack(minted.mint()) if isinstance(minted, ConfigBlob) else minted.mint()
    assert text.reveal() == vector["expected"]["json_text"]
    assert parse_key_secret(minted.mint()) == minted


@pytest.mark.parametrize("name", _names("generation-cell"))
def test_a_generation_cell_counts_or_is_refused(name: str) -> None:
    vector, body = _load("generation-cell", name)
    cell = _outcome(vector["expected"], lambda: GenerationCell.parse(body))
    if cell is not None:
        assert cell.gen == vector["expected"]["gen"]


@pytest.mark.parametrize("name", _names("audit-log"))
def test_a_row_is_appended_or_the_damaged_log_is_refused(name: str) -> None:
    vector, log = _load("audit-log", name)
    inputs = vector["inputs"]
    row = RotateRow(
        at=datetime.fromisoformat(inputs["at"]),
        version_ts=Timestamp.parse(inputs["version_ts"]),
        hostname=inputs["hostname"],
        gen=inputs["gen"],
        prev_gen=inputs["prev_gen"],
    )
    after = _outcome(vector["expected"], lambda: append_rotate_row(log, row))
    if after is not None:
        assert after.decode("utf-8") == vector["expected"]["log"]
        assert append_rotate_row(after, row) is None
