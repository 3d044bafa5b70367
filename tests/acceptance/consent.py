"""What a run is about to do and to cost, before anything is made."""

from collections.abc import Sequence
from typing import Final

from tests.acceptance.question import Question

# Two customer keys, three or four secrets, a dozen alarms, all by the hour; functions, logs and requests below a cent.
_COST: Final = "less than one US dollar, if it is removed within a day"
_MINUTES_TO_CLEAN_UP: Final = 15


def introduction(
    account: str, principal: str, region: str, preparations: Sequence[Question], questions: Sequence[Question]
) -> Sequence[str]:
    """Lines for a person."""
    minutes = sum(question.minutes for question in (*preparations, *questions)) + _MINUTES_TO_CLEAN_UP
    return (
        f"In account {account}, region {region}, as {principal}:",
        "  it deploys one throw-away vault by `vsync-rotation deploy`: a bucket, a user, two secrets, two KMS keys, five",
        "  functions with their roles, schedules, rules, topics, alarms and a dashboard, all under one unique prefix,",
        f"  rotates both secrets, and asks {len(questions)} questions, some of which make users, roles, queues and a function",
        "  of the same prefix. Then it removes all of it, also if it fails or is interrupted.",
        "  Of its rotations, and of the drift that two questions pretend, only its own topic tells. Deployments in this account",
        "  and region from before events named the stack they are of hear of them too: it is no vault of theirs.",
        f"  Cost: {_COST}. KMS keys stay scheduled for deletion for a month and cost nothing then.",
        f"  Time: at most {minutes // 60} h {minutes % 60} min; most questions end much sooner.",
    )
