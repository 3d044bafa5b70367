"""Everything of a run goes and nothing else does, in whatever state it was left and whatever fails on the way."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.functions import FunctionCrashed
from simulator.run import FUNCTION, OPERATOR
from simulator.world import World
from tests.acceptance.cleanup.cleaning import Cleaning
from tests.acceptance.cleanup.ownership import Kind, NotOursError, owns
from tests.acceptance.cleanup.stacks import surviving_stacks
from tests.acceptance.cleanup.thing import Place, Thing
from tests.acceptance.embedded_aws import Turns, embedded
from tests.acceptance.run import Run
from tests.acceptance.scattered import CloudFormationAsItIs, inventory, scatter

RUN = Run("vsync-accept-0123abcd")
READS = ("List", "Describe", "Get", "Head")
# Others' names that begin, end or look alike; the first is what no run can be called, but somebody's stack might.
LOOK_ALIKES = (
    "vsync-accept-0123abcde",
    "x-vsync-accept-0123abcd",
    "vsync-accept-0123abce",
)


@pytest.fixture
def cleaning(world: World) -> Callable[[], list[str]]:
    said: list[str] = []

    def clean() -> list[str]:
        said.clear()
        left = Cleaning(Place(embedded(world), RUN, Turns(world)), said.append).run()
        return [*left]

    return clean


def of_the_operator(request: Request) -> bool:
    return request.principal == OPERATOR.access_key_id


def writes(request: Request) -> bool:
    return of_the_operator(request) and not request.operation.startswith(READS)


def own(world: World) -> set[tuple[Kind, str]]:
    return {(kind, name) for kind, name in inventory(world) if RUN.prefix in name}


def test_everything_of_the_run_goes_and_every_look_alike_stays(world: World, cleaning: Callable[[], list[str]]) -> None:
    for prefix in LOOK_ALIKES:
        scatter(world, prefix)
    others = inventory(world)
    scatter(world, RUN.prefix)
    made = inventory(world) - others
    assert {kind for kind, _ in made} == set(Kind)
    assert cleaning() == []
    assert inventory(world) == others


def test_names_that_only_hold_a_prefix_are_others(world: World, cleaning: Callable[[], list[str]]) -> None:
    manager, logs, ssm = (world.client(service, FUNCTION) for service in ("secretsmanager", "logs", "ssm"))
    for name in (RUN.prefix, f"backup/{RUN.prefix}/test", f"{RUN.prefix}.old"):
        manager.create_secret(Name=name, SecretString="{}")
    for name in (RUN.prefix, f"/aws/lambda/{RUN.prefix}", f"/aws/other/{RUN.prefix}-probe"):
        logs.create_log_group(logGroupName=name)
    for name in (f"/vsync-rotation/checked/{RUN.prefix}", f"/other/checked/{RUN.prefix}/test"):
        ssm.put_parameter(Name=name, Value="{}", Type="String")
    others = inventory(world)
    assert cleaning() == []
    assert inventory(world) == others


@pytest.mark.parametrize("prefix", ["", "vsync", "vsync-rotation", "vsync-accept-", "VSYNC-ACCEPT-0123ABCD", "*"])
def test_no_other_prefix_can_be_cleaned_up(prefix: str) -> None:
    with pytest.raises(ValueError, match="is no run's prefix"):
        Run(prefix)


def test_what_is_not_ours_is_refused_even_where_a_finder_offers_it(world: World) -> None:
    removed: list[str] = []
    thing = Thing(Kind.SECRET, "acme_web/prod/VSYNC_CONFIG", "", lambda: removed.append("removed"))
    with pytest.raises(NotOursError, match="it was left alone"):
        Place(embedded(world), RUN, Turns(world)).removed(thing)
    assert removed == []


@pytest.mark.parametrize("kind", list(Kind))
def test_no_kind_is_owned_by_the_bare_prefix_or_a_longer_one(kind: Kind) -> None:
    assert not owns(RUN, kind, RUN.prefix)
    assert not owns(RUN, kind, f"{RUN.prefix}0-x")
    assert not owns(RUN, kind, "")


def test_an_empty_account_is_clean_at_once(world: World, cleaning: Callable[[], list[str]]) -> None:
    assert cleaning() == []
    assert [request.operation for request in world.requests if writes(request)] == []


def test_it_can_be_killed_after_some_removals_and_gone_on_with(world: World, cleaning: Callable[[], list[str]]) -> None:
    scatter(world, RUN.prefix)
    kills = 0
    while len(own(world)) > 3:
        with world.watched_by(faults.crash_after(faults.nth(3, writes))), pytest.raises(FunctionCrashed):
            cleaning()
        kills += 1
        assert kills < 60, own(world)
    assert kills > 6
    assert cleaning() == []
    assert own(world) == set()


def test_functions_stop_first_and_nothing_is_in_a_stacks_way(world: World, cleaning: Callable[[], list[str]]) -> None:
    scatter(world, RUN.prefix)
    scene = CloudFormationAsItIs(world, f"vsync-{RUN.prefix}-test-reader", f"{RUN.prefix}-vault")
    first = len(world.requests)
    with world.watched_by(scene):
        assert cleaning() == []
    # Watch, rotation and chat may be deleted while the vault is full; the vault's own stack and its foundation may not.
    assert scene.met == ["key", "key", "key", "nothing", "nothing"]
    removals = [request.action for request in world.requests[first:] if writes(request)]
    assert removals[0] == "cloudformation:DeleteStack"
    assert removals.index("iam:DeleteAccessKey") > 1


class Busy:
    """CloudFormation with one stack of the run: under way for two looks, refusing to be deleted meanwhile."""

    def __init__(self, ends_as: str) -> None:
        self.asked_to_delete_while: list[str] = []
        self._coming = ["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
        self._after = ["DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS", ends_as]

    def get_paginator(self, _name: str) -> "Busy":
        return self

    def paginate(self) -> list[dict[str, list[dict[str, str]]]]:
        stack = {"StackName": f"{RUN.prefix}-vault-one", "StackStatus": self._coming[0]}
        return [{"StackSummaries": [stack]}]

    def describe_stacks(self, **_: str) -> Any:
        status = self._coming.pop(0) if len(self._coming) > 1 else self._coming[0]
        reason = {"StackStatusReason": "the key is in use"} if status == "DELETE_FAILED" else {}
        return {"Stacks": [{"StackStatus": status, **reason}], "ResponseMetadata": {"HTTPStatusCode": 200}}

    def delete_stack(self, **_: str) -> None:
        self.asked_to_delete_while.append(self._coming[0])
        self._coming = list(self._after)


@pytest.mark.parametrize("ends_as", ["DELETE_COMPLETE", "DELETE_FAILED"])
def test_a_stack_that_is_under_way_is_waited_for_before_and_after(
    world: World, monkeypatch: pytest.MonkeyPatch, ends_as: str
) -> None:
    monkeypatch.setattr("tests.acceptance.cleanup.cleaning.SEQUENCE", (surviving_stacks,))
    busy = Busy(ends_as)
    aws = embedded(world, {"cloudformation": lambda _client: busy})
    left = Cleaning(Place(aws, RUN, Turns(world)), lambda _line: None).run()
    assert busy.asked_to_delete_while[0] == "UPDATE_COMPLETE"
    if ends_as == "DELETE_COMPLETE":
        assert left == []
    else:
        [line] = left
        assert "it is DELETE_FAILED: the key is in use; by hand: aws cloudformation delete-stack" in line


DENIED = {
    "iam:DeleteRole": f"role {RUN.prefix}-probe-role",
    "s3:DeleteObject": f"contents of bucket {RUN.prefix}-vault",
    "secretsmanager:DeleteSecret": f"secret {RUN.prefix}/test/VSYNC_CONFIG",
    "logs:DeleteLogGroup": f"log group /aws/lambda/{RUN.prefix}-probe-rotation",
    "cloudformation:DeleteStack": f"stack {RUN.prefix}-foundation",
    "sqs:DeleteQueue": f"queue {RUN.prefix}-probe-ear",
}


def test_what_cannot_be_removed_is_listed_with_its_command_and_the_rest_goes(
    world: World, cleaning: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.acceptance.cleanup.cleaning._ROUNDS", 2)
    scatter(world, RUN.prefix)
    with world.watched_by(faults.deny(lambda r: of_the_operator(r) and r.action in {*DENIED, "iam:ListUsers"})):
        lines = cleaning()
    for left in DENIED.values():
        [line] = [line for line in lines if line.startswith(left)]
        assert "AccessDenied" in line
        assert "; by hand: aws " in line
    assert any(line.startswith("what users there are: could not be looked for") for line in lines)
    kept = {kind for kind, _ in own(world)}
    assert kept == {Kind.ROLE, Kind.BUCKET, Kind.SECRET, Kind.LOG_GROUP, Kind.STACK, Kind.QUEUE, Kind.USER}
    assert cleaning() == []
    assert own(world) == set()


def test_a_disk_that_fills_on_the_way_does_not_end_the_removing(
    world: World, cleaning: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK may write down a login that it renewed, at any request."""

    def full(_place: Place) -> Iterator[Thing]:
        raise OSError("no space left on device")

    monkeypatch.setattr("tests.acceptance.cleanup.cleaning.SEQUENCE", (full, surviving_stacks))
    monkeypatch.setattr("tests.acceptance.cleanup.cleaning._ROUNDS", 2)
    world.client("cloudformation", FUNCTION).create_stack(
        StackName=f"{RUN.prefix}-foundation", TemplateBody='{"Resources": {"People": {"Type": "AWS::SNS::Topic"}}}'
    )
    assert cleaning() == ["what full there are: could not be looked for (no space left on device)"]
    assert own(world) == set()


def test_a_service_that_goes_on_listing_what_is_gone_is_asked_again(
    cleaning: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter(range(100))

    def late(_place: Place) -> Iterator[Thing]:
        if next(calls) < 3:
            yield Thing(Kind.SECRET, f"{RUN.prefix}/gone", "aws ...", lambda: None)

    monkeypatch.setattr("tests.acceptance.cleanup.cleaning.SEQUENCE", (late,))
    assert cleaning() == []
    assert next(calls) == 4
