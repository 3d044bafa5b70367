"""Does deploying again leave alone what people and functions did by hand: tags, values, labels?"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from cdk.names import OVERLAP
from cdk.secret_tags import PAUSED
from tests.acceptance import throw_away
from tests.acceptance.live_stacks import live_stacks
from tests.acceptance.question import Answer, Question, judged, unanswered
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_UPDATED_WITHIN_SECONDS: Final = 900.0
_EVERY_SECONDS: Final = 10.0
_BY_HAND: Final = "acceptance-by-hand"
_USER: Final = "AWS::IAM::User"
_SECRET: Final = "AWS::SecretsManager::Secret"
_READING: Final = "secretsmanager:GetSecretValue"
_NO_STACK: Final = "there is no stack of the vault"


def _editing(stage: Stage) -> Answer:
    """Both schedules and the overlap are edited, and the operator deploys, while the key's rotation is paused."""
    manager, config = stage.client("secretsmanager"), stage.run.config_secret
    manager.tag_resource(SecretId=config, Tags=[{"Key": PAUSED, "Value": "acceptance"}])
    before = _state(stage)
    file = throw_away.deployment_file(
        stage.run, stage.aws.account, stage.aws.region, stage.aws.principal, throw_away.EDITED
    )
    status = stage.operator.deploy(file, stage.values.file(stage.run))
    tags = {tag["Key"]: tag["Value"] for tag in stage.vault.facts(config).get("Tags", [])}
    after = _state(stage)
    manager.untag_resource(SecretId=config, TagKeys=[PAUSED])
    edited = tags.get(OVERLAP) == str(throw_away.EDITED.overlap_hours)
    same = before == after
    return judged(
        as_relied_on=status == 0 and edited and same and PAUSED in tags,
        text=f"the operator's second deployment ended with {status}; the edited tag is {'new' if edited else 'NOT new'}, "
        f"the pause set by hand {'stayed' if PAUSED in tags else 'is GONE'}, values and versions are "
        f"{'the same' if same else 'NOT the same'}",
        exit_status=status,
        edited_tag=tags.get(OVERLAP),
        pause_stayed=PAUSED in tags,
        versions_before=before,
        versions_after=after,
    )


def _state(stage: Stage) -> Mapping[str, Any]:
    """Which version is current, and when it was rotated."""
    found = {}
    for secret in (stage.run.config_secret, stage.run.passphrase_secret):
        facts = stage.vault.facts(secret)
        current = stage.vault.current_version(secret)
        found[secret] = {"current": current, "rotated": str(facts.get("LastRotatedDate"))}
    return found


def _user_tags(stage: Stage) -> Answer:
    """The user gets one more inline policy from its stack; the tag beside it is nobody's but the function's or ours."""
    iam, stack = stage.client("iam"), _vaults_stack(stage)
    if stack is None:
        return unanswered(_NO_STACK)
    iam.tag_user(UserName=stage.run.reader, Tags=[{"Key": _BY_HAND, "Value": "kept?"}])
    before = _tags(stage)
    status = _updated(stage, stack, _with_another_policy, f"{stage.run.prefix}-user")
    after, policies = _tags(stage), iam.list_user_policies(UserName=stage.run.reader)["PolicyNames"]
    if _BY_HAND not in policies:
        return unanswered(f"the stack's update did not reach the user (it is {status})")
    return judged(
        as_relied_on=before == after,
        text=f"after an update of the user by its stack {len(after)} of its {len(before)} tags are there",
        tags_before=sorted(before),
        tags_after=sorted(after),
        stack_status=status,
    )


def _denied_secret(stage: Stage) -> Answer:
    """One tag more on the secret with the blob, from its stack, whose role is none of those that may read it."""
    stacks, stack = stage.client("cloudformation"), _vaults_stack(stage)
    if stack is None:
        return unanswered(_NO_STACK)
    role = stacks.describe_stacks(StackName=stack)["Stacks"][0].get("RoleARN")
    if role in (None, stage.aws.principal):
        return unanswered("the vault's stack is updated with the caller's own permissions, who may read the secret")
    token = f"{stage.run.prefix}-secret"
    status = _updated(stage, stack, _with_another_tag, token)
    reasons = _failures(stacks, stack, token)
    reached = any(tag["Key"] == _BY_HAND for tag in stage.vault.facts(stage.run.config_secret).get("Tags", []))
    if not reached and not any(_READING in reason for reason in reasons):
        return unanswered(f"the stack's update did not reach the secret (it is {status})", reasons=reasons)
    return judged(
        as_relied_on=reached,
        text="CloudFormation can update the tags of a secret that it may not read"
        if reached
        else f"CloudFormation can NOT update the tags of a secret that it may not read: name {role} in admins, deploy "
        'that, then edit (docs/deploy.md, "When a deployment fails halfway")',
        stack_status=status,
        role=role,
        reasons=reasons,
    )


