"""SNS topics: tell whoever subscribes, for everything that this software does not restart itself.

See: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import hashlib
import json
from typing import Any, Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.refusals import asking
from vsync_rotation.consumers import Consumer
from vsync_rotation.errors import PermissionDeniedError, SettingsError
from vsync_rotation.events import iso_utc
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

_SERVICE: Final = "SNS"
_FIFO: Final = ".fifo"


class Topics:
    """Restarts `sns:<topic>` of the secret's own account and region. Needs sns:Publish on the topic.

    Accepted is all that can be known here: who subscribes, and what comes of it, is the operator's.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:
        """Publish which version is current, without any value.

        A repetition carries the same message; FIFO topics drop it for five minutes, other subscribers get it again.

        Raises:
            SettingsError: no such topic.
            PermissionDeniedError: the function's role may not publish there.
        """
        with asking(_SERVICE, "Publish", _refusals(consumer)):
            self._clients.topics.publish(
                TopicArn=_arn(order.secret_arn, consumer.target), Message=_message(order), **_in_order(consumer, order)
            )
        return Restarted()

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:  # noqa: ARG002 - nothing to ask
        """Nothing is ever under way."""
        return Restarted()


def _arn(secret_arn: str, topic: str) -> str:
    _, partition, _, region, account, *_ = secret_arn.split(":")
    return f"arn:{partition}:sns:{region}:{account}:{topic}"


def _message(order: Order) -> str:
    return json.dumps(
        {
            "secret_arn": order.secret_arn,
            "secret_name": order.secret_name,
            "kind": order.kind,
            "version_id": order.version_id,
            "at": iso_utc(order.at),
        }
    )


def _in_order(consumer: Consumer, order: Order) -> dict[str, Any]:
    """FIFO: a secret's messages in order, one per version. A group's id has 128 characters, an ARN may have more."""
    if not consumer.target.endswith(_FIFO):
        return {}
    group = hashlib.sha256(order.secret_arn.encode()).hexdigest()
    return {"MessageGroupId": group, "MessageDeduplicationId": order.version_id}


def _refusals(consumer: Consumer) -> dict[str, SettingsError | PermissionDeniedError]:
    topic = consumer.target
    return {
        "NotFound": SettingsError(
            f"there is no topic {topic} in the secret's account and region", remedy="correct the consumer's tag"
        ),
        # SNS's own word for a denial.
        "AuthorizationError": PermissionDeniedError(
            f"{_SERVICE} refused Publish to topic {topic}",
            remedy="let the function's role publish there (sns:Publish), then let it be tried again",
            code="AuthorizationError",
            not_done=True,
        ),
    }
