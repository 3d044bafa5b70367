"""Tags: of the secret, which decide what is rotated, and of the IAM user, which decide what is deleted."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.mutations import damaged_text, odd_text
from tests.fuzz.refusals import assert_refused, read
from vsync_rotation import settings
from vsync_rotation.errors import ForeignKeyError, KeySlotsFullError, SettingsError
from vsync_rotation.events import iso_utc
from vsync_rotation.keys.evidence import AccessKey, Evidence, KeyStatus
from vsync_rotation.keys.marks import DEACTIVATED, MADE, MINTING, REVOKED, SUPERSEDED, AccessKeyId, UserMarks
from vsync_rotation.keys.slots import PlannedDeletions, plan_slots
from vsync_rotation.settings import key_settings, passphrase_settings

ARN: Final = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod/VSYNC_CONFIG-AbC123"
SOUND: Final = {
    settings.IAM_USER: "vsync-acme-reader",
    settings.CONFIG_SECRET: ARN,
    settings.WRITER_SECRET: "acme/prod/WRITER",
    settings.REPO: "team/acme_web",
    settings.OVERLAP: "24",
    settings.MAX_OVERLAP: "168.5",
    settings.INACTIVE: "0.5",
    settings.DELETION_ALARM: "an-alarm",
    settings.REPAIR: "seal",
    settings.PAUSED: "off",
}


names = st.sampled_from(sorted(SOUND))
changes = st.lists(
    names.flatmap(lambda name: st.tuples(st.just(name), damaged_text(SOUND[name]) | odd_text | st.floats().map(str))),
    max_size=2,
)
additions = st.dictionaries(odd_text.map("vsync-rotation:{}".format), odd_text, max_size=2)


@st.composite
def hostile_tags(draw: st.DrawFn) -> dict[str, str]:
    """The tags of both kinds of secret, one or two of them damaged, perhaps one missing, perhaps some of nobody's."""
    tags = {**SOUND, **dict(draw(changes)), **draw(additions)}
    tags.pop(draw(st.none() | names) or "", None)
    return tags


@given(hostile_tags())
def test_the_tags_of_a_key_secret_are_refused_or_within_their_ranges(tags: dict[str, str]) -> None:
    found = read(lambda: key_settings(tags), SettingsError)
    if found is None:
        return
    assert re.fullmatch(r"[\w+=,.@-]{1,64}", found.iam_user, re.ASCII)
    assert 0 <= found.overlap_hours <= found.max_overlap_hours <= 2 * settings.MAX_HOURS
    assert 0 <= found.inactive_hours <= settings.MAX_HOURS
    assert datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=found.max_overlap_hours + found.inactive_hours)
    assert_bends_no_key(found.repo)


@given(hostile_tags())
def test_the_tags_of_a_passphrase_secret_are_refused_or_name_whole_secrets(tags: dict[str, str]) -> None:
    found = read(lambda: passphrase_settings(tags), SettingsError)
    if found is None:
        return
    for reference in (found.config_secret, found.writer_secret or "x"):
        assert re.fullmatch(r"arn:[a-z0-9:-]+:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}|[\w/+=.@-]{1,512}", reference, re.ASCII)
    assert_bends_no_key(found.repo)


def assert_bends_no_key(repo: str | None) -> None:
    parts = (repo or "x").split("/")
    assert all(part not in {"", ".", ".."} and re.fullmatch(r"[A-Za-z0-9._-]+", part) for part in parts)


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "inf",
        "-1",
        "1e3",
        "0x10",
        "٢٤",
        "1_0",
        "24 ",
        "24\n",
        "+24",
        "²",
        "1" * 10,
        "87600.000000001",
        ".",
        "",
        "1.",
        "1,5",
    ],
)
@pytest.mark.parametrize("tag", [settings.OVERLAP, settings.MAX_OVERLAP, settings.INACTIVE])
def test_hours_that_are_no_plain_number_are_refused(tag: str, text: str) -> None:
    assert_refused(lambda: key_settings({**SOUND, tag: text}), SettingsError)


