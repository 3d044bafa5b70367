"""Blobs, locations and key pairs (SPEC 5)."""

import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.errors import BlobError, RotationError, SettingsError, UnsupportedVersionError
from vsync_rotation.formats.blob_envelope import pack, unpack
from vsync_rotation.formats.config_blob import ConfigBlob, Location, parse_config_blob, read_blob
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import differs_in_credentials_only, parse_key_secret
from vsync_rotation.redacted import SecretText

FIELDS: Final[dict[str, object]] = {
    "v": 1,
    "endpoint": "https://s3.example",
    "region": "eu-central-1",
    "bucket": "mill-vault",
    "accessKeyId": "EXAMPLE-KEY-ID-ONE",
    "secretAccessKey": "marker-secret-half",
    "prefix": "mill/prod/",
    "env": "Prod",
    "salt": "marker-salt-16-or-more",
    "iterations": 600_000,
}
LOCATION: Final = {name: value for name, value in FIELDS.items() if name not in {"accessKeyId", "secretAccessKey"}}
NEW: Final = Credentials("EXAMPLE-KEY-ID-TWO", SecretText('other"half\\'))


def blob(**changes: object) -> SecretText:
    return pack(SecretText(json.dumps(FIELDS | changes)))


def blob_without(name: str) -> SecretText:
    return pack(SecretText(json.dumps({key: value for key, value in FIELDS.items() if key != name})))


def text_of(value: object) -> SecretText:
    return SecretText(json.dumps(value))


def test_a_blob_gives_its_config_and_its_credentials() -> None:
    parsed = parse_config_blob(blob())
    config = parsed.config
    assert (config.endpoint.url, config.region, config.bucket) == ("https://s3.example", "eu-central-1", "mill-vault")
    assert (config.prefix, config.env, config.salt) == ("mill/prod/", "Prod", "marker-salt-16-or-more")
    assert config.iterations == 600_000
    assert parsed.credentials == Credentials("EXAMPLE-KEY-ID-ONE", SecretText("marker-secret-half"))


def test_a_blob_read_for_people_has_all_fields_in_their_order() -> None:
    values = read_blob(blob(note=[1])).document.values()
    assert list(values.items()) == list((FIELDS | {"note": [1]}).items())


def test_no_repr_shows_a_secret_or_the_salt() -> None:
    values = [parse_config_blob(blob()), parse_key_secret(text_of(LOCATION))]
    values.append(parse_key_secret(text_of({"AWS_ACCESS_KEY_ID": "ID", "AWS_SECRET_ACCESS_KEY": "marker-secret"})))
    assert "marker" not in repr(values) + str(values)


BLOB_DAMAGE: Final = {
    "v is missing": (blob_without("v"), "lacks v"),
    "v is true": (blob(v=True), "v of the blob must be an integer, found true or false"),
    "v is 1.0": (blob(v=1.0), "v of the blob must be an integer, found a number with a fraction"),
    "v is text": (blob(v="1"), "v of the blob must be an integer, found a string"),
    "endpoint is missing": (blob_without("endpoint"), "lacks endpoint"),
    "endpoint is empty": (blob(endpoint=""), "endpoint of the blob is empty"),
    "region is null": (blob(region=None), "region of the blob must be a string, found null"),
    "region has a slash": (blob(region="eu/central"), "region of the blob must be at most 64"),
    "region has a newline": (blob(region="eu\n"), "region of the blob must be at most 64"),
    "bucket is missing": (blob_without("bucket"), "lacks bucket"),
    "bucket is empty": (blob(bucket=""), "bucket of the blob is empty"),
    "bucket has a slash": (blob(bucket="mill/vault"), "bucket of the blob must be 3 to 255"),
    "access key id is missing": (blob_without("accessKeyId"), "lacks accessKeyId"),
    "access key id is empty": (blob(accessKeyId=""), "accessKeyId of the blob is empty"),
    "secret half is missing": (blob_without("secretAccessKey"), "lacks secretAccessKey"),
    "secret half has a newline": (blob(secretAccessKey="marker\n"), "secretAccessKey of the blob must be at most 128"),
    "secret half is long": (blob(secretAccessKey="m" * 129), "(it has 129 characters)"),
    "secret half is a list": (blob(secretAccessKey=["marker"]), "must be a string, found an array"),
    "prefix is missing": (blob_without("prefix"), "lacks prefix"),
    "prefix is null": (blob(prefix=None), "prefix of the blob must be a string, found null"),
    "env is missing": (blob_without("env"), "lacks env"),
    "env climbs": (blob(env="../prod"), "env of the blob must be"),
    "salt is missing": (blob_without("salt"), "lacks salt"),
    "salt has 15 characters": (blob(salt="m" * 15), "salt of the blob must be at least 16"),
    "salt has a lone surrogate": (blob(salt="\ud800" * 16), "salt of the blob must be"),
    "iterations are missing": (blob_without("iterations"), "lacks iterations"),
    "iterations are text": (blob(iterations="600000"), "iterations of the blob must be an integer, found a string"),
    "iterations have a fraction": (blob(iterations=600000.0), "iterations of the blob must be an integer"),
    "iterations are true": (blob(iterations=True), "iterations of the blob must be an integer"),
    "not an object": (pack(SecretText("[1]")), "'{' is missing at character 0"),
}