def _failures(stacks: Any, stack: str, token: str) -> list[str]:
    """Why the update with this token failed, the first reason first; the latest events come in one answer."""
    events = stacks.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        str(event.get("ResourceStatusReason", ""))
        for event in reversed(events)
        if event.get("ClientRequestToken") == token and str(event.get("ResourceStatus", "")).endswith("_FAILED")
    ]


def _vaults_stack(stage: Stage) -> str | None:
    lead = f"{stage.run.prefix}-vault-"
    return next((name for name in live_stacks(stage.client("cloudformation")) if name.startswith(lead)), None)


def _updated(stage: Stage, stack: str, edit: Callable[[dict[str, Any], Stage], None], token: str) -> str | None:
    """The stack's status, once its edited template is there or is taken back; None if that takes too long."""
    stacks = stage.client("cloudformation")
    template = _parsed(stacks.get_template(StackName=stack)["TemplateBody"])
    edit(template, stage)
    stacks.update_stack(
        StackName=stack,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        ClientRequestToken=token,
    )
    return until(
        stage.clock, _settled(stacks, stack), timeout_seconds=_UPDATED_WITHIN_SECONDS, every_seconds=_EVERY_SECONDS
    )


def _tags(stage: Stage) -> dict[str, str]:
    pages = stage.client("iam").get_paginator("list_user_tags").paginate(UserName=stage.run.reader)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _with_another_policy(template: dict[str, Any], stage: Stage) -> None:
    nothing = f"arn:{stage.aws.partition}:s3:::{stage.run.bucket}/{stage.run.place}nothing-lies-here"
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": nothing}
    policy = {"PolicyName": _BY_HAND, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    for resource in template["Resources"].values():
        if resource["Type"] == _USER:
            resource["Properties"].setdefault("Policies", []).append(policy)


def _with_another_tag(template: dict[str, Any], stage: Stage) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == _SECRET and resource["Properties"].get("Name") == stage.run.config_secret:
            resource["Properties"].setdefault("Tags", []).append({"Key": _BY_HAND, "Value": "by its stack"})


def _settled(stacks: Any, name: str) -> Callable[[], str | None]:
    def look() -> str | None:
        status = str(stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        return None if status.endswith("_IN_PROGRESS") else status

    return look


def _parsed(body: Any) -> dict[str, Any]:
    # The SDK hands JSON on as an object.
    template: dict[str, Any] = json.loads(body) if isinstance(body, str) else json.loads(json.dumps(body))
    return template


QUESTIONS: Final = (
    Question(
        id="user-tags-survive-an-update",
        asks="Does a stack's update of an IAM user without tags in its template take off tags that were set by hand?",
        left_open_by="CloudFormation: AWS::IAM::User; what becomes of tags beside the template's is not said",
        relied_on="they stay: the functions' memory of keys is there",
        only_aws="CloudFormation that updates users",
        minutes=15,
        ask=_user_tags,
    ),
    Question(
        id="tags-of-a-denied-secret",
        asks="Can CloudFormation update a made secret (its tags) that it may not read?",
        left_open_by="CloudFormation: the schema of AWS::SecretsManager::Secret lists GetSecretValue among what updating "
        "and reading may need, and not for what",
        relied_on="it can: protect_reading denies that to the CDK's execution role, and edits of a vault end in such tags",
        only_aws="CloudFormation that updates secrets",
        minutes=16,
        ask=_denied_secret,
    ),
    Question(
        id="editing-rotates-nothing",
        asks="Does deploying an edited file rotate anything, or take off the tag vsync-rotation:paused set by hand?",
        left_open_by="CloudFormation: AWS::SecretsManager::Secret and RotationSchedule; tags beside the template's, "
        "and RotateImmediatelyOnUpdate while a rotation is refused",
        relied_on="neither",
        only_aws="CloudFormation that makes secrets and rotation schedules",
        minutes=25,
        ask=_editing,
    ),
)
