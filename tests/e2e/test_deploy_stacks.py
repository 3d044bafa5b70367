"""Which stacks deploying takes for its own, what it does with them, and what it leaves alone."""

import json
from typing import Any

import pytest
from moto.cloudformation.models import cloudformation_backends

from simulator import faults
from simulator.world import ACCOUNT_ID, World
from tests.e2e.deploy_scenes import Scene, new_scene
from tests.e2e.operators import Operator, Person, vault_table

TOPIC = {"T": {"Type": "AWS::SNS::Topic"}}
FOUNDATION = "vsync rotation: the key of the secrets. Survives."
FUNCTIONS = "vsync rotation: functions and schedules for 1 vaults. Replaceable."


@pytest.fixture
def scene(operator: Operator, world: World) -> Scene:
    return new_scene(operator, world)


def stand(scene: Scene, name: str, status: str, description: str = "", *, protected: bool = False) -> None:
    """Let a stack be there, in this state."""
    body = json.dumps({"Description": description, "Resources": TOPIC})
    stacks = scene.world.client("cloudformation")
    stacks.create_stack(StackName=name, TemplateBody=body, EnableTerminationProtection=protected)
    put(scene, name, status)


def put(scene: Scene, name: str, status: str) -> None:
    found: Any = cloudformation_backends[ACCOUNT_ID][scene.world.region].stacks.values()
    for stack in found:
        if stack.name == name:
            stack.status = status


def statuses(scene: Scene) -> dict[str, str]:
    found = scene.world.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"]: stack["StackStatus"] for stack in found}


STRANGERS = {
    "rota-vault-eu-rotation-1": FUNCTIONS,
    "rota-vault-eu-foundation": FOUNDATION,
    "rota-vault-eu-watch": "vsync rotation: what people are told. Replaceable.",
    "rota-vault-eu-vault-acme-web-prod-1a2b3c": "vsync rotation: vault acme_web/prod. Survives; holds no secret value.",
    "rota-vault-eu-rotation-123456": FUNCTIONS,
    "rota-vault-monitoring": "",
    "rota-vault-monitoring-abcdef": "Monitoring",
    "rota-rotation-9": "Rotation of something else",
}


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_strangers_stacks_are_neither_touched_nor_in_the_way(scene: Scene, status: str) -> None:
    for name, description in STRANGERS.items():
        stand(scene, name, status, description, protected=True)
    yaml = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n"
    scene.world.client("cloudformation").create_stack(StackName="rota-vault-yaml-abcdef", TemplateBody=yaml)
    put(scene, "rota-vault-yaml-abcdef", "UPDATE_IN_PROGRESS")
    ran = scene.deploy("--yes", "--from", scene.values())
    assert (ran.status, ran.err) == (0, "")
    assert not any(name in ran.out for name in STRANGERS)
    found = statuses(scene)
    assert {name: found[name] for name in STRANGERS} == dict.fromkeys(STRANGERS, status)
    assert "rota-watch" in found


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE"])
def test_a_strangers_stack_of_a_name_that_is_needed_ends_it(scene: Scene, status: str) -> None:
    stand(scene, "rota-watch", status, "Somebody's")
    told = "stack rota-watch is there and is none of ours, so that it is left alone; choose another stack_prefix"
    assert told in scene.refusal()


def test_a_stack_from_before_its_template_named_a_file_is_ours(scene: Scene) -> None:
    scene.deployed()
    stand(scene, "rota-rotation-2", "CREATE_COMPLETE", FUNCTIONS)
    ran = scene.deploy("--yes")
    assert ran.status == 0
    assert "deleting stack rota-rotation-2" in ran.out
    assert "rota-rotation-2" not in statuses(scene)


def test_stacks_whose_first_creation_failed_are_cleared_away_once_that_was_told(scene: Scene) -> None:
    stand(scene, "rota-foundation", "ROLLBACK_COMPLETE", FOUNDATION, protected=True)
    stand(scene, "rota-rotation-1", "ROLLBACK_COMPLETE", FUNCTIONS)
    before = scene.operator.writes()
    no = scene.deploy(given=Person(seen=("n",)))
    assert scene.operator.writes() == before
    for name in ("rota-foundation", "rota-rotation-1"):
        assert f"note: stack {name} is deleted first: its first creation failed, and nothing is in it" in no.out
    ran = scene.deploy("--yes", "--from", scene.values())
    assert (ran.status, ran.err) == (0, "")
    assert "deleting stack rota-foundation, whose first creation had failed" in ran.out
    found = statuses(scene)
    assert found["rota-foundation"] == found["rota-rotation-1"] == "CREATE_COMPLETE"
    assert scene.vault.boot().values["GREETING"] == "hello"


