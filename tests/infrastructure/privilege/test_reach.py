"""Each statement reaches exactly as far as the deployment file says, and not to what lies beside.

`test_no_more` shows that something of every resource is needed; a pattern that is too wide is needed just as well. So
resources and values of conditions are held against a table that is computed without `cdk.permissions`, and every
neighbour of what is a vault's own is put to every statement.
"""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from cdk.rendered_identities import Identity
from simulator.access.conditions import like
from simulator.access.policy import Question, concerns
from tests.infrastructure.assemblies import Assembled
from tests.infrastructure.privilege import neighbours
from tests.infrastructure.privilege.actions import BESIDE, NEEDED, OTHERS
from tests.infrastructure.privilege.bearers import bearers
from tests.infrastructure.privilege.proof import actions_of, by_sid, contexts_of
from tests.infrastructure.privilege.reach import reach_of, wanted
from tests.infrastructure.privilege.served import Served

BEARERS: Final = (*NEEDED, *OTHERS)
# Deployments and their rotation stacks.
STACKS: Final = (("every_permission", 1), ("example", 1), ("everything", 1), ("everything", 2))


@pytest.fixture(scope="module")
def served(proven: Assembled) -> Served:
    return Served.by(proven, 1)


@pytest.mark.parametrize(("name", "number"), STACKS)
def test_every_statement_reaches_exactly_as_far_as_the_file_says(
    of: Callable[[str], Assembled], name: str, number: int
) -> None:
    served = Served.by(of(name), number)
    others = [f"{served.deployment.stack_prefix}-rotation-{other}" for _, other in STACKS if other != number]
    found = bearers(served.rendering, *others)
    for bearer, reaches in wanted(served).items():
        assert {sid: reach_of(statement) for sid, statement in by_sid(found[bearer]).items()} == reaches, bearer


def test_every_statement_stands_in_the_table(served: Served) -> None:
    """What `every_permission.toml` does not use is looked at nowhere else."""
    pinned = {bearer: {*NEEDED.get(bearer, ()), *BESIDE.get(bearer, ()), *OTHERS.get(bearer, ())} for bearer in BEARERS}
    assert {bearer: set(reaches) for bearer, reaches in wanted(served).items()} == pinned


@pytest.mark.parametrize("bearer", BEARERS)
def test_no_statement_reaches_what_lies_beside(
    proven_bearers: Mapping[str, Identity], served: Served, bearer: str
) -> None:
    strangers = neighbours.strangers(neighbours.resources(served))
    reaches = wanted(served)[bearer]
    for sid, statement in by_sid(proven_bearers[bearer]).items():
        given = reaches[sid].get("Allow", ["*"])
        context = next(contexts_of(statement))
        for other in strangers:
            if not any(like(pattern, other) for pattern in given):
                assert not concerns(statement, Question(actions_of(statement)[0], other, context)), (sid, other)


@pytest.mark.parametrize("bearer", BEARERS)
def test_no_condition_lets_in_what_lies_beside(
    proven_bearers: Mapping[str, Identity], served: Served, bearer: str
) -> None:
    wholes, reaches = neighbours.values(served), wanted(served)[bearer]
    for sid, statement in by_sid(proven_bearers[bearer]).items():
        context = next(contexts_of(statement))
        for condition, given in reaches[sid].items():
            key = condition.rpartition(" ")[2]
            for other in neighbours.strangers(wholes.get(key, ())):
                if not any(like(pattern, other) for pattern in given):
                    question = Question(actions_of(statement)[0], "", {**context, key: other})
                    assert not concerns(statement, question), (sid, key, other)


def test_neighbours_are_who_they_should_be() -> None:
    """Same folder with another environment, the prefix without its last segment, another user of the same path."""
    assert {"apps/another/x", "apps/x", "web/x", "apps/webx/x"} <= set(neighbours.of("apps/web/"))
    user = "arn:aws:iam::123456789012:user/vsync/"
    assert {f"{user}another", "arn:aws:iam::another:user/vsync/reader"} <= set(neighbours.of(f"{user}reader"))
