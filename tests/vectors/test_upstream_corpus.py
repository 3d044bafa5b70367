"""The whole upstream corpus, where a checkout has it beside it; its 31 vectors are accounted for by name.

Upstream names error classes of its reading libraries; `OUR_CLASS` says which of ours each one is (SPEC 9.2).
"""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from vsync_rotation import errors
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.formats.blob_envelope import pack, unpack
from vsync_rotation.formats.config_blob import parse_config_blob, read_blob
from vsync_rotation.formats.pointer import parse_manifest
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretBytes, SecretText
from vsync_rotation.settings import Repair
from vsync_rotation.vault.envelope import open_envelope, seal_envelope
from vsync_rotation.vault.resealing import SealedBundle, payload_digest

CORPUS: Final = Path(__file__).parents[3] / "shared" / "vsync-vectors"
ITERATIONS: Final = 600_000  # implied by the corpus, which never states it

EXPECTED: Final = {
    "rqe1-decrypt": {"empty-plaintext", "hello-world", "non-utf8-bytes"},
    "rqe1-decrypt-error": {
        "wrong-passphrase",
        "corrupt-magic",
        "wrong-version",
        "truncated-ciphertext",
        "bad-gcm-tag",
    },
    "rqem0001-manifest": {"positive-basic", "positive-gen-counter", "ts-mismatch", "wrong-magic"},
    "config-blob": {
        "positive-aws",
        "positive-minio",
        "positive-r2",
        "negative-malformed-gzip",
        "negative-unknown-version",
        "negative-wrong-magic",
    },
    "fallback-chain": {"vault-hit", "env-hit", "default-hit", "missing"},
    "asset-path": {"pem-key", "service-account-json"},
    "error-taxonomy": {
        "bundle-corrupt",
        "config-missing",
        "config-unsupported-version",
        "manifest-not-found",
        "s3-unreachable",
        "unsupported-spec-version",
        "wrong-passphrase",
    },
}

# Upstream's class to ours. One of theirs can be two of ours, which then are told apart by who must act.
OUR_CLASS: Final[dict[str, tuple[type[errors.RotationError], ...]]] = {
    "WrongPassphraseError": (errors.WrongPassphraseError,),
    "BundleCorruptError": (errors.BundleCorruptError, errors.SealMismatchError, errors.BlobError),
    "UnsupportedSpecVersionError": (errors.UnsupportedVersionError,),
    "ConfigUnsupportedVersionError": (errors.UnsupportedVersionError,),
    "ConfigMissingError": (errors.BlobError,),
    "ManifestNotFoundError": (errors.VaultNotFoundError,),
    "S3UnreachableError": (errors.UnreachableError, errors.PermissionDeniedError),
}

Document = dict[str, Any]

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(),
    reason="UPSTREAM CORPUS ABSENT at ../shared/vsync-vectors: conformance with vsync's own vectors was NOT tested",
)


def _load(category: str, name: str) -> Document:
    document: Document = json.loads((CORPUS / category / f"{name}.json").read_bytes())
    assert document["category"] == category
    return document


def _bin(category: str, name: str) -> bytes:
    return (CORPUS / category / f"{name}.bin").read_bytes()


def _open(vector: Document, envelope: bytes) -> bytes:
    inputs = vector["inputs"]
    key = derive_key(SecretText(inputs["passphrase"]), salt=inputs["salt"], iterations=ITERATIONS)
    return b"".join(open_envelope([envelope], size=len(envelope), key=key))


def _check_refused(vector: Document, error: pytest.ExceptionInfo[errors.RotationError]) -> None:
    assert type(error.value) in OUR_CLASS[vector["expected"]["error"]]


def test_the_corpus_holds_exactly_the_vectors_that_are_accounted_for() -> None:
    found = {
        folder.name: {path.stem for path in folder.glob("*.json")} for folder in CORPUS.iterdir() if folder.is_dir()
    }
    assert found == EXPECTED
    assert sum(len(names) for names in found.values()) == 31


def test_every_error_the_corpus_names_has_a_class_of_ours() -> None:
    named = {_load(category, name)["expected"]["error"] for category, names in EXPECTED.items() for name in names}
    assert named - {None} == set(OUR_CLASS)


@pytest.mark.parametrize("name", sorted(EXPECTED["rqe1-decrypt"]))
def test_an_upstream_envelope_opens_to_its_plaintext(name: str) -> None:
    vector = _load("rqe1-decrypt", name)
    assert _open(vector, _bin("rqe1-decrypt", name)).hex() == vector["expected"]["plaintext_hex"]


@pytest.mark.parametrize(
    ("category", "name"),
    [("rqe1-decrypt-error", name) for name in sorted(EXPECTED["rqe1-decrypt-error"])]
    + [("error-taxonomy", name) for name in ("bundle-corrupt", "unsupported-spec-version", "wrong-passphrase")],
)
def test_a_damaged_upstream_envelope_fails_for_the_named_reason(category: str, name: str) -> None:
    vector = _load(category, name)
    with pytest.raises(errors.RotationError) as error:
        _open(vector, _bin(category, name))
    _check_refused(vector, error)
    assert not isinstance(error.value, errors.BlobError | errors.SealMismatchError)