@pytest.mark.parametrize(("text", "message"), BLOB_DAMAGE.values(), ids=BLOB_DAMAGE.keys())
def test_a_damaged_field_is_a_blob_error_that_names_it_and_shows_no_value(text: SecretText, message: str) -> None:
    for parse in (parse_config_blob, read_blob, parse_key_secret):
        with pytest.raises(BlobError) as caught:
            parse(text)
        assert message in caught.value.what
        assert "marker" not in str(caught.value)


NOT_ALLOWED: Final = {
    "endpoint without a scheme": ({"endpoint": "s3.example"}, "no scheme"),
    "plain http": ({"endpoint": "http://s3.example"}, "plain http"),
    "prefix without a slash": ({"prefix": "mill/prod"}, "does not end in a slash"),
    "prefix with a slash first": ({"prefix": "/mill/"}, "begins with a slash"),
    "prefix is long": ({"prefix": "ü" * 256 + "/"}, "more than 512 bytes"),
    "prefix with a control character": ({"prefix": "mill\x00/"}, "control character"),
    "prefix with a surrogate": ({"prefix": "\ud800/"}, "control character"),
    "too few iterations": ({"iterations": 999}, "outside 1,000 to 10,000,000"),
    "too many iterations": ({"iterations": 10_000_001}, "outside 1,000 to 10,000,000"),
    "negative iterations": ({"iterations": -600_000}, "outside 1,000 to 10,000,000"),
}


@pytest.mark.parametrize(("changes", "message"), NOT_ALLOWED.values(), ids=NOT_ALLOWED.keys())
def test_what_is_well_formed_and_not_allowed_is_a_settings_error_and_can_still_be_shown(
    changes: dict[str, object], message: str
) -> None:
    for parse, text in ((parse_config_blob, blob(**changes)), (parse_key_secret, text_of(LOCATION | changes))):
        with pytest.raises(SettingsError) as caught:
            parse(text)
        assert message in caught.value.what
    assert read_blob(blob(**changes)).document.values() == FIELDS | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"prefix": ""},
        {"prefix": "m" * 511 + "/"},
        {"iterations": 1_000},
        {"iterations": 10_000_000},
        {"salt": "ü" * 16},
    ],
)
def test_the_edges_of_what_is_allowed_are_allowed(changes: dict[str, object]) -> None:
    assert parse_config_blob(blob(**changes)).document.values() == FIELDS | changes


@pytest.mark.parametrize("version", [0, 2, 99, -1, 10**30])
def test_another_version_is_named_before_anything_else_is_looked_at(version: int) -> None:
    for text in (blob(v=version), pack(text_of({"v": version})), text_of({"v": version})):
        with pytest.raises(UnsupportedVersionError):
            parse_key_secret(text)


