"""What is remembered of a secret: it comes back as it was, and what is damaged counts as not remembered."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.memory.checks import CheckRecord, Reported, Seen, checks_name

texts = st.text(max_size=12)
maps = st.dictionaries(texts, texts, max_size=3)
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(9999, 1, 1)).map(  # noqa: DTZ001 - made aware
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
seen = st.builds(
    Seen,
    place=maps,
    config_version=texts,
    settings=maps,
    labels=maps,
    objects=st.dictionaries(texts, st.none() | texts, max_size=4),
)
records = st.builds(
    CheckRecord,
    seen=st.none() | seen,
    findings=st.dictionaries(texts, st.builds(Reported, texts, texts), max_size=3),
    rotation=maps,
    gen=st.none() | st.integers(0, 2**53),
    version_id=st.none() | texts,
    since=st.none() | instants,
    told_at=st.none() | instants,
    pruned_at=st.none() | instants,
    gate=st.none() | st.dictionaries(texts, st.integers() | st.lists(texts), min_size=1, max_size=2),
)
FULL = CheckRecord(
    seen=Seen({"bucket": "b"}, "v1", {"vsync-rotation:kind": "vault-passphrase"}, {"AWSCURRENT": "v2"}, {"k": None}),
    findings={"p/manifest": Reported("runtime", "opens-with-none")},
    rotation={"stuck": "v3"},
    gen=7,
    version_id="v2",
    since=datetime(2026, 3, 1, tzinfo=UTC),
    told_at=datetime(2026, 3, 2, tzinfo=UTC),
    pruned_at=datetime(2026, 3, 3, tzinfo=UTC),
    gate={"version_id": "v2", "waiting": {}, "passed": ["web"]},
)


@given(records)
@settings(max_examples=25)
def test_a_record_comes_back_as_it_was(record: CheckRecord) -> None:
    text = record.encode()
    assert CheckRecord.parse(text) == record
    assert CheckRecord.parse(text).encode() == text
    assert text.isascii()


def test_nothing_remembered_is_an_empty_record() -> None:
    assert CheckRecord.parse(None) == CheckRecord.parse("") == CheckRecord.parse("{}") == CheckRecord()
    assert CheckRecord().encode() == "{}"


def test_the_same_findings_in_another_order_are_the_same_text() -> None:
    one, two = Reported("cli", "x"), Reported("runtime", "y")
    assert CheckRecord(findings={"a": one, "b": two}).encode() == CheckRecord(findings={"b": two, "a": one}).encode()


def test_a_field_of_a_later_release_is_no_damage() -> None:
    members = json.loads(FULL.encode()) | {"of_tomorrow": [1]}
    assert CheckRecord.parse(json.dumps(members)) == FULL


@pytest.mark.parametrize(
    "text",
    [
        "null", "[]", "7", '"text"', "{", "\0", '{"seen":7}', '{"seen":{}}', '{"seen":{"place":7}}',
        '{"seen":{"place":{},"config":"v","settings":{},"labels":{},"objects":[]}}',
        '{"gen":"x"}', '{"gen":[]}', '{"gen":NaN}', '{"gen":Infinity}', '{"gen":1e999}', '{"gen":-1e999}',
        '{"since":"yesterday"}', '{"since":7}', '{"since":"2026-03-01"}', '{"since":"0000-00-00T00:00:00Z"}',
        '{"findings":[7]}', '{"findings":{"a":["b"]}}', '{"findings":{"a":7}}', '{"rotation":7}', '{"rotation":[1]}',
        '{"gate":7}', '{"gate":[[1,2,3]]}', "[" * 4_000, '{"a":' * 4_000, '{"gen":' + "9" * 5_000 + "}",
    ],
)  # fmt: skip
def test_what_is_damaged_counts_as_not_remembered(text: str) -> None:
    assert CheckRecord.parse(text) == CheckRecord()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(json.loads(FULL.encode()))


@given(st.sampled_from(FIELDS), json_values)
@settings(max_examples=100)
def test_any_value_in_any_field_is_read_or_counts_as_nothing(field: str, value: object) -> None:
    record = CheckRecord.parse(json.dumps(json.loads(FULL.encode()) | {field: value}))
    assert CheckRecord.parse(record.encode()).encode() == record.encode()


def test_each_secret_has_a_parameter_of_its_own() -> None:
    names = ["a/b", "a.b", "a b", "a_b", "/a/b", "a/b/", "a//b", "A/B"]
    assert len({checks_name(name) for name in names}) == len(names)
    assert checks_name("acme_web/prod/VSYNC_PASSPHRASE") == "/vsync-rotation/checked/acme_web/prod/VSYNC_PASSPHRASE"
