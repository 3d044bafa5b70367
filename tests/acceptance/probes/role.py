"""A role of a question's own, with statements taken from a deployed role: what those allow, tried from outside.

Nobody but Lambda can be a deployed function's role; a role with its statements, word for word, is judged alike.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from tests.acceptance.aws import Aws, Credentials, tried
from tests.acceptance.functions import Statement
from tests.acceptance.probes.made import made
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

# IAM is eventually consistent and says nothing about how long; a minute or two is the most that is told of it.
# See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
KNOWN_WITHIN_SECONDS: Final = 180.0
EVERY_SECONDS: Final = 3.0
_POLICY: Final = "probe"


class NotKnownInTimeError(Exception):
    """IAM did not let the probe in, though its policy does."""


def acting_with(stage: Stage, name: str, statements: Sequence[Statement], control: Callable[[Aws], bool]) -> Aws:
    """The account as a role with just these statements sees it, once `control`, which they allow, goes well.

    Without that, a policy that is not known yet would pass for one that denies.

    Raises:
        NotKnownInTimeError: it did not go well in time.
    """
    role = stage.run.probe(name)
    iam = stage.client("iam")
    made(iam.create_role, RoleName=role, AssumeRolePolicyDocument=_document(_trusts(stage.aws.principal)))
    iam.put_role_policy(RoleName=role, PolicyName=_POLICY, PolicyDocument=_document(*statements))
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]

    def let_in() -> Aws | None:
        answer = tried(stage.client("sts").assume_role, RoleArn=arn, RoleSessionName=_POLICY)
        if not answer.went_well:
            return None
        credentials = Credentials.of_session(answer.value["Credentials"])
        stage.discretion.keep(credentials.secret_access_key, credentials.session_token)
        seen = stage.aws.seen_with(credentials)
        return seen if control(seen) else None

    seen = until(stage.clock, let_in, timeout_seconds=KNOWN_WITHIN_SECONDS, every_seconds=EVERY_SECONDS)
    if seen is None:
        raise NotKnownInTimeError(f"role {role} was not let in within {KNOWN_WITHIN_SECONDS:g} s")
    return seen


def _trusts(principal: str) -> Statement:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}


def _document(*statements: Statement) -> str:
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps(document)
