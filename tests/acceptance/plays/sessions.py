"""Sessions of a user's key: the embedded STS hands out credentials that open nothing."""

from contextlib import suppress
from typing import Any

from simulator.run import ACCOUNT_ID, FUNCTION
from tests.acceptance.conftest import Scene
from tests.acceptance.embedded_aws import Played
from tests.acceptance.functions import Statement
from tests.acceptance.hand_made import document
from tests.acceptance.plays.playing import InFrontOf


def sessions_of(scene: Scene, *statements: Statement) -> Played:
    """GetSessionToken as a session of a role that may do what the reader may: judged by the same evaluator."""
    iam, role = scene.world.client("iam", FUNCTION), scene.stage.run.probe("session-of-reader")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=document())
    iam.put_role_policy(RoleName=role, PolicyName="reader", PolicyDocument=document(*statements))

    def get_session_token() -> Any:
        arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"
        return scene.world.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")

    return {"sts": lambda client: InFrontOf(client, {"get_session_token": get_session_token})}


def reading(scene: Scene, **condition: Any) -> Statement:
    run = scene.stage.run
    resource = f"arn:aws:s3:::{run.bucket}/{run.place}*"
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource, "Condition": condition}
