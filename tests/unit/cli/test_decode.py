"""`vsync-rotation decode` on standard input: what it shows, what it hides, and what it says about damage."""

import base64
import gzip
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from vsync_rotation_cli.decode import standard_input
from vsync_rotation_cli.decode.bad_input import BadInputError
from vsync_rotation_cli.main import main

Command = Callable[..., Any]

SECRET = "not-anybodys-secret-but-as-long-as-one"
FIELDS: Mapping[str, Any] = {
    "v": 1,
    "endpoint": "https://s3.eu-central-1.amazonaws.com",
    "region": "eu-central-1",
    "bucket": "vault-bucket",
    "accessKeyId": "KEY-ID-OF-A-TEST",
    "secretAccessKey": SECRET,
    "prefix": "acme_web/prod/",
    "env": "prod",
    "salt": "salt-of-a-vault-in-a-test",
    "iterations": 600_000,
}
LOCATION = {name: value for name, value in FIELDS.items() if name not in {"accessKeyId", "secretAccessKey"}}
KEY_PAIR = {"AWS_ACCESS_KEY_ID": "KEY-ID-OF-A-TEST", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "eu-central-1"}


def packed(content: bytes) -> bytes:
    return b"vsync-cfg-v1:" + base64.urlsafe_b64encode(content).rstrip(b"=")


def blob(**changes: Any) -> bytes:
    """A blob; a field that is changed to None is left out."""
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
    return packed(gzip.compress(json.dumps(fields).encode(), mtime=0))


def blob_in_standard_base64() -> bytes:
    """A good blob but for its padding."""
    contents = (gzip.compress(json.dumps({**FIELDS, "note": "abcdefgh"[:n]}).encode(), mtime=0) for n in range(8))
    return b"vsync-cfg-v1:" + base64.b64encode(next(content for content in contents if len(content) % 3))


GOOD = blob()
DAMAGES: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "standard input is empty"),
    "only a newline": (b"\n", "standard input is empty"),
    "no blob": (b"hello", "neither a vsync-cfg-v1: blob nor a JSON object"),
    "prefix alone": (b"vsync-cfg-v1:", "nothing follows the blob's prefix"),
    "standard base64": (blob_in_standard_base64(), "outside the base64url alphabet"),
    "one character short": (packed(gzip.compress(b"{}", mtime=0) + b"\0")[:-2], "base64url"),
    "cut short within gzip": (GOOD[: 13 + (len(GOOD) - 13) // 8 * 4], "gzip content is cut short"),
    "no gzip": (packed(b"plain text"), "content is not gzip"),
    "damaged gzip": (packed(gzip.compress(b"{}", mtime=0)[:-8] + b"\0" * 8), "gzip content is damaged"),
    "bytes behind gzip": (packed(gzip.compress(b"{}", mtime=0) + b"more"), "4 bytes follow"),
    "gzip bomb": (packed(gzip.compress(b" " * 1_000_000, mtime=0)), "inflates to more than 65536 bytes"),
    "no UTF-8 inside": (packed(gzip.compress(b"\xff", mtime=0)), "content is not UTF-8 at byte 0"),
    "no JSON": (packed(gzip.compress(b"nothing", mtime=0)), "not the JSON object it should be"),
    "a JSON list": (packed(gzip.compress(b"[1]", mtime=0)), "'{' is missing at character 0"),
    "v 99": (blob(v=99), "the field v of the blob is not 1"),
    "v2 prefix": (b"vsync-cfg-v2:" + GOOD[13:], "names a version other than v1"),
    "no bucket": (blob(bucket=None), "the blob lacks bucket"),
    "bucket a number": (blob(bucket=7), "the field bucket of the blob must be a string, found an integer"),
    "too few iterations": (blob(iterations=999), "the field iterations is outside 1,000 to 10,000,000"),
    "too many iterations": (blob(iterations=10_000_001), "the field iterations is outside 1,000 to 10,000,000"),
    "endpoint without scheme": (blob(endpoint="s3.example.com"), "the endpoint has no scheme"),
    "no UTF-8": (b"vsync-cfg-v1:\xff", "the input is not UTF-8 text at byte 13"),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD, "begins with a byte order mark"),
    "too much": (b"x" * 65_539, "the input has more than 65536 bytes"),
    "location of v 99": (json.dumps({**LOCATION, "v": 99}).encode(), "the field v of the location is not 1"),
    "decoded blob": (json.dumps(FIELDS).encode(), "so it is a decoded blob"),
    "half a key pair": (b'{"AWS_ACCESS_KEY_ID": "KEY-ID-OF-A-TEST"}', "the key pair lacks AWS_SECRET_ACCESS_KEY"),
    "broken JSON": (b'{"v": 1,', "begins like JSON but is no JSON object"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_told_in_one_line_with_status_2(command: Command, damage: str) -> None:
    given, told = DAMAGES[damage]
    ran = command(["decode"], given)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("vsync-rotation decode: ")
    assert told in ran.err
    assert (ran.err.count("\n"), ran.err[-1]) == (1, "\n")


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({"endpoint": "http://minio.internal:9000"}, "plain http to a host that is not loopback"),
        ({"prefix": "acme/prod"}, "does not end in a slash"),
    ],
)
def test_a_blob_that_others_boot_from_is_shown_with_the_reason_why_it_is_not_rotated(
    command: Command, changes: dict[str, object], objection: str
) -> None:
    ran = command(["decode", "--json"], blob(**changes))
    assert ran.status == 0
    assert json.loads(ran.out).items() >= changes.items()
    assert SECRET not in ran.out
    assert objection in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("damage", [name for name, (given, _told) in DAMAGES.items() if len(given) > 20])
