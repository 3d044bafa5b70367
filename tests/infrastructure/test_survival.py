"""What survives, and that nothing which is edited or renamed replaces, rotates or switches off anything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from cdk import names
from tests.infrastructure.assemblies import Assembled

PINNED: Final = Path(__file__).parent / "pinned_ids.json"
SURVIVING: Final = frozenset({"AWS::IAM::User", "AWS::SecretsManager::Secret", "AWS::KMS::Key", "AWS::S3::Bucket"})
SCHEDULED: Final = frozenset({"AWS::SecretsManager::RotationSchedule", "AWS::Scheduler::Schedule"})
Of = Callable[[str], Assembled]
ALL: Final = ("example", "everything", "many", "renamed")


def resources(assembled: Assembled, kinds: frozenset[str]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (stack, logical_id): resource
        for stack, template in assembled.templates.items()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in kinds
    }


def ids(assembled: Assembled) -> list[str]:
    """Stack, logical id and type of everything that must never be made anew."""
    found = resources(assembled, SURVIVING | SCHEDULED)
    return sorted(f"{stack} {logical_id} {found[stack, logical_id]['Type']}" for stack, logical_id in found)


def test_the_ids_of_users_secrets_keys_and_schedules_are_the_pinned_ones(of: Of) -> None:
    # To be changed only where a thing comes newly into the example: another id makes CloudFormation replace the thing.
    assert ids(of("example")) == json.loads(PINNED.read_text())


def test_renaming_reordering_and_editing_schedules_leaves_every_id_as_it_was(of: Of) -> None:
    assert ids(of("renamed")) == ids(of("example"))


def test_renaming_reordering_and_editing_schedules_leaves_every_name_as_it_was(of: Of) -> None:
    names = ("Name", "UserName", "BucketName", "SecretId")

    def named(assembled: Assembled) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            place: {name: resource["Properties"].get(name) for name in names}
            for place, resource in resources(assembled, SURVIVING | SCHEDULED).items()
        }

    assert named(of("renamed")) == named(of("example"))


def test_an_edited_schedule_is_the_only_thing_that_tells_the_two_apart_in_a_rotation(of: Of) -> None:
    before = resources(of("example"), frozenset({"AWS::Scheduler::Schedule"}))
    after = resources(of("renamed"), frozenset({"AWS::Scheduler::Schedule"}))
    changed = {
        name
        for place, resource in before.items()
        for name, value in resource["Properties"].items()
        if after[place]["Properties"][name] != value
    }
    assert changed == {"ScheduleExpression"}


@pytest.mark.parametrize("name", ALL)
def test_no_template_names_the_value_of_a_secret(of: Of, name: str) -> None:
    for resource in resources(of(name), frozenset({"AWS::SecretsManager::Secret"})).values():
        assert not resource["Properties"].keys() & {"SecretString", "GenerateSecretString"}


@pytest.mark.parametrize("name", ALL)
def test_deploying_never_rotates(of: Of, name: str) -> None:
    rotations = resources(of(name), frozenset({"AWS::SecretsManager::RotationSchedule"}))
    assert rotations
    for rotation in rotations.values():
        assert rotation["Properties"]["RotateImmediatelyOnUpdate"] is False
        assert rotation["Properties"]["RotationRules"]["ScheduleExpression"]


@pytest.mark.parametrize("name", ALL)
def test_no_schedule_is_switched_off(of: Of, name: str) -> None:
    schedules = resources(of(name), frozenset({"AWS::Scheduler::Schedule"}))
    assert schedules
    assert {schedule["Properties"]["State"] for schedule in schedules.values()} == {"ENABLED"}


def test_a_schedule_at_a_rate_rotates_nothing(of: Of) -> None:
    # Scheduler fires a rate as soon as it is made or edited.
    for name in ALL:
        for schedule in resources(of(name), frozenset({"AWS::Scheduler::Schedule"})).values():
            if "rotateSecret" in json.dumps(schedule["Properties"]["Target"]["Arn"]):
                assert schedule["Properties"]["ScheduleExpression"].startswith("cron(")


@pytest.mark.parametrize("name", ALL)
def test_what_survives_is_kept_when_its_stack_goes_or_it_is_replaced(of: Of, name: str) -> None:
    for (stack, logical_id), resource in resources(of(name), SURVIVING).items():
        if "Topics" not in logical_id:  # the key of messages that are gone once they are read
            assert (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) == ("Retain", "Retain"), stack


REPLACEABLE: Final = {
    "AWS::CloudWatch::Alarm",
    "AWS::Chatbot::SlackChannelConfiguration",
    "AWS::Lambda::Function",
    "AWS::Scheduler::Schedule",
}


def test_surviving_and_replaceable_things_never_share_a_stack(of: Of) -> None:
    for stack, template in of("everything").templates.items():
        kinds = {resource["Type"] for resource in template["Resources"].values()}
        survives = bool(kinds & SURVIVING)
        replaceable = bool(kinds & REPLACEABLE)
        assert survives != replaceable, stack


def test_stacks_that_survive_are_protected_from_deletion(of: Of) -> None:
    manifest = json.loads((of("example").folder / "manifest.json").read_text())
    protected = {
        artifact["properties"].get("stackName", name)
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack" and artifact["properties"].get("terminationProtection")
    }
    surviving = {stack for stack, _ in resources(of("example"), SURVIVING)}
    assert protected == surviving


def test_a_vault_that_is_adopted_as_a_whole_has_no_stack_and_is_served(of: Of) -> None:
    assert not any("acme-api-prod" in stack for stack in of("example").templates)
    rotated = json.dumps(of("example").templates["vsync-rotation-rotation-1"])
    assert "secret:api/prod/config-Ab12Cd" in rotated
    assert "secret:api/prod/passphrase-Ef34Gh" in rotated


def test_no_stack_touches_an_adopted_user_or_secret(of: Of) -> None:
    made = {resource["Properties"].get("UserName") for resource in resources(of("everything"), SURVIVING).values()}
    assert "adopted-reader" not in made
    for template in of("everything").templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] in {"AWS::IAM::UserPolicy", "AWS::IAM::Policy", "AWS::SecretsManager::ResourcePolicy"}:
                assert "adopted" not in json.dumps(resource["Properties"])


def test_users_get_no_tags_from_a_stack(of: Of) -> None:
    # The rotation keeps its memory in the user's tags; CloudFormation might take off what it did not put on.
    for resource in resources(of("everything"), frozenset({"AWS::IAM::User"})).values():
        assert "Tags" not in resource["Properties"]


def test_addresses_come_and_go_without_touching_one_another(of: Of) -> None:
    def subscriptions(name: str) -> dict[str, str]:
        found = resources(of(name), frozenset({"AWS::SNS::Subscription"}))
        return {resource["Properties"]["Endpoint"]: logical_id for (_, logical_id), resource in found.items()}

    assert set(subscriptions("everything")) == {"a@example.com", "b@example.com"}
    assert len(set(subscriptions("everything").values())) == 2
    assert subscriptions("example").keys() != subscriptions("renamed").keys()
    assert set(subscriptions("example").values()).isdisjoint(subscriptions("renamed").values())


def test_a_chat_that_is_not_authorised_fails_nothing_that_survives(of: Of) -> None:
    """Nor anything else: it stands alone, and nothing is taken from it."""
    everything = of("everything")
    [(stack, _)] = resources(everything, frozenset({"AWS::Chatbot::SlackChannelConfiguration"}))
    template = everything.templates[stack]
    assert {resource["Type"] for resource in template["Resources"].values()} == {
        "AWS::Chatbot::SlackChannelConfiguration",
        "AWS::IAM::Role",
    }
    assert not any(found.get("Export") for found in template.get("Outputs", {}).values())


def test_the_chat_shows_the_topic_that_messages_and_alarms_speak_to(of: Of) -> None:
    everything = of("everything")
    [channel] = everything.rendering.resources("AWS::Chatbot::SlackChannelConfiguration")
    [topic] = channel.properties["SnsTopicArns"]
    told = {
        target["Arn"]
        for rule in everything.rendering.resources("AWS::Events::Rule")
        for target in rule.properties["Targets"]
    }
    assert topic in told


def test_whoever_is_subscribed_to_a_topic_stays_so(of: Of) -> None:
    """A topic that is made anew has no subscribers, and says so to nobody: none stands where things may be made anew."""
    for name in ALL:
        assert {topic.stack.rpartition("-")[2] for topic in of(name).rendering.resources("AWS::SNS::Topic")} == {
            "foundation"
        }


def test_every_template_says_whose_file_it_is(of: Of) -> None:
    for name in ("example", "everything", "many"):
        for template in of(name).templates.values():
            assert template["Outputs"][names.DEPLOYMENT_FILE]["Value"] == name
            assert "Metadata" not in template  # CloudFormation takes a change of it alone for none


def test_the_key_of_the_secrets_is_the_same_whichever_vaults_are_in_the_file(of: Of) -> None:
    """A vault that leaves the file stays, with its readers: they must go on opening its secrets."""

    def policy(name: str) -> object:
        [key] = [found for found in of(name).rendering.resources("AWS::KMS::Key") if "SecretsKey" in found.logical_id]
        return key.properties["KeyPolicy"]

    assert policy("example") == policy("many") == policy("renamed")


def test_a_chat_has_no_more_rights_than_none(of: Of) -> None:
    [channel] = resources(of("everything"), frozenset({"AWS::Chatbot::SlackChannelConfiguration"})).values()
    assert channel["Properties"]["GuardrailPolicies"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    [role] = [
        found.properties
        for found in of("everything").rendering.resources("AWS::IAM::Role")
        if "chatbot" in str(found.properties["AssumeRolePolicyDocument"])
    ]
    assert "Policies" not in role
    assert "ManagedPolicyArns" not in role


def test_secrets_have_the_replicas_that_the_file_asks_for(of: Of) -> None:
    secrets = resources(of("everything"), frozenset({"AWS::SecretsManager::Secret"}))
    replicated = {
        resource["Properties"]["Name"]
        for resource in secrets.values()
        if resource["Properties"].get("ReplicaRegions") == [{"Region": "us-west-2"}]
    }
    assert replicated == {"shop/prod/VSYNC_CONFIG", "shop/prod/VSYNC_PASSPHRASE"}


def test_the_boundary_bounds_every_role_and_user(of: Of) -> None:
    bounded = resources(of("everything"), frozenset({"AWS::IAM::Role", "AWS::IAM::User"}))
    boundary = of("everything").deployment.permissions_boundary
    assert {resource["Properties"].get("PermissionsBoundary") for resource in bounded.values()} == {boundary}


def test_a_rotation_is_set_up_once_the_function_may_be_invoked_for_it(of: Of) -> None:
    for name in ("example", "everything"):
        for stack, template in of(name).templates.items():
            permissions = {
                logical_id: resource["Properties"]["SourceArn"]
                for logical_id, resource in template["Resources"].items()
                if resource["Type"] == "AWS::Lambda::Permission"
            }
            for logical_id, resource in template["Resources"].items():
                if resource["Type"] == "AWS::SecretsManager::RotationSchedule":
                    awaited = [permissions[other] for other in resource["DependsOn"] if other in permissions]
                    assert awaited == [resource["Properties"]["SecretId"]], (stack, logical_id)
