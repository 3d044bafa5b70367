"""A key has two slots: how far apart its rotations must be, by the hours that the functions will read."""

import pytest

from cdk.config import intervals, rotations
from cdk.config.cautions import warnings
from cdk.config.intervals import durations
from cdk.config.model import Consumer, KeyRotation
from tests.unit.cdk.config.files import Folder, text
from vsync_rotation import settings
from vsync_rotation.consumers import CONSUMER

WHERE = "vaults[1] (acme_web/prod): key_rotation."
WEB = 'consumers = { web = "ecs:main/web" }'


def key(lines: str, more: str = "") -> str:
    return text(vault=f"{more}\n[vaults.key_rotation]\n{lines}")


def refused(interval: str, held: str, parts: str) -> str:
    return (
        f"{WHERE}schedule: rotates again after {interval} hours, its window considered, but the superseded key holds the "
        f"second of IAM's two key slots for {held} ({parts} + 1 until it is deleted), and the rotation would be refused; "
        "rotate less often, or shorten overlap_hours or inactive_hours"
    )


REFUSED = {
    "by the defaults": ('schedule = "rate(8 days)"', "", refused("191", "193", "overlap 168 + inactive 24")),
    "with consumers": ('schedule = "rate(2 days)"', WEB, refused("47", "49", "overlap 24 + inactive 24")),
    "by what is said": ('schedule = "rate(12 hours)"\noverlap_hours = 10.5\nmax_overlap_hours = 11\ninactive_hours = 0', WEB, refused("11", "11.5", "overlap 10.5 + inactive 0")),
    "because of its window": ('schedule = "rate(9 days)"\nwindow_minutes = 1440', "", refused("192", "193", "overlap 168 + inactive 24")),
    "in one short month": ('schedule = "cron(0 8 1,25 * ? *)"\noverlap_hours = 72', "", refused("95", "97", "overlap 72 + inactive 24")),
    "in the night of spring": ('schedule = "cron(0 6 * * ? *)"\ntimezone = "Europe/Berlin"\noverlap_hours = 10\ninactive_hours = 13', "", refused("23", "24", "overlap 10 + inactive 13")),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "consumers", "line"), REFUSED.values(), ids=REFUSED)
def test_a_rotation_that_would_find_both_slots_taken_is_refused(
    folder: Folder, lines: str, consumers: str, line: str
) -> None:
    assert folder.problems(key(lines, consumers)) == [line]


@pytest.mark.parametrize(
    ("lines", "consumers"),
    [
        # At the border: what is exactly long enough is taken.
        ('schedule = "rate(194 hours)"', ""),
        ('schedule = "rate(50 hours)"', WEB),
        ('schedule = "cron(0 6 1 * ? *)"\ntimezone = "UTC"', ""),
        ('schedule = "cron(0 8 1 1 ? 2030)"\ntimezone = "UTC"\noverlap_hours = 87600', ""),
        ("overlap_hours = 87600", ""),
    ],
)
def test_one_that_is_long_enough_is_taken(folder: Folder, lines: str, consumers: str) -> None:
    assert folder.read(key(lines, consumers)).vaults[0].key is not None


def test_the_passphrase_may_rotate_as_often_as_it_likes(folder: Folder) -> None:
    assert folder.read(text(vault='passphrase_rotation = { schedule = "rate(4 hours)" }'))


def test_one_that_may_find_them_taken_is_warned_of(folder: Folder) -> None:
    deployment = folder.read(key('schedule = "rate(30 days)"\noverlap_hours = 600'))
    (about_the_key,) = [line for line in warnings(deployment) if "key_rotation" in line]
    assert about_the_key == (
        f"test.toml: {WHERE}schedule: rotates again after 719 hours, its window considered; while something still uses the "
        "superseded key, that key holds the second of IAM's two key slots for 792 hours (max overlap 768 + inactive 24), and "
        "the rotation is refused until then; rotate less often, or shorten max_overlap_hours"
    )
    for enough in ('schedule = "rate(16 days)"', 'schedule = "rate(361 hours)"\ninactive_hours = 24'):
        assert not [line for line in warnings(folder.read(key(enough))) if "key_rotation" in line]


BAD_HOURS = {
    "below nothing": ("-1", True), "not a number": ("nan", True), "infinite": ("inf", True), "huge": ("1e300", True),
    "of many digits": ("9" * 400, True), "above ten years": ("87600.5", True), "too fine for a tag": ("0.00001", True),
    "a word": ('"24"', False), "a switch": ("true", False),
}  # fmt: skip


@pytest.mark.parametrize(("hours", "is_number"), BAD_HOURS.values(), ids=BAD_HOURS)
@pytest.mark.parametrize("name", ["overlap_hours", "max_overlap_hours", "inactive_hours"])
def test_hours_are_hours(folder: Folder, name: str, hours: str, *, is_number: bool) -> None:
    (line,) = folder.problems(key(f"{name} = {hours}"))
    assert line.startswith(f"{WHERE}{name}: is {'out of range' if is_number else ''}")
    assert line.endswith("; write hours from 0 to 87600 with at most 4 decimals, such as 24 or 0.5")


def test_a_longest_overlap_shorter_than_the_overlap_is_refused(folder: Folder) -> None:
    line = f"{WHERE}max_overlap_hours: is 24, shorter than the overlap of 168; write at least as much, or leave it out"
    assert folder.problems(key("max_overlap_hours = 24")) == [line]
    assert folder.read(key("max_overlap_hours = 24", WEB))


def test_where_the_consumers_are_in_doubt_hours_are_not_compared(folder: Folder) -> None:
    """They decide about the default; who corrects them would be told of a problem that there never was."""
    (line,) = folder.problems(key('schedule = "rate(3 days)"', 'consumers = { web = "esc:main/web" }'))
    assert "consumers.web" in line


def test_the_defaults_and_limits_are_the_functions_own() -> None:
    user, web = {settings.IAM_USER: "reader"}, {CONSUMER + "web": "ecs:main/web"}
    nothing_said = KeyRotation(None, None, None, None, None)
    for tags, consumers in ((user, ()), (user | web, (Consumer("web", "ecs", "main/web"),))):
        theirs, ours = settings.key_settings(tags), durations(nothing_said, consumers)
        assert (ours.overlap_hours, ours.max_overlap_hours, ours.inactive_hours) == (
            theirs.overlap_hours,
            theirs.max_overlap_hours,
            theirs.inactive_hours,
        )
    said = durations(KeyRotation(None, 2.5, None, 3, None), ())
    theirs = settings.key_settings(user | {settings.OVERLAP: "2.5", settings.INACTIVE: "3"})
    assert (said.overlap_hours, said.max_overlap_hours, said.inactive_hours) == (2.5, theirs.max_overlap_hours, 3)
    assert intervals.MAX_HOURS == settings.MAX_HOURS
    assert rotations.MOST_BUNDLES == settings.MAX_KEPT_BUNDLES
