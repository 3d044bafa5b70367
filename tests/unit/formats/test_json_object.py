"""JSON objects that remember where their values stand (SPEC 5.5 and 5.9)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.formats.json_object import MAX_DEPTH, JsonObject, MalformedJsonError, same_values
from vsync_rotation.redacted import SecretText

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), values, max_size=5)
spellings = st.sampled_from([None, 1, "\t"])


@settings(deadline=None)
@given(objects, spellings, st.booleans())
def test_an_object_means_what_the_standard_library_says(
    value: dict[str, object], indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert JsonObject.parse(text).values() == value
    assert list(JsonObject.parse(text).values()) == list(value)


@settings(deadline=None)
@given(objects, spellings, st.text())
def test_replacing_one_value_changes_nothing_else(
    others: dict[str, object], indent: int | str | None, new: str
) -> None:
    value = others | {"key": "old", "after": 1}
    text = json.dumps(value, indent=indent)
    replaced = JsonObject.parse(text).replace({"key": SecretText(new)})
    assert replaced.values() == value | {"key": new}
    assert replaced.text.reveal() == json.dumps(value | {"key": new}, indent=indent)


@settings(deadline=None)
@given(objects, spellings)
def test_inserting_after_a_member_is_spaced_as_that_member_is(
    others: dict[str, object], indent: int | str | None
) -> None:
    clean = {name: value for name, value in others.items() if name not in {"bucket", "new", "end"}}
    text = json.dumps(clean | {"bucket": "b", "end": 0}, indent=indent)
    inserted = JsonObject.parse(text).insert_after("bucket", {"new": SecretText("n")})
    expected = json.dumps(clean | {"bucket": "b", "new": "n", "end": 0}, indent=indent)
    assert json.loads(inserted.text.reveal()) == json.loads(expected)
    assert list(inserted.values()) == [*clean, "bucket", "new", "end"]
    if indent is not None and clean:
        assert inserted.text.reveal() == expected


def test_a_value_longer_or_shorter_than_the_old_one_does_not_shift_its_neighbour() -> None:
    document = JsonObject.parse('{"a":"1","b":"2","c":"3"}')
    replaced = document.replace({"a": SecretText("longer than before"), "c": SecretText("")})
    assert replaced.text.reveal() == '{"a":"longer than before","b":"2","c":""}'


def test_number_spellings_survive_and_an_overlarge_one_is_its_text() -> None:
    text = '{"a":1e400,"b":1.10,"c":-0,"d":1E5,"key":"k"}'
    document = JsonObject.parse(text)
    assert document.values()["a"] == "1e400"
    assert document.replace({"key": SecretText("n")}).text.reveal() == text.replace('"k"', '"n"')


DAMAGE = {
    "empty": "",
    "white space": " \n",
    "array": "[]",
    "string": '"{}"',
    "cut": '{"a":1',
    "cut in a name": '{"a',
    "cut behind the colon": '{"a":',
    "no colon": '{"a" 1}',
    "no comma": '{"a":1 "b":2}',
    "final comma": '{"a":1,}',
    "only a comma": "{,}",
    "name is a number": "{1:1}",
    "single quotes": "{'a':1}",
    "comment": '{"a":1} // x',
    "two objects": "{}{}",
    "brace too many": "{}}",
    "NaN": '{"a":NaN}',
    "Infinity": '{"a":-Infinity}',
    "nested NaN": '{"a":[NaN]}',
    "leading zero": '{"a":01}',
    "control character": '{"a":"\n"}',
    "no-break space": '\u00a0{"a":1}',
    "byte order mark": '\ufeff{"a":1}',
    "name twice": '{"a":1,"a":1}',
    "name twice by an escape": '{"a":1,"\\u0061":2}',
    "5,000 digits": '{"a":' + "9" * 5_000 + "}",
    "deep": '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep and open": "[" * 100_000,
    "deep objects": '{"a":' * 40 + "1" + "}" * 40,
}


@pytest.mark.parametrize("text", DAMAGE.values(), ids=DAMAGE.keys())
def test_anything_but_one_object_is_malformed(text: str) -> None:
    with pytest.raises(MalformedJsonError) as caught:
        JsonObject.parse(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_nesting_is_accepted_up_to_the_limit_and_brackets_in_strings_do_not_count() -> None:
    deepest = '{"a":' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    assert "a" in JsonObject.parse(deepest)
    assert JsonObject.parse('{"a":"' + "[" * 1000 + '\\"{"}').values() == {"a": "[" * 1000 + '"{'}
    with pytest.raises(MalformedJsonError, match="nested more than 32 deep"):
        JsonObject.parse('{"a":[' + deepest + "]}")


def test_a_nested_name_may_stand_twice_and_stays_as_it_is() -> None:
    text = '{"a":{"b":1,"b":2},"key":"k"}'
    assert JsonObject.parse(text).replace({"key": SecretText("k")}).text.reveal() == text


def test_the_repr_shows_no_value() -> None:
    document = JsonObject.parse('{"name":"marker"}')
    assert "marker" not in repr(document) + repr(document.members["name"])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [1, {"c": None}]}, {"b": [1, {"c": None}], "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": 0.1}, {"a": 0.2}, False),
        ({"a": None}, {}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
    ],
)
def test_sameness_is_of_values_and_kinds_and_not_of_order(
    one: dict[str, object], other: dict[str, object], same: bool
) -> None:
    assert same_values(one, other) is same


@settings(deadline=None)
@given(st.text() | st.text(alphabet='{}[]":,\\ \n0e-tnu').map(lambda text: "{" + text))
def test_any_text_gives_an_object_or_malformed(text: str) -> None:
    try:
        members = JsonObject.parse(text).members
    except MalformedJsonError:
        return
    assert {name: json.loads(text[member.start : member.end]) for name, member in members.items()} == json.loads(text)
