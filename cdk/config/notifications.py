"""Who is told, and how."""

from typing import Final

from cdk.config.forms import Form
from cdk.config.model import Notifications, Slack
from cdk.config.references import TOPIC, Home, arn_here
from cdk.config.table import Table

# Braces might be one too, and would mean something to CloudFormation.
_EMAIL: Final = Form.matching(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`|~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "an e-mail address"
)
# See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html
_WORKSPACE: Final = Form.unrepeated(
    r"T[A-Z0-9]{1,254}",
    "the workspace's id, which begins with T; Amazon Q Developer in chat applications shows it once it is authorised",
)
_CHANNEL: Final = Form.unrepeated(
    r"[CG][A-Z0-9]{1,254}",
    "the channel's id, which begins with C or G and ends the link that Slack copies; not its name",
)

# EventBridge: targets of a rule. CloudWatch: actions of an alarm. One is the topic that e-mail addresses hear of.
_REACHED: Final = 5
_MOST_TOPICS: Final = _REACHED - 1


def read_notifications(table: Table, home: Home) -> Notifications:
    """The table `notifications`."""
    told = Notifications(
        email=table.texts("email", _EMAIL),
        topics=table.texts("topics", arn_here(TOPIC, home)),
        slack=_slack(table.table("slack")),
        trail=table.switch("trail", default=False),
    )
    if len(told.topics) > (_MOST_TOPICS if told.slack is None else _MOST_TOPICS - 1):
        table.refuse(
            "topics",
            f"has {len(told.topics)} topics, and a rule or an alarm reaches {_REACHED}, the people's and slack's with "
            f"them; write {_MOST_TOPICS} at most, {_MOST_TOPICS - 1} with slack, and let one topic forward to others",
        )
    return told


def _slack(table: Table | None) -> Slack | None:
    if table is None:
        return None
    return Slack(table.text("workspace_id", _WORKSPACE), table.text("channel_id", _CHANNEL))
