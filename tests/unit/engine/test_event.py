"""What counts as an invocation by the rotation service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.engine.event import RotationEvent, Step
from vsync_rotation.errors import ContractError

GOOD: dict[str, object] = {"SecretId": "arn", "ClientRequestToken": "t" * 36, "Step": "createSecret"}
SENSITIVE = "sensitive-token-of-some-characters-more"


def test_the_four_steps_are_read() -> None:
    for name in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        assert RotationEvent.parse(GOOD | {"Step": name}).step == Step(name)


def test_a_rotation_token_is_kept_from_sight() -> None:
    event = RotationEvent.parse(GOOD | {"RotationToken": SENSITIVE})
    assert event.rotation_token is not None
    assert event.rotation_token.reveal() == SENSITIVE
    assert SENSITIVE not in repr(event)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"Step": "create_secret"}, "Step"),
        ({"Step": None}, "Step"),
        ({"Step": ["createSecret"]}, "Step"),
        ({"SecretId": ""}, "SecretId"),
        ({"SecretId": 1}, "SecretId"),
        ({"SecretId": "x" * 2049}, "SecretId"),
        ({"ClientRequestToken": None}, "ClientRequestToken"),
        ({"ClientRequestToken": "x" * 65}, "ClientRequestToken"),
        ({"RotationToken": 1}, "RotationToken"),
        ({"RotationToken": "x" * 35}, "RotationToken"),
        ({"RotationToken": "x" * 257}, "RotationToken"),
    ],
)
def test_an_event_that_is_none_says_what_is_wrong_with_it(change: dict[str, object], finding: str) -> None:
    with pytest.raises(ContractError, match=finding):
        RotationEvent.parse(GOOD | change)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner),
    )
)
def test_arbitrary_events_raise_only_the_family(event: object) -> None:
    with pytest.raises(ContractError):
        RotationEvent.parse(event)
