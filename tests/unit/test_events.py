"""Details of events: everything known, null for what is not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from vsync_rotation.events import KeyDeleted, PassphraseRotationFinished, Subject, iso_utc, parse_iso_utc

AT = datetime(2026, 5, 1, 9, 15, 0, 999_999, UTC)


def test_a_detail_has_who_and_when_before_what() -> None:
    event = PassphraseRotationFinished("v2", None, 4, 3, "20260501-091500", None)
    assert event.detail(Subject("arn", "name", "vault-passphrase", "acme", "prod"), AT) == {
        "secret_arn": "arn",
        "secret_name": "name",
        "kind": "vault-passphrase",
        "repo": "acme",
        "env": "prod",
        "at": "2026-05-01T09:15:00Z",
        "version_id": "v2",
        "previous_version_id": None,
        "gen": 4,
        "prev_gen": 3,
        "bundle_ts": "20260501-091500",
        "race_window_ms": None,
    }


def test_what_is_not_known_is_null_and_not_left_out() -> None:
    detail = KeyDeleted("reader", "AKIA", "why").detail(Subject("arn", None, "iam-access-key"), AT)
    assert detail["secret_name"] is None
    assert detail["repo"] is None
    assert detail["env"] is None


def test_times_are_in_utc_with_z_and_come_back() -> None:
    text = iso_utc(AT.astimezone(timezone(timedelta(hours=2))))
    assert text == "2026-05-01T09:15:00Z"
    assert parse_iso_utc(text) == AT.replace(microsecond=0)


@pytest.mark.parametrize(
    "text", ["", "2026-05-01", "2026-05-01T09:15:00", "2026-05-01T09:15:00+00:00", "2026-13-01T00:00:00Z"]
)
def test_any_other_form_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_iso_utc(text)
