"""Deployments in a cluster: one patch over HTTPS to the cluster that DescribeCluster vouches for."""

import base64
import json
import logging
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.contract.restart.cluster import PATH, LocalCluster, PatchReply, self_signed
from tests.contract.restart.conftest import VERSION_ID
from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import LocalServices, refusal
from tests.unit.engine.fakes import FakeClock
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.eks import EksDeployments
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.errors import (
    ConcurrentChangeError,
    PermissionDeniedError,
    RotationError,
    SettingsError,
    UnreachableError,
)
from vsync_rotation.rollouts import Order, Restarted

WEB: Final = declared("eks:main/shop/web")
RESTART: Final = {
    "spec": {
        "template": {
            "metadata": {
                "annotations": {
                    "kubectl.kubernetes.io/restartedAt": "2026-05-01T09:15:00Z",
                    "vsync-rotation/version-id": VERSION_ID,
                }
            }
        }
    }
}


def failure(clients: Clients, order: Order) -> RotationError:
    with pytest.raises(RotationError) as caught:
        EksDeployments(clients).restart(WEB, order)
    assert caught.value.__cause__ is None
    return caught.value


def test_the_pod_template_gets_two_annotations(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described())
    assert EksDeployments(clients).restart(WEB, order) == Restarted()
    assert services.asked[0].parameters == {"name": "main"}
    assert cluster.patches == [RESTART]


def test_a_repetition_sends_the_same_and_so_rolls_nothing(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described(), cluster.described())
    for _ in range(2):
        EksDeployments(clients).restart(WEB, replace(order))
    assert cluster.patches == [RESTART, RESTART]


def test_a_token_is_signed_for_the_cluster_that_gets_it_and_no_other(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    for name in ("main", "other", "main"):
        services.prepare("DescribeCluster", cluster.described())
        cluster.name = name
        EksDeployments(clients).restart(declared(f"eks:{name}/shop/web"), order)
    assert len(cluster.patches) == 3
    cluster.name = "another"
    cluster.receive(PATH, cluster.headers, b"{}")
    assert cluster.findings.pop() == "the token's signature"


@pytest.mark.parametrize(
    ("status", "kind", "finding"),
    [
        (401, PermissionDeniedError, "does not know the function's role"),
        (403, PermissionDeniedError, "a Role in shop must allow patch of deployment web"),
        (404, SettingsError, "no deployment web in shop"),
        (409, ConcurrentChangeError, "changed by somebody else"),
        (422, SettingsError, "refuses the restart \\(422\\)"),
        (429, UnreachableError, "does not serve now \\(429\\)"),
        (500, UnreachableError, "does not serve now \\(500\\)"),
        (503, UnreachableError, "does not serve now \\(503\\)"),
    ],
)
def test_a_refusal_is_told_by_its_status_alone(
    services: LocalServices,
    cluster: LocalCluster,
    clients: Clients,
    order: Order,
    caplog: pytest.LogCaptureFixture,
    status: int,
    kind: type[RotationError],
    finding: str,
) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")
    services.prepare("DescribeCluster", cluster.described())
    cluster.reply = PatchReply(status, b'{"message": "the words of a stranger"}')
    with pytest.raises(kind, match=finding) as caught:
        EksDeployments(clients).restart(WEB, order)
    told = f"{caught.value} {caplog.text}"
    assert "stranger" not in told
    assert cluster.tokens[0] not in told


def test_a_redirect_is_not_followed(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described())
    cluster.reply = PatchReply(307, headers={"Location": f"{cluster.endpoint}/elsewhere"})
    assert "refuses the restart (307)" in str(failure(clients, order))
    assert len(cluster.patches) == 1


def test_a_paused_deployment_is_no_restart(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described())
    cluster.reply = PatchReply(body=json.dumps({"spec": {"paused": True}}).encode())
    assert "is paused" in str(failure(clients, order))


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[]", b'{"spec": 1}', b"[" * 100_000, b'{"spec": {"paused": true}}' + b" " * 1_048_576],
    ids=["empty", "no JSON", "a list", "no object inside", "too deep", "too long"],
)
def test_what_cannot_be_read_of_an_accepted_patch_does_not_matter(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order, body: bytes
) -> None:
    services.prepare("DescribeCluster", cluster.described())
    cluster.reply = PatchReply(201, body)
    assert EksDeployments(clients).restart(WEB, order) == Restarted()


def test_an_answer_without_an_end_is_read_no_further_than_a_mebibyte(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described())
    cluster.reply = PatchReply(body=b" " * 1_048_577, headers={"Content-Length": "10000000000"})
    clients.bound_by(Deadline(FakeClock(), 2.0))
    assert EksDeployments(clients).restart(WEB, order) == Restarted()


def test_another_authority_is_not_believed_and_sees_no_token(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    stranger = base64.b64encode(self_signed("127.0.0.2").certificate).decode()
    services.prepare("DescribeCluster", cluster.described(certificateAuthority={"data": stranger}))
    error = failure(clients, order)
    assert isinstance(error, UnreachableError)
    assert "does not prove to be the cluster's" in str(error)
    assert cluster.patches == []


def test_another_name_is_not_believed_and_sees_no_token(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described(endpoint=f"https://localhost:{cluster.port}"))
    assert "does not prove to be the cluster's" in str(failure(clients, order))
    assert cluster.patches == []


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://127.0.0.1:1"},
        {"endpoint": "https://127.0.0.1:1/path"},
        {"endpoint": "https://user@127.0.0.1:1"},
        {"endpoint": "https://127.0.0.1:99999"},
        {"endpoint": "https://"},
        {"certificateAuthority": {"data": base64.b64encode(b"not PEM").decode()}},
    ],
    ids=["plain HTTP", "a path", "a user", "no port", "no host", "no certificate"],
)
def test_a_cluster_whose_place_is_none_is_refused(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order, changes: dict[str, Any]
) -> None:
    services.prepare("DescribeCluster", cluster.described(**changes))
    assert isinstance(failure(clients, order), SettingsError)
    assert cluster.patches == []


@pytest.mark.parametrize(
    "changes",
    [{"endpoint": ""}, {"certificateAuthority": {}}, {"certificateAuthority": {"data": "*"}}],
    ids=["no endpoint", "no authority", "no base64"],
)
def test_a_cluster_that_is_being_made_is_tried_again(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order, changes: dict[str, Any]
) -> None:
    services.prepare("DescribeCluster", cluster.described(**changes))
    assert isinstance(failure(clients, order), UnreachableError)


def test_a_cluster_that_does_not_exist_is_refused(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("DescribeCluster", refusal("ResourceNotFoundException", 404))
    with pytest.raises(SettingsError, match="there is no cluster main"):
        EksDeployments(clients).restart(WEB, order)


def test_an_api_that_does_not_answer_is_given_up_by_the_deadline(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described())
    cluster.reply = PatchReply(hang=True)
    clients.bound_by(Deadline(FakeClock(), 0.2))
    error = failure(clients, order)
    assert isinstance(error, UnreachableError)
    assert "no answer from the cluster's API" in str(error)
    assert cluster.patches == [RESTART]


def test_an_api_that_nobody_serves_is_unreachable(
    services: LocalServices, cluster: LocalCluster, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeCluster", cluster.described(endpoint="https://127.0.0.1:1"))
    assert isinstance(failure(clients, order), UnreachableError)


def test_nothing_is_ever_under_way(clients: Clients) -> None:
    assert EksDeployments(clients).follow(WEB, "any") == Restarted()
