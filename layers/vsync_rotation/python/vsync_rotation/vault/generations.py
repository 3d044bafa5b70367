"""The generation of a vault: read before a rotation, raised by exactly one after it (SPEC 7).

A rotation knows its own cell by `rotated_at`, the instant of its bundle's timestamp; so raising is repeatable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import PointerMovedError
from vsync_rotation.formats.generation import GenerationCell, parse_metadata_gen
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.layouts import FoundLayout, Layout
from vsync_rotation.vault.ports import ObjectStore, SmallObject

# User metadata of a pointer that repeats its generation; kept current only where it is already there.
POINTER_GEN: Final = "gen"
_TRIES: Final = 3
_HEADERS: Final = {"ContentType": "application/json"}


@dataclass(frozen=True, slots=True)
class Generation:
    """What a rotation makes of the generation."""

    gen: int
    prev_gen: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One layout's generation cell as it was read; `stored` is None where there is none yet."""

    key: str
    stored: SmallObject | None
    value: GenerationCell


def read_cells(store: ObjectStore, layouts: Sequence[FoundLayout]) -> tuple[Cell, ...]:
    """Read the cell beside every pointer.

    Raises:
        GenerationError: one is not what the readers accept.
    """
    return tuple(_read(store, found.layout) for found in layouts)


def pointer_gens(layouts: Sequence[FoundLayout]) -> tuple[int, ...]:
    """The generations that the pointers' own metadata names.

    Raises:
        GenerationError: one is malformed.
    """
    metadata = (found.pointer_object.info.metadata for found in layouts)
    return tuple(parse_metadata_gen(values[POINTER_GEN]) for values in metadata if POINTER_GEN in values)


def plan(
    cells: Sequence[Cell],
    *,
    timestamp: Timestamp,
    own_pointers: Sequence[FoundLayout],
    other_pointers: Sequence[FoundLayout],
) -> Generation:
    """What this rotation's generation is: what it has already written somewhere, else one more than the highest."""
    for cell in cells:
        # No rotation leaves gen at 0: such a cell is nobody's work, whatever instant it names.
        if cell.value.rotated_at == timestamp.iso_milliseconds() and cell.value.gen > 0:
            prev_gen = cell.value.prev_gen
            return Generation(cell.value.gen, cell.value.gen - 1 if prev_gen is None else prev_gen)
    for gen in filter(None, pointer_gens(own_pointers)):
        return Generation(gen, gen - 1)
    highest = max((0, *(cell.value.gen for cell in cells), *pointer_gens(other_pointers)))
    return Generation(highest + 1, highest)


def with_pointer_gen(metadata: Mapping[str, str], generation: Generation) -> dict[str, str]:
    """A pointer's metadata for the swap: everything kept, the generation raised where it is there."""
    raised = {POINTER_GEN: str(generation.gen)} if POINTER_GEN in metadata else {}
    return {**metadata, **raised}


def record(store: ObjectStore, cells: Sequence[Cell], generation: Generation, timestamp: Timestamp) -> None:
    """Write the generation into every cell, conditionally, once.

    Raises:
        PointerMovedError: somebody else kept writing a cell. Repeating finishSecret completes it.
        GenerationError: somebody else made a cell malformed meanwhile.
    """
    for cell in cells:
        _record_one(store, cell, generation, timestamp)


def all_stand(cells: Sequence[Cell], generation: Generation, timestamp: Timestamp) -> bool:
    """Whether every cell counts this rotation, so that `record` would write nothing."""
    return all(_stands(cell, generation, timestamp) for cell in cells)


def _record_one(store: ObjectStore, cell: Cell, generation: Generation, timestamp: Timestamp) -> None:
    for _ in range(_TRIES):
        if _stands(cell, generation, timestamp) or _write(store, cell, generation, timestamp):
            return
        cell = _reread(store, cell.key)
    raise PointerMovedError(
        f"{cell.key} changed under each of {_TRIES} tries",
        remedy="let finishSecret be tried again; it completes the generation cell",
    )


def _stands(cell: Cell, generation: Generation, timestamp: Timestamp) -> bool:
    """Whether this rotation is counted: in the cell itself, or a later rotation counted on from it."""
    if cell.value.gen > 0 and cell.value.rotated_at == timestamp.iso_milliseconds():
        return True
    return overtaken([cell], timestamp) and (cell.value.prev_gen or 0) >= generation.gen


def overtaken(cells: Sequence[Cell], timestamp: Timestamp) -> bool:
    """Whether a cell tells of a rotation after this bundle's. ISO instants of one form sort as time does."""
    return any((cell.value.rotated_at or "") > timestamp.iso_milliseconds() for cell in cells)


def _write(store: ObjectStore, cell: Cell, generation: Generation, timestamp: Timestamp) -> bool:
    late = overtaken([cell], timestamp)
    value = cell.value.raised(
        # Never below or at what the cell shows already, whoever wrote it meanwhile: readers look for a higher one.
        gen=max(generation.gen, cell.value.gen + 1),
        # The later rotation's own marks stay: by them its repetition knows that it is counted.
        prev_gen=cell.value.gen if late else generation.prev_gen,
        rotated_at=cell.value.rotated_at or "" if late else timestamp.iso_milliseconds(),
    )
    if cell.stored is None:
        return store.put_if_absent(cell.key, value.encode(), {}, _HEADERS) is not None
    return store.replace(cell.stored.info, value.encode(), cell.stored.info.metadata) is not None


def _read(store: ObjectStore, layout: Layout) -> Cell:
    return _reread(store, layout.generation_key)


def _reread(store: ObjectStore, key: str) -> Cell:
    stored = store.get(key)
    return Cell(key, stored, GenerationCell.parse(stored.body if stored else b""))
