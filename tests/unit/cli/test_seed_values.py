"""What may become a secret's first value, before anything is asked of AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from cdk.config.model import Vault
from simulator.vault_bytes import Blob
from tests.unit.cli.deployments import ELSEWHERE, VAULT
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.refused import RefusedError
from vsync_rotation_cli.seed import values_file
from vsync_rotation_cli.seed.forms import checked
from vsync_rotation_cli.seed.missing import Slot

SALT = "a-salt-of-24-characters."
LOCATION = {
    "v": 1,
    "endpoint": "https://s3.eu-central-1.amazonaws.com",
    "region": "eu-central-1",
    "bucket": "vaults",
    "prefix": "acme_web/prod/",
    "env": "prod",
    "salt": SALT,
    "iterations": 600_000,
}
KEY = {"accessKeyId": "READERSKEYID00000000", "secretAccessKey": "the-readers-secret-access-key"}
WRITER = {"AWS_ACCESS_KEY_ID": "WRITERKEYID000000000", "AWS_SECRET_ACCESS_KEY": "the-writers-secret-access-key"}
AT_THE_STORE = {**LOCATION, "endpoint": "https://store.example.com", "region": "auto"}


def refusal(vault: Vault, slot: Slot, text: str) -> RefusedError:
    with pytest.raises(RefusedError) as raised:
        checked(vault, slot, SecretText(text))
    assert raised.value.status == 2
    assert raised.value.__cause__ is raised.value.__context__ is None
    return raised.value


def blob(**changed: Any) -> str:
    return Blob({**LOCATION, **KEY, **changed}).encode()


def test_a_blob_is_told_by_its_key_and_stored_without_a_line_end() -> None:
    value = checked(VAULT, Slot.CONFIG, SecretText(blob() + "\r\n"))
    assert (value.told, value.text.reveal()) == ("a blob with access key READERSKEYID00000000", blob())


def test_a_location_is_told_as_one() -> None:
    value = checked(VAULT, Slot.CONFIG, SecretText(json.dumps(LOCATION)))
    assert value.told == "a location; the first rotation makes the first key"


@pytest.mark.parametrize("endpoint", ["https://s3.amazonaws.com", "https://s3.dualstack.eu-central-1.amazonaws.com"])
def test_aws_has_several_names_for_one_store(endpoint: str) -> None:
    assert checked(VAULT, Slot.CONFIG, SecretText(blob(endpoint=endpoint))).config is not None


def test_env_may_be_spelled_otherwise_as_the_vsync_command_has_it() -> None:
    assert checked(VAULT, Slot.CONFIG, SecretText(blob(env="Prod"))).config is not None


@pytest.mark.parametrize("endpoint", ["https://store.example.com:443/", "HTTPS://Store.Example.com"])
def test_another_store_may_be_spelled_otherwise(endpoint: str) -> None:
    at_the_store = Blob({**AT_THE_STORE, **KEY, "endpoint": endpoint}).encode()
    assert checked(ELSEWHERE, Slot.CONFIG, SecretText(at_the_store)).config is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bucket", "another-bucket"),
        ("prefix", "another/prefix/"),
        ("region", "us-east-1"),
        ("env", "staging"),
        ("endpoint", "https://store.example.com"),
        ("endpoint", "https://s3.eu-central-1.amazonaws.com.example.com"),
    ],
)
def test_a_place_other_than_the_files_is_one_line_with_both(field: str, value: str) -> None:
    (problem,) = refusal(VAULT, Slot.CONFIG, blob(**{field: value})).problems
    filed = LOCATION[field]
    assert problem.startswith(f"acme_web/prod, config: {field} is {value!r}, the deployment file says {filed!r}; ")


def test_another_stores_other_port_is_another_place() -> None:
    text = Blob({**AT_THE_STORE, **KEY, "endpoint": "https://store.example.com:8443"}).encode()
    assert "endpoint is 'https://store.example.com:8443'" in str(refusal(ELSEWHERE, Slot.CONFIG, text))


def test_a_key_that_does_not_rotate_has_no_location() -> None:
    assert "give the blob" in str(refusal(ELSEWHERE, Slot.CONFIG, json.dumps(AT_THE_STORE)))


@pytest.mark.parametrize(
    ("slot", "text", "told"),
    [
        (Slot.CONFIG, "", "neither a blob (vsync-cfg-v1:...) nor a location (JSON)"),
        (Slot.CONFIG, "vsync-cfg-v1:nonsense!", "outside the base64url alphabet"),
        (Slot.CONFIG, "vsync-cfg-v2:abcd", "version other than v1"),
        (Slot.CONFIG, json.dumps(WRITER), "a key pair, not a vault's blob or location"),
        (Slot.CONFIG, json.dumps({**LOCATION, **KEY}), "it is a decoded blob"),
        (Slot.CONFIG, json.dumps({**LOCATION, "iterations": 1}), "iterations is outside 1,000 to 10,000,000"),
        (Slot.WRITER, json.dumps(LOCATION), "give JSON with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (Slot.WRITER, "{}", "the location"),
        (Slot.PASSPHRASE, "", "it is empty"),
        (Slot.PASSPHRASE, "ends-in-a-line-end\n", "white space or a line end"),
        (Slot.PASSPHRASE, " begins-with-a-space", "white space or a line end"),
        (Slot.PASSPHRASE, "with\x00inside-of-it", "a control character"),
        (Slot.PASSPHRASE, "vsync-cfg-v1:abcdefgh", "a blob or JSON, not a passphrase"),
        (Slot.PASSPHRASE, json.dumps(WRITER), "a blob or JSON, not a passphrase"),
        (Slot.PASSPHRASE, "a" * 65_537, "more than 65536 bytes"),
    ],
)
def test_a_value_that_is_none_is_refused_and_not_repeated(slot: Slot, text: str, told: str) -> None:
    message = str(refusal(VAULT, slot, text))
    assert message.startswith(f"acme_web/prod, {slot}: ")
    assert told in message
    assert not text or text.strip() not in message


@pytest.mark.parametrize(
    "dress", ["VSYNC_CONFIG={0}", 'VSYNC_CONFIG="{0}"', "export VSYNC_CONFIG={0}", '"{0}"', "'{0}'"]
)
def test_a_blob_from_an_env_file_is_refused_with_what_to_give(dress: str) -> None:
    message = str(refusal(VAULT, Slot.CONFIG, dress.format(blob())))
    assert "give what stands behind the =, without quotes" in message


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (Slot.CONFIG, "{"),
        (Slot.CONFIG, json.dumps({**LOCATION, "prefix": "/"})),
        (Slot.CONFIG, json.dumps({**LOCATION, "iterations": 1})),
        (Slot.WRITER, "{}"),
    ],
)
def test_no_error_speaks_of_what_is_stored_where_nothing_is(slot: Slot, text: str) -> None:
    message = str(refusal(VAULT, slot, text))
    assert "config secret" not in message
    assert "; give " in message


def read(tmp_path: Path, text: bytes, mode: int = 0o600) -> values_file.Given:
    path = tmp_path / "values.json"
    path.write_bytes(text)
    path.chmod(mode)
    return values_file.read(str(path), {VAULT.id: VAULT})


def test_a_file_may_have_objects_where_their_text_would_be_awkward(tmp_path: Path) -> None:
    document = {VAULT.id: {"config": {"salt": SALT, "note": "kept"}, "passphrase": "opens-it", "writer": WRITER}}
    given = {slot: text.reveal() for (_, slot), text in read(tmp_path, json.dumps(document).encode()).items()}
    assert json.loads(given[Slot.CONFIG]) == {**LOCATION, "note": "kept"}
    assert json.loads(given[Slot.WRITER]) == WRITER
    assert given[Slot.PASSPHRASE] == "opens-it"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "not JSON at line 1, column 1"),
        (b"[]", "not a JSON object of vaults"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"acme_web/prod": {"config": "a", "config": "b"}}', "a name twice in one object"),
        (b'{"acme_web/test": {}}', "vaults that the deployment file has not: 'acme_web/test'"),
        (b'{"acme_web/prod": {}}', "give an object with one or more of config, passphrase, writer"),
        (b'{"acme_web/prod": "opens-it"}', "give an object with one or more of config, passphrase, writer"),
        (b'{"acme_web/prod": {"konfig": "a"}}', "unknown name 'konfig'"),
        (b'{"acme_web/prod": {"passphrase": {"a": 1}}}', "acme_web/prod, passphrase: the value must be text"),
        (b'{"acme_web/prod": {"config": 1}}', "acme_web/prod, config: the value must be text or an object"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_place(tmp_path: Path, text: bytes, told: str) -> None:
    with pytest.raises(RefusedError, match=told) as raised:
        read(tmp_path, text)
    assert raised.value.status == 2
    assert raised.value.__context__ is None


def test_a_value_in_a_names_place_is_not_repeated(tmp_path: Path) -> None:
    passphrase = "a-passphrase-that-stands-where-a-vault-should"
    with pytest.raises(RefusedError) as raised:
        read(tmp_path, json.dumps({passphrase: {}}).encode())
    assert passphrase not in str(raised.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(RefusedError, match="chmod 600"):
        read(tmp_path, b"{}", mode)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"cannot be read from .* \(FileNotFoundError\)"):
        values_file.read(str(tmp_path / "none.json"), {})
