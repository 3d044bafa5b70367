"""Which stored versions may go: by names and times, as a table of histories, and for any history at all."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.layouts import Layout, cli_layout, runtime_layout
from vsync_rotation.vault.ports import StoredVersion
from vsync_rotation.vault.pruning import superseded_bundles

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
LAYOUTS = (runtime_layout("acme/prod/"), cli_layout("acme/prod/"))


def day(number: int) -> str:
    return f"202605{number:02}-120000"


def stored(layout: Layout, name: str, *, written: datetime | None = None, version: str = "null") -> StoredVersion:
    """A bundle of this name, by default written when its name says."""
    timestamp = Timestamp.parse(name)
    return StoredVersion(layout.bundle_key(timestamp), version, written or timestamp.instant)


def doomed(
    history: Sequence[StoredVersion], layout: Layout, live: str, *, keep: int = 0, sources: dict[str, str] | None = None
) -> list[str]:
    """The timestamps of what may go, in order of time."""
    said = sources or {}
    gone = superseded_bundles(
        history, layout, Timestamp.parse(live), lambda at: said.get(str(at), ""), keep=keep, now=NOW
    )
    head, tail = layout.bundle_prefix, layout.bundle_suffix
    return sorted(version.key.removeprefix(head).removesuffix(tail) for version in gone)


@dataclass(frozen=True)
class History:
    """Bundles by day of the month; what goes."""

    days: tuple[int, ...]
    live: int
    goes: tuple[int, ...]
    keep: int = 0
    sources: dict[int, int] = field(default_factory=dict)


HISTORIES = {
    "nothing but the live one": History((3,), live=3, goes=()),
    "live and previous": History((3, 4), live=4, goes=()),
    "two more": History((1, 2, 3, 4), live=4, goes=(1, 2)),
    "two more, one stays": History((1, 2, 3, 4), live=4, keep=1, goes=(1,)),
    "as many stay as there are": History((1, 2, 3, 4), live=4, keep=2, goes=()),
    "pointed back: what is newer stays": History((1, 2, 3, 4), live=3, goes=(1,)),
    "pointed back to the first": History((1, 2, 3, 4), live=1, goes=()),
    "the live one is gone": History((1, 2, 3), live=4, goes=(1, 2)),
    "a rotation after an abandoned one": History((1, 2, 3, 4), live=4, sources={4: 2}, goes=(1,)),
    "a push after an abandoned rotation": History((1, 2, 3, 4), live=4, sources={3: 2}, goes=(1,)),
    "the source is not counted among those that stay": History((1, 2, 3, 4), live=4, keep=1, sources={4: 2}, goes=()),
    "a source that is not there": History((1, 2, 3), live=3, sources={3: 9}, goes=(1,)),
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=["runtime", "cli"])
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_what_goes_of_a_history(history: History, layout: Layout) -> None:
    found = doomed(
        [stored(layout, day(number)) for number in history.days],
        layout,
        day(history.live),
        keep=history.keep,
        sources={day(made): f"{day(source)}/etag" for made, source in history.sources.items()},
    )
    assert found == [day(number) for number in history.goes]


@pytest.mark.parametrize("layout", LAYOUTS, ids=["runtime", "cli"])
def test_what_is_no_bundle_of_the_layout_stays(layout: Layout) -> None:
    names = ["v=20260501-120000.bak", "versions/20260501-120000", "v=20260231-120000", "audit.csv", "manifest", "v="]
    others = [StoredVersion(f"acme/prod/{name}", "null", NOW - timedelta(days=99)) for name in names]
    assert doomed([*others, *(stored(layout, day(number)) for number in (3, 4))], layout, day(4)) == []


def test_the_newest_of_name_and_writing_counts_for_its_age() -> None:
    layout = LAYOUTS[0]
    young = NOW - timedelta(hours=23, minutes=59)
    old = NOW - timedelta(days=1)
    for written, goes in ((young, []), (old, [day(1)])):
        history = [stored(layout, day(1), written=written), stored(layout, day(2)), stored(layout, day(3))]
        assert doomed(history, layout, day(3)) == goes


def test_one_young_version_keeps_the_older_ones_of_its_key() -> None:
    layout = LAYOUTS[0]
    versions = [
        stored(layout, day(1), version="one"),
        stored(layout, day(1), version="two", written=NOW - timedelta(hours=1)),
    ]
    history = [*versions, stored(layout, day(2)), stored(layout, day(3))]
    assert doomed(history, layout, day(3)) == []


def test_every_version_and_marker_of_a_key_goes_together() -> None:
    layout = LAYOUTS[1]
    history = [stored(layout, day(1), version=version) for version in ("one", "two", "marker")]
    history += [stored(layout, day(2)), stored(layout, day(3), version="only")]
    assert doomed(history, layout, day(3)) == [day(1)] * 3


seconds = st.integers(0, 40 * 86_400)


@given(st.lists(st.tuples(seconds, seconds), max_size=12), st.integers(0, 11), st.integers(0, 5), st.integers(0, 11))
@settings(max_examples=80)
def test_whatever_the_history_what_must_stay_stays(
    pairs: list[tuple[int, int]], live_at: int, keep: int, source_at: int
) -> None:
    layout = LAYOUTS[0]
    history = [
        stored(layout, str(Timestamp.at(NOW - timedelta(seconds=named))), written=NOW - timedelta(seconds=written))
        for named, written in pairs
    ]
    if not history:
        return
    names = sorted({version.key.removeprefix(layout.bundle_prefix) for version in history})
    live, source = names[live_at % len(names)], names[source_at % len(names)]
    gone = set(doomed(history, layout, live, keep=keep, sources={live: f"{source}/etag"}))
    older = [name for name in names if name < live]
    assert gone <= set(older)
    assert not gone & {source, *older[-1:]}
    assert len(set(older) - gone) >= min(keep + 1, len(older))
    for version in history:
        if version.key.removeprefix(layout.bundle_prefix) in gone:
            assert NOW - version.last_modified >= timedelta(days=1)
            assert version.key.removeprefix(layout.bundle_prefix) <= str(Timestamp.at(NOW - timedelta(days=1)))


def test_how_many_stay_has_no_default() -> None:
    """Forgetting it must not mean none."""
    assert inspect.signature(superseded_bundles).parameters["keep"].default is inspect.Parameter.empty
