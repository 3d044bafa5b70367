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
    stacks, iam = stage.client("cloudformation"), stage.client("iam")
    lead = f"{stage.run.prefix}-vault-"
    stack = next((name for name in live_stacks(stacks) if name.startswith(lead)), None)
    if stack is None:
        return unanswered("there is no stack of the vault")
    iam.tag_user(UserName=stage.run.reader, Tags=[{"Key": _BY_HAND, "Value": "kept?"}])
    before = _tags(stage)
    template = _parsed(stacks.get_template(StackName=stack)["TemplateBody"])
    _with_another_policy(template, stage)
    stacks.update_stack(StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    status = until(
        stage.clock, _settled(stacks, stack), timeout_seconds=_UPDATED_WITHIN_SECONDS, every_seconds=_EVERY_SECONDS
    )
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
