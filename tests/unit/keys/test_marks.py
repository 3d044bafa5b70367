"""The memory in a user's tags."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import SettingsError
from vsync_rotation.keys.marks import AccessKeyId, Intent, UserMarks, made_tag, superseded_tag

AT = datetime(2026, 5, 1, 9, 15, tzinfo=UTC)
K1, K2 = AccessKeyId("AKIAONE"), AccessKeyId("AKIATWO")


@pytest.mark.parametrize("existing", [(), (K1,), (K1, K2)])
def test_an_intent_comes_back_from_its_tag(existing: tuple[AccessKeyId, ...]) -> None:
    intent = Intent("version", AT, existing)
    assert UserMarks(intent.tag()).intent() == intent


def test_an_intent_is_version_time_and_keys_with_spaces_between() -> None:
    assert Intent("version", AT, (K1, K2)).tag() == {
        "vsync-rotation:minting": "version 2026-05-01T09:15:00Z AKIAONE AKIATWO"
    }


def test_no_tag_is_no_intent() -> None:
    assert UserMarks({}).intent() is None


@pytest.mark.parametrize("text", ["", "version", "version yesterday", "version 2026-05-01", " 2026-05-01T09:15:00Z"])
def test_a_malformed_intent_lets_nothing_be_concluded(text: str) -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:minting"):
        UserMarks({"vsync-rotation:minting": text}).intent()


def test_marks_are_read_for_their_own_key_only() -> None:
    marks = UserMarks({**made_tag(K1, AT), **superseded_tag(K2, AT)})
    assert (marks.of(K1).made_at, marks.of(K1).superseded_at) == (AT, None)
    assert (marks.of(K2).made_at, marks.of(K2).superseded_at) == (None, AT)
    assert marks.tags_of(K1) == ("vsync-rotation:made:AKIAONE",)


@pytest.mark.parametrize("name", ["made", "superseded-at", "deactivated-at", "revoked-at"])
def test_a_malformed_mark_names_its_tag(name: str) -> None:
    with pytest.raises(SettingsError, match=f"vsync-rotation:{name}:AKIAONE"):
        UserMarks({f"vsync-rotation:{name}:AKIAONE": "soon"}).of(K1)


@given(st.text())
def test_arbitrary_tag_values_raise_only_the_family(text: str) -> None:
    marks = UserMarks({"vsync-rotation:minting": text, "vsync-rotation:made:AKIAONE": text})
    for read in (marks.intent, lambda: marks.of(K1)):
        try:
            read()
        except SettingsError:
            continue


@pytest.mark.parametrize(
    ("tag", "value", "stale"),
    [
        ("made:AKIAGONE", "2026-04-29T09:15:00Z", True),
        ("superseded-at:AKIAGONE", "2026-04-29T09:15:00Z", True),
        ("made:AKIAGONE", "2026-05-01T09:14:00Z", False),
        ("made:AKIAGONE", "some time", False),
        ("made:AKIAONE", "2020-01-01T00:00:00Z", False),
        ("minting", "version 2020-01-01T00:00:00Z AKIAGONE", False),
        ("something-newer:AKIAGONE", "2020-01-01T00:00:00Z", False),
    ],
)
def test_only_old_marks_of_keys_that_are_gone_are_stale(tag: str, value: str, *, stale: bool) -> None:
    name = f"vsync-rotation:{tag}"
    assert UserMarks({name: value, "team": "a"}).stale({K1}, AT) == ((name,) if stale else ())
