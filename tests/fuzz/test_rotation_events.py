"""The event an invocation comes with: one of the service's, or refused; by the function itself too."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.leaks import texts_of
from simulator.world import World
from tests.contract.key_scene import failure_of, key_scene
from tests.fuzz.everything import everything
from tests.fuzz.mutations import odd_text
from tests.fuzz.refusals import CANARY, assert_refused, read
from vsync_rotation.engine.event import RotationEvent, Step, named_in
from vsync_rotation.errors import ContractError, RotationError

SOUND: Final = {
    "SecretId": "acme/prod/VSYNC_CONFIG",
    "ClientRequestToken": "t" * 36,
    "Step": "createSecret",
    "RotationToken": CANARY * 2,
}
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | odd_text
    | st.sampled_from((*Step, "x" * 3_000, CANARY, "create_secret", "")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=3),
    max_leaves=4,
)
# SecretId and ClientRequestToken are names and may be named; nothing else of an event may.
secret_places = st.sampled_from(("Step", "RotationToken", "Extra"))
events = st.one_of(
    values,
    st.builds(lambda name, value: {**SOUND, name: value}, secret_places, values),
    st.builds(
        lambda name, value: {**SOUND, name: value},
        st.sampled_from(("SecretId", "ClientRequestToken")),
        values.filter(lambda v: CANARY not in repr(v)),
    ),
    st.builds(lambda name: {key: value for key, value in SOUND.items() if key != name}, st.sampled_from(sorted(SOUND))),
)


@given(events)
def test_any_event_is_one_step_of_one_version_or_refused_without_showing_its_token(event: object) -> None:
    found = read(lambda: RotationEvent.parse(event), ContractError)
    named_in(event)
    if found is None:
        return
    assert isinstance(event, dict)
    assert (found.secret_id, found.version_id, found.step) == (
        event["SecretId"],
        event["ClientRequestToken"],
        event["Step"],
    )
    assert 0 < len(found.secret_id) <= 2_048
    assert 0 < len(found.version_id) <= 64
    assert (found.rotation_token and found.rotation_token.reveal()) == event.get("RotationToken")
    assert found.rotation_token is None or 36 <= len(found.rotation_token.reveal()) <= 256
    assert CANARY not in repr(found)


@pytest.mark.parametrize(
    "step",
    [CANARY, [CANARY], {CANARY: CANARY}, None, 1, "create_secret", "CREATESECRET", "createSecret ", "createSecret\x00"],
    ids=ascii,
)
def test_a_step_that_is_none_of_the_four_is_refused_and_not_carried_along(step: object) -> None:
    assert_refused(lambda: RotationEvent.parse({**SOUND, "Step": step}), ContractError)


HOSTILE: Final[dict[str, Any]] = {
    "null": None,
    "a list": [CANARY],
    "a text": CANARY,
    "a number": 1,
    "nothing": {},
    "no step": {"SecretId": "{arn}", "ClientRequestToken": "{version}"},
    "another spelling of a step": {"SecretId": "{arn}", "ClientRequestToken": "{version}", "Step": "create_secret"},
    "a step that is an object": {"SecretId": "{arn}", "ClientRequestToken": "{version}", "Step": {CANARY: 1}},
    "a secret that does not exist": {"SecretId": "no/such/secret", "ClientRequestToken": "{version}", "Step": "createSecret"},
    "a secret of control characters": {"SecretId": "\x00\n\x1b[2J", "ClientRequestToken": "{version}", "Step": "createSecret"},
    "a secret of half a character": {"SecretId": "\ud800", "ClientRequestToken": "{version}", "Step": "createSecret"},
    "a long secret": {"SecretId": "x" * 3_000, "ClientRequestToken": "{version}", "Step": "createSecret"},
    "a version that does not exist": {"SecretId": "{arn}", "ClientRequestToken": "0" * 36, "Step": "createSecret"},
    "a version of half characters": {"SecretId": "{arn}", "ClientRequestToken": "\ud800" * 36, "Step": "finishSecret"},
    "a short rotation token": {"SecretId": "{arn}", "ClientRequestToken": "{version}", "Step": "createSecret", "RotationToken": "x"},
    "a rotation token that is no text": {"SecretId": "{arn}", "ClientRequestToken": "{version}", "Step": "createSecret", "RotationToken": [CANARY]},
}  # fmt: skip


def test_no_hostile_event_changes_anything_and_each_is_refused_by_the_family(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version = scene.begin()
    names = {"{arn}": scene.secret.arn, "{version}": version}
    before = everything(world)
    for name, event in HOSTILE.items():
        filled = event
        if isinstance(event, dict):
            filled = {key: names.get(value, value) if isinstance(value, str) else value for key, value in event.items()}
        error = failure_of(world, key_function, filled)
        assert isinstance(error, RotationError), name
        assert not error.what.startswith("unexpected"), f"{name}: {error}"
        assert everything(world) == before, name
        assert not [text for text in texts_of(error) if CANARY in text], name
    assert not [text for text in (*world.log_lines, *(event.text for event in world.events)) if CANARY in text]