CURRENT, OTHER = AccessKeyId("AKIACURRENT000000000"), AccessKeyId("AKIAOTHER00000000000")
NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIME: Final = "2026-02-01T00:00:00Z"
times = st.one_of(
    st.just(TIME),
    damaged_text(TIME),
    odd_text,
    st.sampled_from(
        (
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-2-1T0:0:0Z",
            "2026-02-01t00:00:00z",
        )
    ),
)
marks = st.fixed_dictionaries(
    {},
    optional={
        MINTING: times.map("a-version {} AKIACURRENT000000000".format) | times.map(" {}".format) | odd_text,
        **{prefix + OTHER: times for prefix in (MADE, SUPERSEDED, DEACTIVATED, REVOKED)},
    },
)


def planned(tags: dict[str, str], status: KeyStatus, labels: frozenset[str] | None) -> PlannedDeletions:
    keys = [AccessKey(key, status, NOW - timedelta(days=30)) for key in (CURRENT, OTHER)]
    evidence = Evidence(
        marks=UserMarks(tags),
        holders={CURRENT: frozenset({"AWSCURRENT"}), **({} if labels is None else {OTHER: labels})},
        now=NOW,
        overlap_hours=settings.MAX_HOURS,
        inactive_hours=settings.MAX_HOURS,
        deletion_alarm=None,
        alarm_ok=lambda: True,
        last_used_at=lambda _key: None,
    )
    return plan_slots("reader", CURRENT, keys, evidence)


@given(
    marks,
    st.sampled_from(KeyStatus),
    st.sampled_from((None, frozenset(), frozenset({"AWSPREVIOUS"}), frozenset({"AWSPENDING"}))),
)
def test_whatever_the_tags_of_the_user_say_the_current_and_the_pending_key_stay(
    tags: dict[str, str], status: KeyStatus, labels: frozenset[str] | None
) -> None:
    deletions = read(lambda: planned(tags, status, labels), SettingsError, ForeignKeyError, KeySlotsFullError)
    gone = {key.key_id for key, _why in deletions or ()}
    assert CURRENT not in gone
    assert OTHER not in gone or "AWSPENDING" not in (labels or ())


@given(marks)
def test_a_mark_is_malformed_or_written_again_as_it_was(tags: dict[str, str]) -> None:
    found = UserMarks(tags)
    key = read(lambda: found.of(OTHER), SettingsError)
    if key is not None:
        read_times = (key.made_at, key.superseded_at, key.deactivated_at, key.revoked_at)
        assert [at and iso_utc(at) for at in read_times] == [
            tags.get(p + OTHER) for p in (MADE, SUPERSEDED, DEACTIVATED, REVOKED)
        ]
    # An intent that is absent is no refusal, so that the two must not be mixed up.
    intent = read(lambda: (found.intent(),), SettingsError)
    if intent is not None and intent[0] is not None:
        assert " ".join(tags[MINTING].split()) == intent[0].tag()[MINTING]


@pytest.mark.parametrize(
    "text", ["2026-2-1T0:0:0Z", "2026-02-01t00:00:00z", "٢٠٢٦-02-01T00:00:00Z", "2026-02-01T00:00:0٠Z"]
)
def test_a_time_of_another_form_is_malformed(text: str) -> None:
    assert_refused(lambda: UserMarks({MADE + OTHER: text}).of(OTHER), SettingsError)


@pytest.mark.parametrize("prefix", [DEACTIVATED, SUPERSEDED])
@pytest.mark.parametrize("status", KeyStatus)
def test_a_time_at_the_end_of_all_times_is_a_tag_to_correct_and_no_bug(prefix: str, status: KeyStatus) -> None:
    tags = {SUPERSEDED + OTHER: TIME, prefix + OTHER: "9999-12-31T23:59:59Z"}
    assert_refused(lambda: planned(tags, status, None), SettingsError, KeySlotsFullError)