IN_PROGRESS = "somebody is deploying or deleting it; wait until that has ended"
DELETE = "aws cloudformation delete-stack --stack-name"


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("rota-foundation", "UPDATE_IN_PROGRESS", IN_PROGRESS),
        ("rota-rotation-1", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", IN_PROGRESS),
        ("rota-rotation-1", "UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name rota-rotation-1 --region"),
        (
            "rota-watch",
            "UPDATE_FAILED",
            "aws cloudformation rollback-stack --stack-name rota-watch --region eu-central-1",
        ),
        ("rota-watch", "DELETE_FAILED", "somebody began to delete it; to end that, see why"),
        ("rota-watch", "ROLLBACK_FAILED", f"its first creation failed; {DELETE} rota-watch --region eu-central-1\n"),
        (
            "rota-watch",
            "IMPORT_ROLLBACK_FAILED",
            "see why (aws cloudformation describe-stack-events --stack-name rota-w",
        ),
    ],
)
def test_a_stack_that_no_update_begins_from_is_told_before_anything_is_built(
    scene: Scene, name: str, status: str, told: str
) -> None:
    scene.deployed()
    put(scene, name, status)
    line = scene.refusal()
    assert f"stack {name} is in {status}: " in line
    assert told in line
    assert scene.checkout.ran == []


def test_what_survives_loses_its_protection_first(scene: Scene) -> None:
    scene.deployed()
    put(scene, "rota-foundation", "CREATE_FAILED")
    line = scene.refusal()
    assert "update-termination-protection --no-enable-termination-protection --stack-name rota-foundation" in line
    assert f"&& {DELETE} rota-foundation --region eu-central-1; without a stack stay: KMS key SecretsKey" in line
    assert "; with it go: KMS key TopicsKey\n" in line


def test_whoever_ends_the_deletion_of_functions_is_told_that_rotations_end(scene: Scene) -> None:
    scene.deployed()
    put(scene, "rota-rotation-1", "DELETE_FAILED")
    assert f"{DELETE} rota-rotation-1 --region eu-central-1; that ends its rotations until the next" in scene.refusal()


def test_a_stack_that_goes_while_it_is_looked_at_is_not_there(scene: Scene) -> None:
    scene.deployed()
    stand(scene, "rota-rotation-2", "CREATE_COMPLETE", FUNCTIONS)

    def goes() -> None:
        scene.world.client("cloudformation").delete_stack(StackName="rota-rotation-2")

    listed = faults.nth(1, faults.operation("cloudformation:ListStacks"))
    with scene.world.watched_by(faults.afterwards(listed, goes)):
        ran = scene.deploy("--yes")
    assert (ran.status, ran.err) == (0, "")
    assert "rota-rotation-2" not in ran.out


def failed_at_first(scene: Scene) -> None:
    stand(scene, "rota-foundation", "ROLLBACK_COMPLETE", FOUNDATION, protected=True)
    stand(scene, "rota-rotation-1", "ROLLBACK_COMPLETE", FUNCTIONS)


ON_DELETING = faults.operation("cloudformation:DeleteStack")


def test_a_failed_stack_that_a_colleague_makes_anew_meanwhile_is_not_deleted(scene: Scene) -> None:
    failed_at_first(scene)

    def makes_anew() -> None:
        scene.world.client("cloudformation").delete_stack(StackName="rota-rotation-1")
        stand(scene, "rota-rotation-1", "CREATE_COMPLETE", FUNCTIONS, protected=True)

    with scene.world.watched_by(faults.afterwards(faults.nth(1, ON_DELETING), makes_anew)):
        ran = scene.deploy("--yes", "--from", scene.values())
    assert (ran.status, scene.deployments) == (1, [])
    assert "somebody else has deployed since you looked: rota-rotation-1" in ran.err
    assert ran.err.endswith(
        "stacks whose first creation had failed may be deleted or on their way; run the same again to go on\n"
    )
    assert statuses(scene) == {"rota-rotation-1": "CREATE_COMPLETE"}
    (anew,) = scene.world.client("cloudformation").describe_stacks(StackName="rota-rotation-1")["Stacks"]
    assert anew["EnableTerminationProtection"] is True


def test_a_failed_stack_that_cannot_be_cleared_away_says_what_stands(scene: Scene) -> None:
    failed_at_first(scene)
    with scene.world.watched_by(faults.deny(ON_DELETING)):
        ran = scene.deploy("--yes", "--from", scene.values())
    assert (ran.status, scene.deployments) == (1, [])
    assert "access denied: CloudFormation refused DeleteStack" in ran.err
    assert "nothing was deployed; stacks whose first creation had failed may be deleted" in ran.err


@pytest.mark.parametrize("clearing", [True, False])
def test_ctrl_c_during_a_deletion_says_what_stands(
    scene: Scene, capsys: pytest.CaptureFixture[str], clearing: bool
) -> None:
    if clearing:
        failed_at_first(scene)
    else:
        scene.deployed()
        stand(scene, "rota-rotation-2", "CREATE_COMPLETE", FUNCTIONS)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with scene.world.watched_by(faults.afterwards(ON_DELETING, interrupt)), pytest.raises(KeyboardInterrupt):
        scene.deploy("--yes", "--from", scene.values())
    told = "may be deleted or on their way" if clearing else "CloudFormation may go on deleting rota-rotation-2"
    assert told in capsys.readouterr().err


