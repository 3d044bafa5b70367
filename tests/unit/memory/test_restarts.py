"""The record of restarts: what is written is read back, and anything else counts as no record."""

import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.memory.restarts import ConsumerRestart, Restarts, RestartState, restarts_name

AT: Final = datetime(2026, 5, 1, 9, 15, tzinfo=UTC)
BEGUN: Final = ConsumerRestart("ecs:main/web", RestartState.BEGUN, AT, handle="ecs-svc/1")
RECORD: Final = Restarts(
    "v1", {"web": BEGUN, "shop": ConsumerRestart("lambda:shop", RestartState.FAILED, AT, reason="r")}
)


def test_the_text_is_as_documented() -> None:
    assert json.loads(RECORD.encode()) == {
        "version_id": "v1",
        "consumers": {
            "shop": {"consumer": "lambda:shop", "state": "failed", "at": "2026-05-01T09:15:00Z", "reason": "r"},
            "web": {"consumer": "ecs:main/web", "state": "begun", "at": "2026-05-01T09:15:00Z", "handle": "ecs-svc/1"},
        },
    }


moments = st.integers(1_500_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
optional = st.none() | st.text(max_size=20)
restarts = st.builds(ConsumerRestart, st.text(max_size=20), st.sampled_from(RestartState), moments, optional, optional)
records = st.builds(Restarts, st.text(max_size=20), st.dictionaries(st.text(max_size=20), restarts, max_size=4))


@given(records)
def test_what_is_written_is_read_back_and_is_ascii(record: Restarts) -> None:
    text = record.encode()
    assert Restarts.parse(text) == record
    assert text.isascii()


def changed(**changes: Any) -> str:
    item = {"consumer": "lambda:shop", "state": "restarted", "at": "2026-05-01T09:15:00Z", **changes}
    return json.dumps({"version_id": "v1", "consumers": {"shop": item}})


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "null",
        "1",
        "[]",
        "{}",
        "{",
        '{"version_id": "v1"}',
        '{"version_id": "v1", "consumers": []}',
        '{"version_id": "v1", "consumers": {"web": 1}}',
        '{"version_id": "v1", "consumers": {"web": {}}}',
        changed(state="done"),
        changed(state=None),
        changed(state=[]),
        changed(at="yesterday"),
        changed(at=1),
        changed(at="9999-99-99T99:99:99Z"),
        "[" * 100_000,
        "9" * 10_000,
    ],
)
def test_anything_else_counts_as_no_record(text: str | None) -> None:
    assert Restarts.parse(text) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)


@given(json_values | st.fixed_dictionaries({"version_id": json_values, "consumers": json_values}))
def test_no_json_is_too_strange_to_be_taken_for_none(value: Any) -> None:
    found = Restarts.parse(json.dumps(value))
    assert found is None or Restarts.parse(found.encode()) == found


def test_a_record_is_kept_per_secret_under_the_name_of_its_writer() -> None:
    assert restarts_name("acme/prod/VSYNC_CONFIG") == "/vsync-rotation/restarted/acme/prod/VSYNC_CONFIG"
