"""What a request asks for, in IAM's words: action, resource and condition keys.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.access.event_questions import event_questions
from simulator.access.iam_questions import iam_questions
from simulator.access.kms_questions import kms_questions
from simulator.access.parsing import operation_of
from simulator.access.policy import ANY_RESOURCE, Question
from simulator.access.restart_questions import RESTART_SERVICES
from simulator.access.s3_questions import s3_questions
from simulator.access.secret_questions import secret_questions
from simulator.access.systems_manager_questions import systems_manager_questions
from simulator.doors import Incoming

# By signing name. Each takes the account and the request.
_KNOWN: Final[Mapping[str, Callable[[str, Incoming], list[Question]]]] = {
    "s3": s3_questions,
    "secretsmanager": secret_questions,
    "iam": iam_questions,
    "kms": kms_questions,
    "events": event_questions,
    "ssm": systems_manager_questions,
    **RESTART_SERVICES,
}


@dataclass(frozen=True, slots=True)
class Questions:
    """Turns requests into questions, for one account."""

    account_id: str

    def about(self, incoming: Incoming) -> list[Question]:
        """Everything that must be allowed for this request.

        Resources of other services than those above are not told apart: any Resource element matches.
        """
        if incoming.service in _KNOWN:
            return _KNOWN[incoming.service](self.account_id, incoming)
        return [Question(f"{incoming.service}:{operation_of(incoming)}", ANY_RESOURCE)]