def test_a_new_key_changes_two_values_and_no_other_character() -> None:
    text = json.dumps(FIELDS | {"note": "marker-secret-half"}, indent=3)
    minted = parse_config_blob(pack(SecretText(text))).with_credentials(NEW)
    expected = text.replace('"EXAMPLE-KEY-ID-ONE"', '"EXAMPLE-KEY-ID-TWO"')
    expected = expected.replace('"marker-secret-half",\n   "prefix"', '"other\\"half\\\\",\n   "prefix"')
    assert unpack(minted.mint()).reveal() == expected
    assert parse_config_blob(minted.mint()) == minted
    assert minted.credentials == NEW


def test_the_first_blob_of_a_location_is_in_vsyncs_order() -> None:
    location = parse_key_secret(SecretText(json.dumps(LOCATION, indent=2) + "\n"))
    assert isinstance(location, Location)
    minted = location.with_credentials(NEW)
    assert isinstance(minted, ConfigBlob)
    expected = FIELDS | {"accessKeyId": NEW.access_key_id, "secretAccessKey": NEW.secret_access_key.reveal()}
    assert unpack(minted.mint()).reveal() == json.dumps(expected, indent=2)
    assert parse_config_blob(minted.mint()) == minted


def test_a_key_pair_keeps_its_other_fields_and_its_text() -> None:
    text = '{ "host": "db", "AWS_ACCESS_KEY_ID": "ID-ONE", "n": 1e400, "AWS_SECRET_ACCESS_KEY": "half" }'
    pair = parse_key_secret(SecretText(text))
    assert isinstance(pair, KeyPair)
    minted = pair.with_credentials(NEW).mint().reveal()
    assert minted == text.replace('"ID-ONE"', '"EXAMPLE-KEY-ID-TWO"').replace('"half"', '"other\\"half\\\\"')


JSON_REFUSED: Final[dict[str, tuple[object, str]]] = {
    "location with an id": (LOCATION | {"accessKeyId": "marker"}, "carries the field accessKeyId"),
    "location with a secret half": (LOCATION | {"secretAccessKey": "marker"}, "carries the field secretAccessKey"),
    "decoded blob": (FIELDS, "carries the field accessKeyId"),
    "empty object": ({}, "the location lacks v"),
    "almost empty": ({"v": 1, "bucket": "mill-vault"}, "lacks endpoint, region, prefix, env, salt, iterations"),
    "location of wrong form": (LOCATION | {"bucket": 5}, "bucket of the location must be a string, found an integer"),
    "location with iterations as text": (
        LOCATION | {"iterations": "1000"},
        "iterations of the location must be an int",
    ),
    "id alone": ({"AWS_ACCESS_KEY_ID": "marker"}, "the key pair lacks AWS_SECRET_ACCESS_KEY"),
    "secret half alone": ({"AWS_SECRET_ACCESS_KEY": "marker"}, "the key pair lacks AWS_ACCESS_KEY_ID"),
    "empty id": ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "marker"}, "AWS_ACCESS_KEY_ID of the key pair is"),
    "null half": ({"AWS_ACCESS_KEY_ID": "ID", "AWS_SECRET_ACCESS_KEY": None}, "must be a string, found null"),
}


