"""A generation cell is counted on from, or refused before anything is written; what others keep in it stays."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.measures import KIB, MIB, calls_made, peak_bytes
from tests.fuzz.mutations import HOSTILE_VALUES, any_bytes, any_text, damaged_bytes, hostile_objects, odd_text
from tests.fuzz.refusals import CANARY, assert_refused, read
from tests.unit.vault.bucket import MADE, MemoryBucket
from vsync_rotation.errors import GenerationError
from vsync_rotation.formats.generation import MAX_GEN, GenerationCell, parse_metadata_gen
from vsync_rotation.formats.pointer import Pointer
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault import generations
from vsync_rotation.vault.layouts import FoundLayout, Layout, cli_layout, runtime_layout
from vsync_rotation.vault.ports import ETag, ObjectInfo, SmallObject

TIMESTAMP = Timestamp("20260301-120000")
AT = TIMESTAMP.iso_milliseconds()
FIELDS: Final[dict[str, Any]] = {
    "gen": 4,
    "prev_gen": 3,
    "rotated_at": AT,
    "note": CANARY,
    "deep": {"a": [1.5, None, "ü"]},
}
OWN: Final = ("gen", "prev_gen", "rotated_at")
MOST: Final = 2**53 - 1  # what a reader with one kind of number still counts exactly

cells = st.one_of(
    hostile_objects(FIELDS).map(lambda text: text.encode("utf-8", "surrogatepass")),
    hostile_objects({"gen": 4}).map(lambda text: text.encode("utf-8", "surrogatepass")),
    damaged_bytes(json.dumps(FIELDS).encode()),
    any_bytes,
)


def cell_in(body: bytes) -> GenerationCell | None:
    return read(lambda: GenerationCell.parse(body), GenerationError)


def others_in(body: bytes) -> dict[str, str]:
    """The fields of other writers as every reader understands them, kinds of numbers told apart."""
    return {name: repr(value) for name, value in json.loads(body or b"{}").items() if name not in OWN}


@given(cells)
def test_a_cell_is_refused_or_raised_with_all_that_others_keep_in_it(body: bytes) -> None:
    cell = cell_in(body)
    if cell is None:
        return
    assert GenerationCell.parse(cell.encode()) == cell
    raised = cell.raised(cell.gen + 1, cell.gen, AT).encode()
    assert others_in(raised) == others_in(body)
    assert (json.loads(raised)["gen"], json.loads(raised)["prev_gen"]) == (cell.gen + 1, cell.gen)
    assert cell.gen + 1 <= MOST


@pytest.mark.parametrize("number", ["1e400", "-1e400", "[1e400]", '{"a":{"b":[1e999]}}'])
def test_a_number_that_cannot_be_written_back_as_it_was_is_refused_or_kept(number: str) -> None:
    body = f'{{"gen":1,"others":{number}}}'.encode()
    cell = cell_in(body)
    assert cell is None or others_in(cell.encode()) == others_in(body)


@pytest.mark.parametrize("name", ["gen", "prev_gen"])
def test_a_count_is_an_integer_that_can_still_be_raised_or_refused(name: str) -> None:
    for value in HOSTILE_VALUES:
        body = json.dumps({**FIELDS, name: "here"}).replace('"here"', value).encode("utf-8", "surrogatepass")
        cell = cell_in(body)
        if cell is not None:
            assert 0 <= cell.gen <= MAX_GEN, value
            assert cell.prev_gen is None or 0 <= cell.prev_gen <= MAX_GEN, value


@pytest.mark.parametrize(
    "text",
    ["9999-99-99T99:99:99.999Z", "2026-02-30T00:00:00.000Z", "2026-03-01T24:00:00.000Z", "0000-00-00T00:00:00.000Z", "2026-03-01T12:00:60.000Z"],
)  # fmt: skip
def test_a_rotated_at_that_names_no_instant_counts_as_missing(text: str) -> None:
    """It would sort behind every instant there is: the cell would seem to tell of a later rotation for ever."""
    assert GenerationCell.parse(json.dumps({"gen": 1, "rotated_at": text}).encode()).rotated_at is None


@given(st.integers(0, 2**70).map(str) | any_text | odd_text | st.from_regex(r"\A[0-9]{1,18}\Z"))
def test_metadata_is_a_count_or_refused(text: str) -> None:
    gen = read(lambda: parse_metadata_gen(text), GenerationError)
    if gen is not None:
        assert text.isascii()
        assert gen == int(text) <= MAX_GEN


def found(layout: Layout, gen: str | None) -> FoundLayout:
    metadata = {} if gen is None else {"gen": gen}
    info = ObjectInfo(layout.pointer_key, ETag('"e"'), 15, MADE, metadata, {})
    return FoundLayout(layout, Pointer(TIMESTAMP, sealed=False), SmallObject(info, b""))


# Also cells that pretend to be this rotation's own.
own_cells = st.builds(
    lambda gen: json.dumps({"gen": gen, "rotated_at": AT}).encode(), st.integers(0, 3) | st.just(MAX_GEN)
)
counts = st.none() | st.integers(0, 3).map(str) | st.just(str(MAX_GEN))


@given(st.tuples(cells | own_cells, cells | own_cells), st.tuples(counts, counts), st.booleans())
def test_whatever_is_counted_on_from_the_next_rotation_can_count_on_from(
    bodies: tuple[bytes, bytes], gens: tuple[str | None, str | None], pointers_are_own: bool
) -> None:
    layouts = (cli_layout("p/"), runtime_layout("p/"))
    store, pointers = MemoryBucket(), [found(layout, gen) for layout, gen in zip(layouts, gens, strict=True)]
    for layout, body in zip(layouts, bodies, strict=True):
        store.put(layout.generation_key, body)
    before = read(lambda: generations.read_cells(store, pointers), GenerationError)
    if before is None:
        return
    own, others = (pointers, []) if pointers_are_own else ([], pointers)
    planned = generations.plan(before, timestamp=TIMESTAMP, own_pointers=own, other_pointers=others)
    assert planned.gen >= 1
    assert planned.prev_gen >= 0
    generations.record(store, before, planned, TIMESTAMP)
    for cell, body in zip(before, bodies, strict=True):
        after = json.loads(store.objects[cell.key].body)
        assert after["rotated_at"] == AT
        assert 1 <= after["gen"] <= MOST
        assert others_in(store.objects[cell.key].body) == others_in(body)


@pytest.mark.parametrize("gen", ["0", "00"])
def test_a_pointer_that_says_gen_zero_is_not_taken_for_a_rotations_own_count(gen: str) -> None:
    """No rotation leaves gen at 0; believed, it would write a prev_gen of -1 that every later rotation refuses."""
    own = [found(runtime_layout("p/"), gen)]
    assert generations.plan((), timestamp=TIMESTAMP, own_pointers=own, other_pointers=[]).prev_gen >= 0


@pytest.mark.parametrize(
    "body",
    [b"[" * 16 * MIB, b'{"gen":1,"x":"' + bytes(16 * MIB), b"RQEM0001" + bytes(16 * MIB)],
    ids=["brackets", "text", "a seal"],
)
def test_a_cell_of_sixteen_mebibytes_is_refused_unread(body: bytes) -> None:
    assert_refused(lambda: GenerationCell.parse(body), GenerationError)
    assert peak_bytes(lambda: cell_in(body)) < 64 * KIB


def test_a_cell_costs_work_in_proportion_to_its_length() -> None:
    def wide(members: int) -> bytes:
        return json.dumps({"gen": 1, **{str(number): [] for number in range(members)}}).encode()

    assert calls_made(lambda: cell_in(wide(4_000))) <= 5 * calls_made(lambda: cell_in(wide(1_000)))
