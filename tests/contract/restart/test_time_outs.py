"""A service that does not answer: every kind gives up, says so, and may be tried again."""

from typing import Final

import pytest
from botocore.config import Config

from simulator.world import World
from tests.contract.restart.conftest import aimed_at
from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import HANGS, Answer, LocalServices, refusal
from vsync_rotation.aws import clients as clients_module
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.registry import restarters
from vsync_rotation.consumers import ConsumerKind
from vsync_rotation.errors import PermissionDeniedError, UnreachableError
from vsync_rotation.rollouts import Order

TRIES: Final = 4
FIRST_QUESTIONS: Final = {
    "ecs:main/web": "DescribeServices",
    "lambda:shop": "GetFunctionConfiguration",
    "eks:main/shop/web": "DescribeCluster",
    "apprunner:shop": "ListServices",
    "ssm:Shop-Restart": "SendCommand",
    "sns:rotated": "Publish",
}


@pytest.fixture(scope="module")
def kept_impatient(running_world: World, running_services: LocalServices) -> Clients:
    """Clients that wait for an answer as long as a test can."""
    quick = clients_module._CONTROL.merge(Config(read_timeout=0.05))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients_module, "_CONTROL", quick)
        return aimed_at(running_services)


@pytest.fixture
def impatient(clients: Clients, kept_impatient: Clients) -> Clients:
    """The same, where `clients` are wanted as well: no pauses, and the embedded AWS aside."""
    return kept_impatient


def test_every_kind_is_looked_at_here() -> None:
    assert {declared(target).kind for target in FIRST_QUESTIONS} == set(ConsumerKind)


@pytest.mark.parametrize(("target", "question"), FIRST_QUESTIONS.items())
def test_a_service_that_does_not_answer_is_unreachable(
    services: LocalServices, impatient: Clients, order: Order, target: str, question: str
) -> None:
    services.prepare(question, *[HANGS] * TRIES)
    consumer = declared(target)
    with pytest.raises(UnreachableError, match=question):
        restarters(impatient)[consumer.kind].restart(consumer, order)
    assert services.operations() == [question] * TRIES


@pytest.mark.parametrize(("target", "question"), FIRST_QUESTIONS.items())
@pytest.mark.parametrize(
    "trouble", [refusal("ThrottlingException"), refusal("InternalFailure", 500)], ids=["throttled", "broken"]
)
def test_a_service_in_trouble_is_asked_four_times(
    services: LocalServices, clients: Clients, order: Order, target: str, question: str, trouble: Answer
) -> None:
    services.prepare(question, *[trouble] * TRIES)
    consumer = declared(target)
    with pytest.raises(UnreachableError, match=question) as caught:
        restarters(clients)[consumer.kind].restart(consumer, order)
    assert "stranger" not in str(caught.value)


@pytest.mark.parametrize(("target", "question"), FIRST_QUESTIONS.items())
def test_a_service_that_denies_is_told_by_its_answer(
    services: LocalServices, clients: Clients, order: Order, target: str, question: str
) -> None:
    services.prepare(question, refusal("AccessDeniedException", 403))
    consumer = declared(target)
    with pytest.raises(PermissionDeniedError, match=question):
        restarters(clients)[consumer.kind].restart(consumer, order)
