"""The function's role as a bearer token for an EKS cluster: a signed question to STS that the cluster asks itself.

The token is a presigned GetCallerIdentity URL of the region's STS. It names the cluster in a signed header, so that no
other cluster can use it, and it expires.

See: https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html
"""

import base64
from typing import Any, Final

from botocore.awsrequest import AWSRequest

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import translated
from vsync_rotation.redacted import SecretText

_PREFIX: Final = "k8s-aws-v1."
_CLUSTER_HEADER: Final = "x-k8s-aws-id"
# What the cluster's authenticator takes; it honours the token for a few minutes more.
_EXPIRES_SECONDS: Final = 60
_BEFORE_SIGN: Final = "before-sign.sts.GetCallerIdentity"


def cluster_token(clients: Clients, cluster: str) -> SecretText:
    """A new token. Signing asks nobody.

    Raises:
        UnreachableError: the environment has no credentials to sign with.
    """
    client = clients.sts_signing

    def name_the_cluster(request: AWSRequest, **_signing: Any) -> None:
        request.headers[_CLUSTER_HEADER] = cluster

    client.meta.events.register(_BEFORE_SIGN, name_the_cluster)
    try:
        with translated("STS", "signing GetCallerIdentity"):
            url = client.generate_presigned_url("get_caller_identity", ExpiresIn=_EXPIRES_SECONDS, HttpMethod="GET")
    finally:
        client.meta.events.unregister(_BEFORE_SIGN, name_the_cluster)
    return SecretText(_PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("="))
