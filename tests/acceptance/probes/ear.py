"""A queue that hears what a rule or a topic tells."""

import json
from collections.abc import Callable
from typing import Any, Final

from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_EVERY_SECONDS: Final = 5.0
_AT_ONCE: Final = 10  # messages SQS hands out in one answer at most


class Ear:
    """A queue of a question's own; what it heard is taken out."""

    def __init__(self, stage: Stage, name: str) -> None:
        self._stage = stage
        self._sqs = stage.client("sqs")
        self._url = self._sqs.create_queue(QueueName=stage.run.probe(name))["QueueUrl"]
        self.arn = str(
            self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        )

    def hears_rule(self, name: str, pattern: dict[str, Any], transformer: dict[str, Any] | None = None) -> None:
        """Events that match, from now on; each rewritten by the transformer, if there is one."""
        events = self._stage.client("events")
        rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
        self._let_in("events.amazonaws.com", rule)
        target = {"Id": "Ear", "Arn": self.arn} | ({} if transformer is None else {"InputTransformer": transformer})
        events.put_targets(Rule=name, Targets=[target])

    def hears_topic(self, topic_arn: str) -> None:
        """The topic's messages, from now on, as they are."""
        self._let_in("sns.amazonaws.com", topic_arn)
        raw = {"RawMessageDelivery": "true"}
        self._stage.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=self.arn, Attributes=raw)

    def heard(self, enough: Callable[[list[str]], bool], timeout_seconds: float) -> list[str]:
        """Everything heard until it is enough, or until the time is over."""
        texts: list[str] = []

        def listen() -> bool | None:
            texts.extend(self._take())
            return True if enough(texts) else None

        until(self._stage.clock, listen, timeout_seconds=timeout_seconds, every_seconds=_EVERY_SECONDS)
        return texts

    def _take(self) -> list[str]:
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=_AT_ONCE)
        messages = answer.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [str(message["Body"]) for message in messages]

    def _let_in(self, service: str, source_arn: str) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