def test_a_refusal_echoes_nothing_of_the_input(command: Command, damage: str) -> None:
    given, _told = DAMAGES[damage]
    err = command(["decode"], given).err
    assert SECRET not in err
    assert given.removeprefix(b"vsync-cfg-v1:")[:20].decode("utf-8", "replace") not in err


def test_a_blob_is_shown_field_by_field_in_its_order_with_the_secret_redacted(command: Command) -> None:
    ran = command(["decode"], blob(team="web", sync={"every": 5}))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "v                1",
        "endpoint         https://s3.eu-central-1.amazonaws.com",
        "region           eu-central-1",
        "bucket           vault-bucket",
        "accessKeyId      KEY-ID-OF-A-TEST",
        "secretAccessKey  <redacted>",
        "prefix           acme_web/prod/",
        "env              prod",
        "salt             salt-of-a-vault-in-a-test",
        "iterations       600000",
        "team             web",
        'sync             {"every": 5}',
    ]


def test_json_is_one_object_with_the_fields_in_their_order(command: Command) -> None:
    ran = command(["decode", "--json"], blob(team="web"))
    assert (ran.status, ran.err) == (0, "")
    expected = {**FIELDS, "secretAccessKey": "<redacted>", "team": "web"}
    assert list(json.loads(ran.out).items()) == list(expected.items())


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b" \n"])
def test_a_line_end_behind_the_value_changes_nothing(command: Command, end: bytes) -> None:
    assert command(["decode"], GOOD + end) == command(["decode"], GOOD)


@pytest.mark.parametrize(
    ("value", "told", "hidden"),
    [(LOCATION, "this is a location", None), (KEY_PAIR, "this is a plain IAM key pair", "AWS_SECRET_ACCESS_KEY")],
)
def test_the_other_two_forms_are_shown_and_named_on_standard_error(
    command: Command, value: Mapping[str, Any], told: str, hidden: str | None
) -> None:
    ran = command(["decode", "--json"], json.dumps(value).encode())
    assert ran.status == 0
    assert told in ran.err
    redacted = {hidden: "<redacted>"} if hidden else {}
    assert list(json.loads(ran.out).items()) == list({**value, **redacted}.items())


@pytest.mark.parametrize(
    "given",
    [
        blob(),
        blob(copy=f"again {SECRET}"),
        blob(s3={"keys": [{"secretAccessKey": "another-one"}, SECRET]}),
        json.dumps(KEY_PAIR).encode(),
        json.dumps({**KEY_PAIR, "DB_PASSWORD": "another-one", "nested": {"apiToken": "another-one"}}).encode(),
    ],
    ids=["in its field", "repeated in another", "nested", "in a key pair", "beside other secrets"],
)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "json"])
def test_no_secret_is_ever_shown(command: Command, form: Sequence[str], given: bytes) -> None:
    ran = command(["decode", *form], given)
    assert ran.status == 0
    assert SECRET not in ran.out + ran.err
    assert "another-one" not in ran.out + ran.err


def test_control_characters_of_a_field_never_reach_the_terminal(command: Command) -> None:
    out = command(["decode"], blob(**{"no\x1bte": "red \x1b[31m\nsecond line"})).out
    assert out.splitlines()[-1] == r'"no\u001bte"     "red \u001b[31m\nsecond line"'


def test_a_blob_too_full_to_be_rotated_is_still_shown(command: Command) -> None:
    note = "".join(chr(97 + (i * i + i // 7) % 26) for i in range(64_700))
    ran = command(["decode", "--json"], blob(note=note))
    assert (ran.status, json.loads(ran.out)["note"]) == (0, note)


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_to_give_a_value() -> None:
    with pytest.raises(BadInputError, match="standard input is a terminal") as refusal:
        standard_input.read(_Terminal(io.BytesIO(GOOD)))
    assert "vsync-rotation decode < blob.txt" in refusal.value.remedy


def test_a_closed_standard_input_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["decode"]) == 2
    assert "standard input is closed" in capsys.readouterr().err


def test_where_a_secret_is_needs_the_secret(command: Command) -> None:
    ran = command(["decode", "--region", "eu-central-1"], GOOD)
    assert (ran.status, ran.out) == (2, "")
    assert "name the secret with --secret-id" in ran.err