@pytest.mark.parametrize(("value", "message"), JSON_REFUSED.values(), ids=JSON_REFUSED.keys())
def test_a_json_object_that_is_neither_is_a_settings_error(value: object, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_key_secret(text_of(value))
    assert message in caught.value.what
    assert "marker" not in str(caught.value)


OTHER_TEXT: Final = {
    "empty": "",
    "word": "marker",
    "array": "[]",
    "string": '"marker"',
    "cut": '{"marker":',
    "twice": '{"v":1}{"v":1}',
    "deep": '{"a":' + "[" * 5_000,
    "surrogate": '{"a":"\ud800"}',
    "large": '{"a":"' + "x" * 65_536 + '"}',
}


@pytest.mark.parametrize("text", OTHER_TEXT.values(), ids=OTHER_TEXT.keys())
def test_other_text_is_a_blob_error_that_says_what_was_expected(text: str) -> None:
    with pytest.raises(BlobError) as caught:
        parse_key_secret(SecretText(text))
    assert "vsync-cfg-v1:" in caught.value.remedy
    assert "AWS_ACCESS_KEY_ID" in caught.value.remedy
    assert "marker" not in str(caught.value)


@pytest.mark.parametrize("base", [FIELDS, LOCATION, {"AWS_ACCESS_KEY_ID": "ID", "AWS_SECRET_ACCESS_KEY": "half"}])
def test_a_value_without_room_for_a_new_key_is_refused_before_one_is_made(base: dict[str, object]) -> None:
    def held(size: int) -> SecretText:
        text = text_of(base | {"note": "x" * size})
        return pack(text) if "accessKeyId" in base else text

    spare = 65_536 - 1_024 - len(json.dumps(base | {"note": ""}))
    widest = Credentials("i" * 128, SecretText("\\" * 128))
    assert len(parse_key_secret(held(spare)).with_credentials(widest).mint().reveal()) <= 65_536
    with pytest.raises(SettingsError, match="leaves no room"):
        parse_key_secret(held(spare + 1))


def changed(value: object) -> Any:
    return parse_key_secret(text_of(value))


def test_a_blob_differs_from_the_location_it_was_made_from_in_credentials_only() -> None:
    location = changed(LOCATION)
    made = location.with_credentials(NEW)
    assert differs_in_credentials_only(location, made)
    assert differs_in_credentials_only(made, location)
    assert differs_in_credentials_only(made, made.with_credentials(Credentials("ID", SecretText("half"))))


@pytest.mark.parametrize("changes", [{"bucket": "other-vault"}, {"salt": "x" * 16}, {"note": 1}, {"prefix": ""}])
def test_any_other_difference_counts(changes: dict[str, object]) -> None:
    assert not differs_in_credentials_only(changed(LOCATION), changed(LOCATION | changes))
    assert not differs_in_credentials_only(parse_config_blob(blob()), changed(LOCATION | changes))


def test_order_and_spacing_do_not_count() -> None:
    turned = SecretText(json.dumps(dict(reversed(LOCATION.items())), indent=4))
    assert differs_in_credentials_only(parse_config_blob(blob()), parse_key_secret(turned))


def test_a_key_pair_is_compared_with_key_pairs_only() -> None:
    one = changed({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "a", "n": 1})
    two = changed({"n": 1, "AWS_ACCESS_KEY_ID": "B", "AWS_SECRET_ACCESS_KEY": "b"})
    three = changed({"n": 2, "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "a"})
    assert differs_in_credentials_only(one, two)
    assert not differs_in_credentials_only(one, three)
    assert not differs_in_credentials_only(one, changed(LOCATION))
    assert not differs_in_credentials_only(parse_config_blob(blob()), one)


unknown = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"])).filter(
        lambda name: name not in FIELDS and not name.startswith("AWS_")
    ),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    max_size=4,
)
printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=128)


@settings(deadline=None)
@given(unknown, printable, printable)
def test_minting_keeps_unknown_fields_and_order_for_any_key(extra: dict[str, object], key_id: str, half: str) -> None:
    before = parse_config_blob(blob(**extra))
    after = parse_config_blob(before.with_credentials(Credentials(key_id, SecretText(half))).mint())
    changed = {"accessKeyId": key_id, "secretAccessKey": half}
    assert list(after.document.values().items()) == list((before.document.values() | changed).items())
    assert after.credentials.secret_access_key.reveal() == half
    assert differs_in_credentials_only(before, after)


@settings(deadline=None)
@given(
    st.text()
    | st.builds(
        lambda changes: json.dumps(LOCATION | changes),
        st.dictionaries(st.sampled_from(list(FIELDS)), st.none() | st.text() | st.integers()),
    )
    | st.builds(
        lambda changes: blob(**changes).reveal(),
        st.dictionaries(st.sampled_from(list(FIELDS)), st.none() | st.text() | st.floats()),
    )
)
def test_any_text_gives_a_key_secret_or_the_family(text: str) -> None:
    try:
        parsed = parse_key_secret(SecretText(text))
    except RotationError as error:
        assert type(error) in {BlobError, SettingsError, UnsupportedVersionError}  # noqa: PT017 - either is right
    else:
        assert parse_key_secret(parsed.with_credentials(NEW).mint()).document.values()