def test_a_stack_that_was_only_prepared_is_no_hindrance(scene: Scene) -> None:
    scene.deployed()
    stand(scene, "rota-rotation-2", "REVIEW_IN_PROGRESS", FUNCTIONS)
    assert scene.deploy("--yes").status == 0


def test_a_stack_of_a_vault_that_left_may_be_as_it_likes(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other))
    scene.deployed()
    scene.write(vault_table(scene.vault))
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    (left,) = [name for name in statuses(scene) if name.startswith("rota-vault-acme-api-")]
    put(scene, left, "DELETE_FAILED")
    assert scene.deploy("--yes").status == 0
    put(scene, left, "DELETE_IN_PROGRESS")
    assert IN_PROGRESS in scene.refusal()


SLACK = '[notifications.slack]\nworkspace_id = "T0123ABCD"\nchannel_id = "C0123ABCD"\n'


def test_the_chat_comes_last_and_alone_and_goes_again(scene: Scene) -> None:
    scene.write(vault_table(scene.vault), head=SLACK)
    ran = scene.deploy("--yes", "--from", scene.values())
    assert (ran.status, ran.err) == (0, "")
    assert scene.deployments[1:] == ["deploy rota-rotation-1 rota-watch", "deploy rota-chat"]
    assert "rota-chat" in statuses(scene)
    scene.write(vault_table(scene.vault))
    ran = scene.deploy(given=Person(seen=("y",)))
    assert ran.status == 0
    told, question = "stack rota-chat is deployed and not in the file any more", "Deploy this to account"
    assert 0 < ran.out.index(told) < ran.out.index(question)
    assert "rota-chat" not in statuses(scene)


def test_a_chat_that_fails_fails_nothing_else(scene: Scene) -> None:
    scene.write(vault_table(scene.vault), head=SLACK)
    scene.checkout.fails.add("deploy rota-chat")
    ran = scene.deploy("--yes", "--from", scene.values())
    assert ran.status == 1
    assert "cdk deploy ended with status 1 and says above why" in ran.err
    assert "the chat channel failed, and the reason stands above; if it is the first time: authorise" in ran.err
    assert ran.err.endswith("which an account can do only once; everything else is deployed\n")
    assert scene.vault.boot().values["GREETING"] == "hello"
    scene.checkout.fails.clear()
    assert scene.deploy("--yes").status == 0


CHAT = "vsync rotation: a chat channel. Replaceable."


@pytest.mark.parametrize("head", [SLACK, ""])
def test_a_chat_that_is_stuck_hinders_nothing_else(scene: Scene, head: str) -> None:
    stand(scene, "rota-chat", "UPDATE_ROLLBACK_FAILED", CHAT)
    scene.write(vault_table(scene.vault), head=head)
    ran = scene.deploy("--yes", "--from", scene.values())
    told = "stack rota-chat is in UPDATE_ROLLBACK_FAILED: see why"
    assert ran.status == 1
    assert 0 < ran.out.index(f"note: {told}") < ran.out.index("Deploy this to account")
    assert told in ran.err
    assert ran.err.endswith("everything else is deployed\n")
    assert [word for word in scene.deployments if "rota-chat" in word] == []
    assert statuses(scene)["rota-chat"] == "UPDATE_ROLLBACK_FAILED"
    assert scene.vault.boot().values["GREETING"] == "hello"


def test_a_chat_that_somebody_is_deploying_is_waited_for(scene: Scene) -> None:
    stand(scene, "rota-chat", "UPDATE_IN_PROGRESS", CHAT)
    assert IN_PROGRESS in scene.refusal()


def test_a_chat_that_failed_at_first_and_is_not_wanted_any_more_goes(scene: Scene) -> None:
    scene.deployed()
    stand(scene, "rota-chat", "ROLLBACK_COMPLETE", "vsync rotation: a chat channel. Replaceable.")
    assert scene.deploy("--yes").status == 0
    assert "rota-chat" not in statuses(scene)


@pytest.mark.parametrize("word", ["rota-watch", "rota-chat"])
def test_ctrl_c_while_cloudformation_works_says_how_to_go_on(
    scene: Scene, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    def interrupt(ran: str) -> None:
        if ran.endswith(word):
            raise KeyboardInterrupt

    scene.write(vault_table(scene.vault), head=SLACK)
    scene.checkout.afterwards = interrupt
    with pytest.raises(KeyboardInterrupt):
        scene.deploy("--yes", "--from", scene.values())
    told = (
        "interrupted: CloudFormation may go on with what it has begun; wait until it has ended, then run the same again"
    )
    assert told in capsys.readouterr().err
