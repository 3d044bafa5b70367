"""Whose a key is, asked with the key itself: GetCallerIdentity needs no permission.

See: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import code_of, translated
from vsync_rotation.formats.credentials import Credentials

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

# What STS says of a key that does not exist, is inactive, or is too new to be known.
_UNKNOWN: Final = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidAccessKeyId", "403"})


class CallerIdentity:
    """Implements `keys.ports.KeyProbe`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def user_of(self, credentials: Credentials) -> Callable[[], str | None]:
        """A question whose answer is the user's name, or the whole ARN where the key is not an IAM user's."""
        return partial(_ask, self._clients.sts_probe(credentials))


def _ask(client: "STSClient") -> str | None:
    with translated("STS", "GetCallerIdentity"):
        try:
            arn = client.get_caller_identity()["Arn"]
        except ClientError as error:
            if code_of(error) in _UNKNOWN:
                return None
            raise
    # User ARNs contain the path: arn:aws:iam::123456789012:user/vsync/name.
    resource = arn.partition(":user/")[2]
    return resource.rpartition("/")[2] or arn
