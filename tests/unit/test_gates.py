"""The health gate's rules: who passes, who is waited for, who is reported, and what is remembered of it."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.consumers import HealthUrl
from vsync_rotation.events import ConsumerStraggling
from vsync_rotation.gates import (
    Gate,
    Health,
    HealthAnswer,
    NoAnswer,
    Waiting,
    advance,
    is_fresh_after_key,
    is_fresh_after_passphrase,
    stragglers_to_report,
    waited_for,
    with_reported,
)

PROMOTED_AT = datetime(2026, 5, 1, 9, 15, tzinfo=UTC)
LATE = PROMOTED_AT + timedelta(minutes=15)
FRESH, STALE = HealthAnswer("fresh", 7), HealthAnswer("stale", 6)
NAMES = ("api", "batch", "web")


def urls(*names: str) -> tuple[HealthUrl, ...]:
    return tuple(HealthUrl(name, f"{name}.example", 443, "/") for name in names)


def asked(gate: Gate | None, answers: dict[str, Health], *names: str, version: str = "v2") -> Gate:
    return advance(gate, version, urls(*(names or NAMES)), answers, is_fresh_after_key)


@pytest.mark.parametrize(
    ("health", "fresh"),
    [
        pytest.param(HealthAnswer("fresh", None), True, id="fresh"),
        pytest.param(HealthAnswer("fresh", 0), True, id="fresh with whatever gen"),
        pytest.param(HealthAnswer("stale", 7), False, id="stale"),
        pytest.param(HealthAnswer("Fresh", 7), False, id="in other letters"),
        pytest.param(HealthAnswer("refreshing", 7), False, id="a longer word"),
        pytest.param(HealthAnswer(None, 7), False, id="no status"),
        pytest.param(NoAnswer.TIMED_OUT, False, id="no answer"),
    ],
)
def test_after_a_key_only_the_word_fresh_passes(health: Health, *, fresh: bool) -> None:
    assert is_fresh_after_key(health) is fresh


@pytest.mark.parametrize(
    ("health", "fresh"),
    [
        pytest.param(HealthAnswer("fresh", 7), True, id="the new gen"),
        pytest.param(HealthAnswer("stale", 8), True, id="a later gen"),
        pytest.param(HealthAnswer(None, 7), True, id="without a status"),
        pytest.param(HealthAnswer("fresh", 6), False, id="fresh with the old gen"),
        pytest.param(HealthAnswer("fresh", None), False, id="fresh without a gen"),
        pytest.param(NoAnswer.ADDRESS_REFUSED, False, id="not asked"),
    ],
)
def test_after_a_passphrase_the_gen_decides(health: Health, *, fresh: bool) -> None:
    assert is_fresh_after_passphrase(health, 7) is fresh


def test_without_a_gate_everybody_declared_is_waited_for() -> None:
    assert waited_for(None, "v2", urls(*NAMES)) == NAMES


def test_nobody_declared_is_nobody_waited_for() -> None:
    assert waited_for(None, "v2", ()) == ()
    assert waited_for(Gate("v1", {"web": Waiting()}), "v1", ()) == ()


def test_who_has_passed_is_not_waited_for() -> None:
    gate = asked(None, {"api": FRESH, "batch": STALE, "web": NoAnswer.TIMED_OUT})
    assert waited_for(gate, "v2", urls(*NAMES)) == ("batch", "web")


def test_the_gate_of_another_version_lets_nobody_pass() -> None:
    gate = asked(None, dict.fromkeys(NAMES, FRESH), version="v1")
    assert waited_for(gate, "v1", urls(*NAMES)) == ()
    assert waited_for(gate, "v2", urls(*NAMES)) == NAMES
    assert asked(gate, {}) == Gate("v2", dict.fromkeys(NAMES, Waiting()), frozenset())


def test_who_has_passed_stays_passed_for_this_version() -> None:
    gate = asked(asked(None, {"web": FRESH}), {"web": STALE})
    assert gate.passed == {"web"}
    assert asked(gate, {"web": NoAnswer.UNREACHABLE}).passed == {"web"}


def test_who_is_declared_later_opens_the_gate_again() -> None:
    gate = asked(None, {"web": FRESH}, "web")
    assert waited_for(gate, "v2", urls("web")) == ()
    assert waited_for(gate, "v2", urls("api", "web")) == ("api",)
    assert asked(gate, {}, "api", "web") == Gate("v2", {"api": Waiting()}, frozenset({"web"}))


def test_who_is_not_declared_any_more_is_forgotten_and_has_to_pass_again() -> None:
    gate = asked(asked(None, {"web": FRESH, "api": STALE}), {}, "batch")
    assert gate == Gate("v2", {"batch": Waiting()}, frozenset())
    assert waited_for(gate, "v2", urls("web")) == ("web",)


def test_an_answer_of_nobody_declared_counts_for_nothing() -> None:
    assert asked(None, {"stranger": FRESH}, "web") == Gate("v2", {"web": Waiting()}, frozenset())


def test_the_last_answer_stays_where_none_follows() -> None:
    gate = asked(asked(None, {"web": STALE}, "web"), {"web": NoAnswer.TIMED_OUT}, "web")
    assert gate.waiting == {"web": Waiting(STALE)}
    assert asked(gate, {}, "web") == gate


def test_the_same_answers_again_change_nothing() -> None:
    answers: dict[str, Health] = {"api": FRESH, "batch": STALE, "web": NoAnswer.NOT_OK}
    gate = asked(None, answers)
    assert asked(gate, answers) == gate


def test_a_passphrase_gate_waits_for_its_gen() -> None:
    gate = advance(
        None, "v2", urls("web"), {"web": HealthAnswer("fresh", 6)}, partial(is_fresh_after_passphrase, gen=7)
    )
    assert waited_for(gate, "v2", urls("web")) == ("web",)


def test_nobody_is_a_straggler_before_fifteen_minutes_are_over() -> None:
    gate = asked(None, {"web": STALE})
    assert stragglers_to_report(gate, PROMOTED_AT, LATE - timedelta(seconds=1)) == ()
    assert [straggler.consumer for straggler in stragglers_to_report(gate, PROMOTED_AT, LATE)] == list(NAMES)


def test_a_straggler_is_reported_with_its_last_answer() -> None:
    gate = asked(None, {"api": FRESH, "batch": NoAnswer.NOT_OK, "web": STALE})
    assert stragglers_to_report(gate, PROMOTED_AT, LATE) == (
        ConsumerStraggling("v2", "batch", None, None),
        ConsumerStraggling("v2", "web", "stale", 6),
    )


def test_a_straggler_is_reported_once_for_a_version() -> None:
    gate = asked(None, {"web": STALE}, "web")
    gate = with_reported(gate, stragglers_to_report(gate, PROMOTED_AT, LATE))
    gate = asked(gate, {"web": HealthAnswer("stale", 5)}, "web")
    assert stragglers_to_report(gate, PROMOTED_AT, LATE + timedelta(days=1)) == ()
    # What was said for the next version is news.
    later = asked(gate, {"web": STALE}, "web", version="v3")
    assert len(stragglers_to_report(later, PROMOTED_AT, LATE)) == 1


def test_one_straggler_more_is_reported_alone() -> None:
    gate = asked(None, {}, "web")
    gate = with_reported(gate, stragglers_to_report(gate, PROMOTED_AT, LATE))
    gate = asked(gate, {}, "api", "web")
    assert [straggler.consumer for straggler in stragglers_to_report(gate, PROMOTED_AT, LATE)] == ["api"]
    gate = with_reported(gate, stragglers_to_report(gate, PROMOTED_AT, LATE))
    assert stragglers_to_report(gate, PROMOTED_AT, LATE) == ()


def test_only_who_was_reported_counts_as_reported() -> None:
    gate = asked(None, {}, "api", "web")
    told = stragglers_to_report(gate, PROMOTED_AT, LATE)[:1]
    assert with_reported(gate, told).waiting == {"api": Waiting(reported=True), "web": Waiting()}


ANSWERS = st.builds(HealthAnswer.of, st.sampled_from(["fresh", "stale", None]), st.none() | st.integers(0, 2**53 - 2))
GATES = st.builds(
    Gate,
    st.text(),
    st.dictionaries(st.sampled_from(NAMES), st.builds(Waiting, st.none() | ANSWERS, st.booleans())),
    st.frozensets(st.text()),
)


@given(GATES)
def test_a_gate_comes_back_from_memory_as_it_was(gate: Gate) -> None:
    assert Gate.of_json(json.loads(json.dumps(gate.as_json()))) == gate


def test_a_gate_is_remembered_in_few_words() -> None:
    gate = Gate("v2", {"web": Waiting(STALE, reported=True), "api": Waiting()}, frozenset({"batch"}))
    assert gate.as_json() == {
        "version_id": "v2",
        "waiting": {"api": {}, "web": {"said": ["stale", 6], "reported": True}},
        "passed": ["batch"],
    }


def test_the_gates_of_as_many_consumers_as_a_secret_can_have_leave_room_in_a_parameter() -> None:
    """50 tags, two of them taken; 64 characters of name, 32 of status; a parameter holds 8,192."""
    answer = HealthAnswer.of("s" * 32, 2**53 - 2)
    gate = Gate("v" * 64, {f"{number:064}": Waiting(answer, reported=True) for number in range(48)})
    assert len(json.dumps(gate.as_json(), separators=(",", ":"))) < 7_500


GOOD: dict[str, Any] = {"version_id": "v2", "waiting": {"web": {"said": ["stale", 6]}}, "passed": ["api"]}
DAMAGED: dict[str, Any] = {
    "nothing": None,
    "a text": "v2",
    "a list": [GOOD],
    "a number": 7,
    "no version": {"waiting": {}, "passed": []},
    "a version that is no text": GOOD | {"version_id": 2},
    "nobody waiting or passed": {"version_id": "v2"},
    "a list of waiting ones": GOOD | {"waiting": ["web"]},
    "a waiting one that is a text": GOOD | {"waiting": {"web": "stale"}},
    "an answer in one piece": GOOD | {"waiting": {"web": {"said": "stale"}}},
    "an answer of three": GOOD | {"waiting": {"web": {"said": ["stale", 6, 7]}}},
    "a status with a line end": GOOD | {"waiting": {"web": {"said": ["stale\n", 6]}}},
    "a gen that is true": GOOD | {"waiting": {"web": {"said": ["stale", True]}}},
    "a gen with a fraction": GOOD | {"waiting": {"web": {"said": ["stale", 6.0]}}},
    "a report that is a text": GOOD | {"waiting": {"web": {"reported": "yes"}}},
    "a field that is not known": GOOD | {"waiting": {"web": {"told": True}}},
    "more than a gate": GOOD | {"more": 1},
    "passed ones in a text": GOOD | {"passed": "api"},
    "a passed one that is a number": GOOD | {"passed": [1]},
    "passed ones of several kinds": GOOD | {"passed": ["api", 1, None]},
    "a passed one that is a list": GOOD | {"passed": [["api"]]},
    "one passed twice": GOOD | {"passed": ["api", "api"]},
}


@pytest.mark.parametrize("record", [pytest.param(record, id=name) for name, record in DAMAGED.items()])
def test_a_damaged_record_is_none(record: object) -> None:
    assert Gate.of_json(record) is None


def test_the_record_that_the_damaged_ones_come_from_is_good() -> None:
    assert Gate.of_json(GOOD) == Gate("v2", {"web": Waiting(STALE)}, frozenset({"api"}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "said", "reported"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    JSON
    | st.fixed_dictionaries(
        {"version_id": JSON, "waiting": st.dictionaries(st.text(), JSON, max_size=3), "passed": JSON}
    )
)
def test_any_record_is_a_gate_that_is_written_so_or_none(record: object) -> None:
    gate = Gate.of_json(record)
    assert gate is None or gate.as_json() == record


@given(
    st.none() | GATES,
    st.frozensets(st.sampled_from(NAMES)),
    st.dictionaries(st.sampled_from(NAMES), ANSWERS | st.sampled_from(NoAnswer)),
)
def test_everybody_declared_is_either_waited_for_or_has_passed(
    gate: Gate | None, declared: frozenset[str], answers: dict[str, Health]
) -> None:
    after = asked_of(gate, declared, answers)
    assert set(after.waiting) | after.passed == declared
    assert not set(after.waiting) & after.passed
    assert set(waited_for(after, "v2", urls(*declared))) == set(after.waiting)
    assert after.passed - waited_before(gate, declared) <= {
        name for name in answers if is_fresh_after_key(answers[name])
    }


def asked_of(gate: Gate | None, declared: frozenset[str], answers: dict[str, Health]) -> Gate:
    return advance(gate, "v2", urls(*declared), answers, is_fresh_after_key)


def waited_before(gate: Gate | None, declared: frozenset[str]) -> frozenset[str]:
    """Who had passed before."""
    return declared - set(waited_for(gate, "v2", urls(*declared)))


def test_every_reason_for_no_answer_is_words_of_its_own_that_may_be_logged() -> None:
    assert len(set(NoAnswer)) == len(NoAnswer.__members__)
    assert all(reason.isascii() and reason.isprintable() for reason in NoAnswer)
