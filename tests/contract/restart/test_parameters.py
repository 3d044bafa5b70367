"""The memory in Systems Manager: texts under names, absent is not "could not tell", and a limit that is said."""

import pytest

from simulator.faults import answer_with, deny, operation, throttle
from simulator.world import World
from tests.contract.operator_clients import operator
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.parameters import Parameters
from vsync_rotation.errors import PermissionDeniedError, SettingsError, UnreachableError

NAME = "/vsync-rotation/restarted/acme"


@pytest.fixture
def parameters(world: World) -> Parameters:
    return Parameters(Clients())


def test_what_is_remembered_is_recalled_over_what_was_there(parameters: Parameters) -> None:
    for text in ("first", "second", "x" * 8_192):
        parameters.remember(NAME, text)
        assert parameters.recall(NAME) == text


def test_it_is_plain_text_in_the_tier_that_fits(world: World, parameters: Parameters) -> None:
    parameters.remember(NAME, "text")
    found = operator(world, "ssm").describe_parameters()["Parameters"][0]
    assert (found["Name"], found["Type"]) == (NAME, "String")


def test_what_was_never_written_is_absent(parameters: Parameters) -> None:
    assert parameters.recall(NAME) is None


def test_what_is_forgotten_is_absent_and_may_be_forgotten_again(parameters: Parameters) -> None:
    parameters.remember(NAME, "text")
    parameters.forget(NAME)
    parameters.forget(NAME)
    assert parameters.recall(NAME) is None


def test_more_than_a_parameter_holds_is_refused_before_it_is_sent(world: World, parameters: Parameters) -> None:
    with pytest.raises(SettingsError, match="8193 characters"):
        parameters.remember(NAME, "x" * 8_193)
    assert world.requests == []


def test_a_denied_or_failing_read_is_not_taken_for_absent(world: World, parameters: Parameters) -> None:
    with world.watched_by(deny(operation("GetParameter"))), pytest.raises(PermissionDeniedError):
        parameters.recall(NAME)
    with world.watched_by(throttle(operation("GetParameter"))), pytest.raises(UnreachableError):
        parameters.recall(NAME)


def test_a_failing_write_is_said(world: World, parameters: Parameters) -> None:
    busy = answer_with(operation("PutParameter"), 400, "TooManyUpdates")
    with world.watched_by(busy), pytest.raises(UnreachableError, match="PutParameter"):
        parameters.remember(NAME, "text")
    with world.watched_by(deny(operation("DeleteParameter"))), pytest.raises(PermissionDeniedError):
        parameters.forget(NAME)
