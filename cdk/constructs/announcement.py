"""A rule that tells people of one kind of event, in a sentence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_events as events
from constructs import Construct

from cdk.messages import Message

# A day, the longest there is: whoever is told late is still told.
_RETRY = events.CfnRule.RetryPolicyProperty(maximum_event_age_in_seconds=86_400, maximum_retry_attempts=185)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom announcements reach: topics that take plain sentences, and the chat's topic, if there is one."""

    plain_topics: Sequence[str]
    chat_topic: str | None
    dead_letters_arn: str


class Announcement(Construct):
    """The rule; its name, for the alarm on it."""

    def __init__(self, scope: Construct, message: Message, audience: Audience) -> None:
        super().__init__(scope, message.name)
        targets = [
            _target(f"Told{number or ''}", arn, message, message.plain, audience)
            for number, arn in enumerate(audience.plain_topics)
        ]
        if audience.chat_topic is not None:
            targets.append(_target("Chat", audience.chat_topic, message, message.chat, audience))
        self._rule = events.CfnRule(
            self,
            "Rule",
            description=message.title,
            event_pattern=json.loads(json.dumps(message.pattern)),
            state="ENABLED",
            targets=targets,
        )

    @property
    def rule_name(self) -> str:
        """The rule's name, as its metrics have it."""
        return self._rule.ref


def _target(
    target_id: str, arn: str, message: Message, template: str, audience: Audience
) -> events.CfnRule.TargetProperty:
    return events.CfnRule.TargetProperty(
        id=target_id,
        arn=arn,
        input_transformer=events.CfnRule.InputTransformerProperty(
            input_paths_map=message.fields, input_template=template
        ),
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=audience.dead_letters_arn),
        retry_policy=_RETRY,
    )
