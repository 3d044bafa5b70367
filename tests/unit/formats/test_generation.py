"""Generation cells (SPEC 7)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.errors import GenerationError, RotationError
from vsync_rotation.formats.generation import MAX_CELL_BYTES, MAX_GEN, GenerationCell, parse_metadata_gen

AT = "2026-05-01T09:15:00.000Z"


@pytest.mark.parametrize("body", [b"", b"{}", b" {} \n"])
def test_no_cell_is_generation_zero(body: bytes) -> None:
    assert GenerationCell.parse(body) == GenerationCell(gen=0)


def test_a_cell_as_the_cli_writes_it_is_read_whole() -> None:
    body = b'{"gen":4,"prev_gen":3,"rotated_at":"2026-05-01T09:15:00.000Z"}'
    cell = GenerationCell.parse(body)
    assert cell == GenerationCell(4, 3, AT)
    assert cell.encode() == body


def test_a_raised_cell_keeps_what_other_writers_hold_in_it() -> None:
    cell = GenerationCell.parse('{"note":"ü","gen":1,"deep":{"b":[1.5,null]}}'.encode())
    raised = cell.raised(gen=2, prev_gen=1, rotated_at=AT)
    expected = f'{{"gen":2,"prev_gen":1,"rotated_at":"{AT}","note":"ü","deep":{{"b":[1.5,null]}}}}'
    assert raised.encode().decode("utf-8") == expected


def test_a_number_without_a_fraction_counts() -> None:
    assert GenerationCell.parse(b'{"gen":4.0,"prev_gen":3e0}') == GenerationCell(4, 3)


@pytest.mark.parametrize("rotated_at", ['"zzz"', "5", "null", '"2026-05-01T09:15:00Z"', '""'])
def test_a_rotated_at_of_another_form_counts_as_missing(rotated_at: str) -> None:
    assert GenerationCell.parse(b'{"gen":1,"rotated_at":' + rotated_at.encode() + b"}").rotated_at is None


REFUSED = {
    "true": b'{"gen":true}',
    "null": b'{"gen":null}',
    "text": b'{"gen":"4"}',
    "negative": b'{"gen":-1}',
    "fraction": b'{"gen":0.5}',
    "overlarge": b'{"gen":1e400}',
    "2 to the 53": b'{"gen":9007199254740992}',
    "cannot be raised": b'{"gen":9007199254740991}',
    "gen is missing": b'{"prev_gen":1}',
    "prev_gen is null": b'{"gen":1,"prev_gen":null}',
    "prev_gen is negative": b'{"gen":1,"prev_gen":-1}',
    "array": b"[]",
    "null body": b"null",
    "number body": b"4",
    "white space": b" \n",
    "cut": b'{"gen":1',
    "gen twice": b'{"gen":1,"gen":2}',
    "seal": b"RQEM000120260501-091500",
    "utf-8 mark": b'\xef\xbb\xbf{"gen":1}',
    "latin-1": b'{"gen":1,"n":"\xfc"}',
    "lone surrogate": b'{"gen":1,"n":"\\ud800"}',
    "deep": b'{"gen":' + b"[" * 50_000,
    "large": b'{"gen":1,"n":"' + b"x" * MAX_CELL_BYTES + b'"}',
    "large when written back": b'{"gen":1,"n":[' + b"1e15," * 10_000 + b"1]}",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_a_generation_error(body: bytes) -> None:
    with pytest.raises(GenerationError) as caught:
        GenerationCell.parse(body)
    assert "delete it (without one, gen starts at 0)" in caught.value.remedy


def test_the_largest_generation_can_still_be_raised_exactly_for_every_reader() -> None:
    assert GenerationCell.parse(f'{{"gen":{MAX_GEN}}}'.encode()).gen + 1 == 2**53 - 1


@pytest.mark.parametrize(("text", "gen"), [("0", 0), ("42", 42), ("0042", 42), (str(MAX_GEN), MAX_GEN)])
def test_metadata_gen_is_ascii_digits(text: str, gen: int) -> None:
    assert parse_metadata_gen(text) == gen


@pytest.mark.parametrize("text", ["", "-1", "+1", "4.0", " 4", "4\n", "٤", "²", "true", str(MAX_GEN + 1), "9" * 5_000])
def test_another_metadata_gen_is_refused(text: str) -> None:
    with pytest.raises(GenerationError, match="metadata gen"):
        parse_metadata_gen(text)


counts = st.integers(0, MAX_GEN)
names = st.text(st.characters(exclude_categories=["Cs"])).filter(
    lambda name: name not in {"gen", "prev_gen", "rotated_at"}
)


@settings(deadline=None)
@given(counts, counts, st.dictionaries(names, st.none() | st.booleans() | st.integers() | st.just("ü\n"), max_size=3))
def test_what_is_encoded_is_read_back(gen: int, prev_gen: int, others: dict[str, object]) -> None:
    cell = GenerationCell(gen, prev_gen, AT, others)
    assert GenerationCell.parse(cell.encode()) == cell
    assert list(json.loads(cell.encode())) == ["gen", "prev_gen", "rotated_at", *others]


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: ('{"gen":' + text).encode("utf-8", "surrogatepass")))
def test_any_bytes_give_a_cell_or_the_family(body: bytes) -> None:
    try:
        cell = GenerationCell.parse(body)
    except RotationError as error:
        assert type(error) is GenerationError  # noqa: PT017 - either outcome is right
    else:
        assert GenerationCell.parse(cell.encode()) == cell