@pytest.mark.parametrize("name", ["positive-basic", "positive-gen-counter"])
def test_an_upstream_manifest_names_its_bundle_and_keeps_its_payload(name: str) -> None:
    vector, body = _load("rqem0001-manifest", name), _bin("rqem0001-manifest", name)
    pointer = parse_manifest(body)
    assert pointer.timestamp.text == vector["expected"]["embedded_ts"] == vector["inputs"]["remote_ts"]
    assert pointer.tail.hex() == vector["expected"]["payload_hex"]
    assert pointer.moved_to(pointer.timestamp) == body


def test_an_upstream_manifest_with_another_magic_is_refused() -> None:
    with pytest.raises(errors.RotationError) as error:
        parse_manifest(_bin("rqem0001-manifest", "wrong-magic"))
    _check_refused(_load("rqem0001-manifest", "wrong-magic"), error)


def test_an_upstream_seal_that_is_not_the_pointers_is_refused_inside_a_bundle() -> None:
    vector, sealed = _load("rqem0001-manifest", "ts-mismatch"), _bin("rqem0001-manifest", "ts-mismatch")
    assert parse_manifest(sealed).timestamp.text == vector["expected"]["embedded_ts"]
    key = SecretBytes(bytes(32))
    envelope = b"".join(seal_envelope([sealed], key=key, random=bytes))
    pointer = Timestamp.parse(vector["inputs"]["remote_ts"])
    with pytest.raises(errors.RotationError) as error:
        payload_digest(SealedBundle([envelope], len(envelope), key, pointer, Repair.NOTHING))
    _check_refused(vector, error)


@pytest.mark.parametrize("name", ["positive-aws", "positive-minio", "positive-r2"])
def test_an_upstream_blob_decodes_to_its_object_in_its_order(name: str) -> None:
    text = SecretText(_bin("config-blob", name).decode("ascii"))
    expected = _load("config-blob", name)["expected"]["config_json"]
    assert list(read_blob(text).document.values().items()) == list(expected.items())
    assert json.loads(unpack(text).reveal()) == expected
    assert json.loads(unpack(pack(unpack(text))).reveal()) == expected


@pytest.mark.parametrize("name", ["positive-aws", "positive-r2"])
def test_an_upstream_blob_can_be_rotated(name: str) -> None:
    text = SecretText(_bin("config-blob", name).decode("ascii"))
    expected = _load("config-blob", name)["expected"]["config_json"]
    blob = parse_config_blob(text)
    assert blob.credentials.access_key_id == expected["accessKeyId"]
    assert blob.credentials.secret_access_key.reveal() == expected["secretAccessKey"]
    assert blob.config.salt == expected["salt"]
    assert parse_config_blob(blob.mint()) == blob


def test_an_upstream_blob_with_plain_http_off_this_machine_is_shown_and_not_rotated() -> None:
    # Deliberately narrower than the libraries (SPEC 5.6).
    text = SecretText(_bin("config-blob", "positive-minio").decode("ascii"))
    with pytest.raises(errors.SettingsError, match="plain http"):
        parse_config_blob(text)


@pytest.mark.parametrize(
    ("category", "name"),
    [("config-blob", name) for name in sorted(EXPECTED["config-blob"]) if name.startswith("negative")]
    + [("error-taxonomy", "config-unsupported-version")],
)
def test_a_damaged_upstream_blob_fails_for_the_named_reason(category: str, name: str) -> None:
    with pytest.raises(errors.RotationError) as error:
        parse_config_blob(SecretText(_bin(category, name).decode("ascii")))
    _check_refused(_load(category, name), error)
    assert isinstance(error.value, errors.BlobError | errors.UnsupportedVersionError)


@pytest.mark.parametrize("name", ["config-missing", "manifest-not-found", "s3-unreachable"])
def test_an_upstream_scenario_without_bytes_names_an_error_of_the_readers_surroundings(name: str) -> None:
    """No bytes to parse: only the mapping is ours; the contract suite shows the situations themselves."""
    vector = _load("error-taxonomy", name)
    assert not (CORPUS / "error-taxonomy" / f"{name}.bin").exists()
    assert vector["inputs"]["bin"] is None
    assert OUR_CLASS[vector["expected"]["error"]]


def test_an_unset_config_is_a_blob_error() -> None:
    with pytest.raises(errors.BlobError):
        parse_config_blob(SecretText(""))


def _rotated(payload: bytes) -> bytes:
    """What a rotation does to a payload: out of an envelope under one key, into one under another, and out again."""
    keys = [SecretBytes(bytes([number]) * 32) for number in (1, 2)]
    for key in keys:
        envelope = b"".join(seal_envelope([payload], key=key, random=bytes))
        payload = b"".join(open_envelope([envelope], size=len(envelope), key=key))
    return payload


@pytest.mark.parametrize("name", sorted(EXPECTED["asset-path"]))
def test_the_bytes_of_an_upstream_asset_survive_a_rotation(name: str) -> None:
    asset = _bin("asset-path", name)
    assert _rotated(asset).hex() == _load("asset-path", name)["expected"]["bytes_hex"]


@pytest.mark.parametrize("name", sorted(EXPECTED["fallback-chain"]))
def test_the_vault_of_an_upstream_fallback_chain_survives_a_rotation(name: str) -> None:
    """Where a name is looked up is the libraries' business; that the vault's part still says the same is ours."""
    inputs = _load("fallback-chain", name)["inputs"]
    payload = json.dumps(inputs["vault"], ensure_ascii=False).encode()
    assert json.loads(_rotated(payload)) == inputs["vault"]
