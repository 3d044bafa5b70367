"""The generation rises by exactly one per rotation, however often it is recorded and whoever else writes."""

import json
from dataclasses import replace

import pytest

from tests.unit.vault.bucket import MADE, MemoryBucket
from vsync_rotation.errors import GenerationError, PointerMovedError
from vsync_rotation.formats.pointer import Pointer
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.generations import (
    Generation,
    overtaken,
    plan,
    pointer_gens,
    read_cells,
    record,
    with_pointer_gen,
)
from vsync_rotation.vault.layouts import FoundLayout, Layout, cli_layout, runtime_layout
from vsync_rotation.vault.ports import ETag, ObjectInfo, SmallObject

AT = Timestamp.parse("20260501-091500")
ROTATED_AT = "2026-05-01T09:15:00.000Z"
RUNTIME, CLI = runtime_layout("p/"), cli_layout("p/")


def found(layout: Layout, metadata: dict[str, str] | None = None) -> FoundLayout:
    info = ObjectInfo(layout.pointer_key, ETag('"e"'), 15, MADE, metadata or {}, {})
    return FoundLayout(layout, Pointer(AT, sealed=False, tail=b""), SmallObject(info, b""))


BOTH = (found(CLI), found(RUNTIME))


def bucket(**cells: object) -> MemoryBucket:
    store = MemoryBucket()
    for name, cell in cells.items():
        store.put({"runtime": "p/latest.meta", "cli": "p/latest.manifest"}[name], json.dumps(cell).encode())
    return store


def planned(store: MemoryBucket, own: tuple[FoundLayout, ...] = ()) -> Generation:
    return plan(read_cells(store, BOTH), timestamp=AT, own_pointers=own, other_pointers=BOTH)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({}, Generation(1, 0), id="no cell"),
        pytest.param({"runtime": {}}, Generation(1, 0), id="an empty cell"),
        pytest.param({"runtime": {"gen": 4}}, Generation(5, 4), id="one cell"),
        pytest.param({"runtime": {"gen": 4}, "cli": {"gen": 7, "prev_gen": 6}}, Generation(8, 7), id="the highest of both"),
        pytest.param({"cli": {"gen": 7, "prev_gen": 6, "rotated_at": ROTATED_AT}, "runtime": {"gen": 4}}, Generation(7, 6), id="counted in one already"),
        pytest.param({"cli": {"gen": 7, "prev_gen": 4, "rotated_at": ROTATED_AT}}, Generation(7, 4), id="its own previous is kept"),
    ],
)  # fmt: skip
def test_a_rotation_counts_once(cells: dict[str, object], expected: Generation) -> None:
    assert planned(bucket(**cells)) == expected


def test_a_pointer_that_was_swapped_already_tells_what_was_planned() -> None:
    assert planned(bucket(), own=(found(CLI, {"gen": "3"}),)) == Generation(3, 2)


def test_the_metadata_of_other_pointers_counts_too() -> None:
    other = (found(CLI, {"gen": "9"}), found(RUNTIME))
    assert plan(read_cells(bucket(), other), timestamp=AT, own_pointers=(), other_pointers=other) == Generation(10, 9)


def test_a_malformed_generation_in_pointer_metadata_is_named() -> None:
    with pytest.raises(GenerationError):
        pointer_gens([found(CLI, {"gen": "many"})])


def test_pointer_metadata_is_kept_and_raised_only_where_it_is_there() -> None:
    assert with_pointer_gen({"gen": "1", "team": "a"}, Generation(2, 1)) == {"gen": "2", "team": "a"}
    assert with_pointer_gen({"team": "a"}, Generation(2, 1)) == {"team": "a"}


def test_recording_twice_writes_once() -> None:
    store = bucket(runtime={"gen": 4, "note": "kept"})
    for _ in range(2):
        record(store, read_cells(store, BOTH), Generation(5, 4), AT)
    assert store.writes == ["p/latest.meta", "p/latest.manifest", "p/latest.meta"]
    assert json.loads(store.objects["p/latest.meta"].body) == {
        "gen": 5,
        "prev_gen": 4,
        "rotated_at": ROTATED_AT,
        "note": "kept",
    }
    assert json.loads(store.objects["p/latest.manifest"].body) == {"gen": 5, "prev_gen": 4, "rotated_at": ROTATED_AT}


def test_a_cell_that_changed_meanwhile_is_read_again_and_never_lowered() -> None:
    store = bucket(runtime={"gen": 4})
    cells = read_cells(store, [found(RUNTIME)])
    store.others.append(("p/latest.meta", b'{"gen":9}'))
    record(store, cells, Generation(5, 4), AT)
    assert json.loads(store.objects["p/latest.meta"].body)["gen"] == 10


def test_a_cell_that_keeps_changing_is_given_up() -> None:
    store = bucket(runtime={"gen": 4})
    cells = read_cells(store, [found(RUNTIME)])
    store.others += [("p/latest.meta", json.dumps({"gen": gen}).encode()) for gen in (5, 6, 7)]
    with pytest.raises(PointerMovedError, match="changed under each of 3 tries"):
        record(store, cells, Generation(5, 4), AT)


def test_a_later_rotation_is_recognised() -> None:
    (cell,) = read_cells(bucket(runtime={"gen": 4, "rotated_at": "2026-05-01T09:15:01.000Z"}), [found(RUNTIME)])
    assert overtaken([cell], AT)
    assert not overtaken([replace(cell, value=cell.value.raised(4, 3, ROTATED_AT))], AT)
    assert not overtaken(read_cells(bucket(), BOTH), AT)
