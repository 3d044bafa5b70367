"""CloudFormation's updates of users and secrets."""

import json
from collections.abc import Callable
from typing import Any, Final

from cdk import names
from cdk.secret_tags import PAUSED
from simulator.run import ACCOUNT_ID, FUNCTION
from tests.acceptance.conftest import Scene
from tests.acceptance.embedded_aws import Played
from tests.acceptance.hand_made import ByHand
from tests.acceptance.plays.playing import InFrontOf

EXECUTION_ROLE: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT_ID}-eu-central-1"


def updates_of(scene: Scene, *, keeps_tags: bool) -> Played:
    """The vault's stack with its user in it, which an update gives a policy; and perhaps takes the tags of."""
    iam, user = scene.world.client("iam", FUNCTION), scene.stage.run.reader

    def get_template(**_: Any) -> Any:
        return {
            "TemplateBody": {"Resources": {"ReaderUser": {"Type": "AWS::IAM::User", "Properties": {"UserName": user}}}}
        }

    def update_stack(**request: Any) -> None:
        assert request["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
        properties = json.loads(request["TemplateBody"])["Resources"]["ReaderUser"]["Properties"]
        for policy in properties["Policies"]:
            text = json.dumps(policy["PolicyDocument"])
            iam.put_user_policy(UserName=user, PolicyName=policy["PolicyName"], PolicyDocument=text)
        if not keeps_tags:
            iam.untag_user(UserName=user, TagKeys=[tag["Key"] for tag in iam.list_user_tags(UserName=user)["Tags"]])

    played = {"get_template": get_template, "update_stack": update_stack}
    return {"cloudformation": lambda client: InFrontOf(client, played)}


def updates_secrets(scene: Scene, *, refusal: str = "", role: str | None = EXECUTION_ROLE) -> Played:
    """The vault's stack with its secret in it. `refusal`: why it takes the update back; `role`: by whom it updates."""
    manager, secret = scene.world.client("secretsmanager", FUNCTION), scene.stage.run.config_secret
    tokens: list[str] = []

    def get_template(**_: Any) -> Any:
        made = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": secret, "Tags": []}}
        other = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": f"{secret}-other"}}
        return {"TemplateBody": {"Resources": {"ConfigSecret": made, "Other": other}}}

    def update_stack(**request: Any) -> None:
        tokens.append(request["ClientRequestToken"])
        resources = json.loads(request["TemplateBody"])["Resources"]
        assert "Tags" not in resources["Other"]["Properties"]
        if not refusal:
            manager.tag_resource(SecretId=secret, Tags=resources["ConfigSecret"]["Properties"]["Tags"])

    def describe_stacks(**_: Any) -> Any:
        status = "UPDATE_ROLLBACK_COMPLETE" if refusal else "UPDATE_COMPLETE"
        return {"Stacks": [{"StackStatus": status, **({} if role is None else {"RoleARN": role})}]}

    def describe_stack_events(**_: Any) -> Any:
        failed = {"ResourceStatus": "UPDATE_FAILED", "ResourceStatusReason": refusal, "ClientRequestToken": tokens[-1]}
        before = {"ResourceStatus": "UPDATE_FAILED", "ResourceStatusReason": "an update before"}
        done = {"ResourceStatus": "UPDATE_COMPLETE", "ClientRequestToken": tokens[-1]}
        return {"StackEvents": [done, *([failed] if refusal else []), before]}

    played = {
        "get_template": get_template,
        "update_stack": update_stack,
        "describe_stacks": describe_stacks,
        "describe_stack_events": describe_stack_events,
    }
    return {"cloudformation": lambda client: InFrontOf(client, played)}


def deploys_again(*, keeps_pause: bool = True, rotates: bool = False) -> Callable[[ByHand, Any], int]:
    """CloudFormation sets the template's tags; what it makes of others, and whether anything rotates, is open."""

    def again(by_hand: ByHand, deployment: Any) -> int:
        manager, secret = by_hand.client("secretsmanager"), by_hand.run.config_secret
        [vault] = deployment.vaults
        tags = [{"Key": names.OVERLAP, "Value": f"{vault.key.overlap_hours:g}"}]
        manager.tag_resource(SecretId=secret, Tags=tags)
        if not keeps_pause:
            manager.untag_resource(SecretId=secret, TagKeys=[PAUSED])
        if rotates:
            manager.rotate_secret(SecretId=by_hand.run.passphrase_secret)
            by_hand.world.rotation_service.run()
        return 0

    return again
