"""The picture of the keys' lives: every event at its moment, nothing lost, nothing wider than it may be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vsync_rotation_cli.demo.facts import Lifeline, LifelinesSeen
from vsync_rotation_cli.demo.lifelines import LEGEND, NO_LINE, picture
from vsync_rotation_cli.demo.wording import legend

DAY_0 = datetime(2026, 5, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return DAY_0 + timedelta(days=number)


OLD = Lifeline(
    "OLD", made_at=day(-1), superseded_at=day(0), used_at=[day(0.5)], deactivated_at=day(1.5), deleted_at=day(2.5)
)
NEW = Lifeline("NEW", made_at=day(-0.1), promoted_at=day(0))
SEEN = LifelinesSeen((OLD, NEW), day_0=DAY_0, until=day(3))


def drawn(seen: LifelinesSeen, width: int) -> list[str]:
    return ["".join(run.text for run in row).rstrip() for row in picture(seen, width)]


def test_a_line_a_key_shows_each_event_at_its_moment_and_what_the_key_was_in_between() -> None:
    days, old, new = drawn(SEEN, 45)
    assert days == "     day -1    0         1         2"
    assert old == "OLD  M=========S----u---------I.........D"
    assert new == "NEW           MP============================="


def test_events_of_one_cell_stand_side_by_side_in_their_order() -> None:
    crowded = replace(NEW, made_at=day(0), used_at=[day(0), day(0.001)], superseded_at=day(0.002))
    _, line = drawn(LifelinesSeen((replace(crowded, promoted_at=day(0.0005)),), DAY_0, day(3)), 45)
    assert line.startswith("NEW  MuPS-")


def test_events_at_the_very_end_are_not_lost() -> None:
    ended = replace(OLD, deactivated_at=day(3), deleted_at=day(3))
    line = drawn(replace(SEEN, lifelines=(ended,)), 45)[1]
    assert sorted(line[-2:]) == ["D", "I"]


def test_uses_beside_each_other_are_one_mark() -> None:
    busy = replace(OLD, used_at=[day(-0.5 + n / 1000) for n in range(100)])
    assert drawn(replace(SEEN, lifelines=(busy,)), 45)[1].count("u") <= 3


def test_a_key_that_was_never_promoted_nor_ended_is_current_to_the_end() -> None:
    _, line = drawn(LifelinesSeen((Lifeline("K", day(0)),), DAY_0, day(3)), 40)
    assert line == "K  M" + "=" * 36


@pytest.mark.parametrize("width", range(24, 121, 7))
def test_no_row_is_wider_than_it_may_be(width: int) -> None:
    long = replace(OLD, access_key_id="AKIAEXAMPLEEXAMPLE00")
    rows = drawn(replace(SEEN, lifelines=(long, NEW)), width)
    assert max(map(len, rows)) <= width
    assert all(mark in "".join(rows) for mark in "MSuIDP")


def test_where_there_is_little_room_a_key_s_name_stands_above_its_line() -> None:
    long = replace(OLD, access_key_id="AKIAEXAMPLEEXAMPLE00")
    rows = drawn(replace(SEEN, lifelines=(long,)), 38)
    assert rows[1] == "AKIAEXAMPLEEXAMPLE00"
    assert rows[2].startswith("M")


def test_no_keys_and_no_time_draw_no_line() -> None:
    assert len(drawn(LifelinesSeen((), DAY_0, DAY_0), 40)) == 1
    assert drawn(LifelinesSeen((Lifeline("K", DAY_0),), DAY_0, DAY_0), 40)[1].startswith("K  M")


def test_the_legend_has_every_sign_that_a_picture_may_have_and_cuts_none_from_its_meaning() -> None:
    signs = {run.kind for row in picture(SEEN, 60) for run in row if run.kind}
    assert signs - {NO_LINE} == set(LEGEND)
    for width in (24, 40, 78):
        lines = legend(width)
        assert max(map(len, lines)) <= width
        assert [entry for line in lines for entry in line.split("   ")] == [f"{s} {m}" for s, m in LEGEND.items()]
