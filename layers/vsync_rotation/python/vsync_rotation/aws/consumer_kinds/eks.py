"""Deployments in EKS clusters: new annotations of the pod template, which is what `kubectl rollout restart` sets.

The Kubernetes Role of the function may patch that one deployment and nothing else, so that nothing there can be read
and the rollout is not followed: what the API accepts is restarted.

See: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/
"""

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.cluster_token import cluster_token
from vsync_rotation.aws.consumer_kinds.kubernetes_api import Cluster, patch
from vsync_rotation.aws.consumer_kinds.refusals import asking
from vsync_rotation.consumers import Consumer
from vsync_rotation.errors import (
    ConcurrentChangeError,
    PermissionDeniedError,
    RotationError,
    SettingsError,
    UnreachableError,
)
from vsync_rotation.events import iso_utc
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

if TYPE_CHECKING:
    from mypy_boto3_eks.type_defs import ClusterTypeDef

_SERVICE: Final = "EKS"
RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
VERSION_ID: Final = "vsync-rotation/version-id"
# Who changed what, as the API server keeps it.
_FIELD_MANAGER: Final = "vsync-rotation"
# An API server answers a patch in well under a second; admission webhooks may take ten.
_ANSWER_SECONDS: Final = 12.0
_ACCEPTED: Final = range(200, 300)
_SERVER_ERRORS: Final = range(500, 600)
_TOO_MANY: Final = 429


class EksDeployments:
    """Restarts `eks:<cluster>/<namespace>/<deployment>`.

    Needs eks:DescribeCluster, an access entry of the cluster for the function's role, and a Kubernetes Role that may
    `patch` this deployment.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:
        """Set both annotations. Repeated, they have these values already, and nothing is rolled.

        Raises:
            SettingsError: no such cluster or deployment, or the deployment is paused.
            PermissionDeniedError: the cluster does not know the function's role, or its Role does not allow it.
            ConcurrentChangeError, UnreachableError: to be tried again.
        """
        cluster_name, namespace, deployment = consumer.parts
        cluster = _usable(self._described(cluster_name), cluster_name)
        answer = patch(
            cluster,
            cluster_token(self._clients, cluster_name),
            f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}?fieldManager={_FIELD_MANAGER}",
            _restart_of(order),
            within_seconds=self._clients.seconds_left(_ANSWER_SECONDS),
        )
        if answer.status not in _ACCEPTED:
            raise _refusal(answer.status, consumer)
        if _is_paused(answer.document):
            # Accepted, but it rolls nothing until somebody resumes it.
            raise _settings(f"deployment {deployment} is paused and restarts when it is resumed")
        return Restarted()

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:  # noqa: ARG002 - nothing to ask
        """Nothing is ever under way: whether the rollout ends well may not be read."""
        return Restarted()

    def _described(self, cluster: str) -> "ClusterTypeDef":
        absent: dict[str, RotationError] = {"ResourceNotFoundException": _settings(f"there is no cluster {cluster}")}
        with asking(_SERVICE, "DescribeCluster", absent):
            return self._clients.eks.describe_cluster(name=cluster)["cluster"]


def _usable(described: "ClusterTypeDef", name: str) -> Cluster:
    endpoint = described.get("endpoint") or ""
    try:
        authority = base64.b64decode(described.get("certificateAuthority", {}).get("data") or "", validate=True)
        pem = authority.decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        pem = ""
    if not endpoint or not pem:
        raise UnreachableError(f"cluster {name} has no endpoint and authority yet", remedy="let it be tried again")
    return Cluster(endpoint, pem)


def _restart_of(order: Order) -> dict[str, Any]:
    annotations = {RESTARTED_AT: iso_utc(order.at), VERSION_ID: order.version_id}
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}


def _is_paused(deployment: Mapping[str, Any] | None) -> bool:
    spec = None if deployment is None else deployment.get("spec")
    return isinstance(spec, dict) and spec.get("paused") is True


def _refusal(status: int, consumer: Consumer) -> RotationError:
    """What the HTTP status means here. Nothing else of the answer is told."""
    _, namespace, deployment = consumer.parts
    if status == 401:
        return PermissionDeniedError(
            "the cluster does not know the function's role (401)",
            remedy="make an access entry of the cluster for the role, then let it be tried again",
        )
    if status == 403:
        return PermissionDeniedError(
            f"a Role in {namespace} must allow patch of deployment {deployment} (403)",
            remedy="bind such a Role to the group of the access entry, then let it be tried again",
        )
    if status == 404:
        return _settings(f"there is no deployment {deployment} in {namespace} (404)")
    if status == 409:
        return ConcurrentChangeError(
            f"deployment {deployment} was changed by somebody else meanwhile (409)", remedy="let it be tried again"
        )
    if status in _SERVER_ERRORS or status == _TOO_MANY:
        return UnreachableError(f"the cluster's API does not serve now ({status})", remedy="let it be tried again")
    return _settings(f"the cluster's API refuses the restart ({status})")


def _settings(what: str) -> SettingsError:
    return SettingsError(what, remedy="correct the consumer's tag, or restart this one by hand")
