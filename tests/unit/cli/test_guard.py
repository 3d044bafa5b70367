"""What an update may not do to what is deployed: two templates in, sentences out."""

from importlib import import_module
from typing import Any

import pytest

from cdk.names import DEPLOYMENT_FILE
from vsync_rotation_cli.deploy.guard import Update
from vsync_rotation_cli.deploy.schedules import Forgotten
from vsync_rotation_cli.deploy.templates import BUCKET, KEY, PINNED, SCHEDULE, SECRET, USER

ROTATION, OTHER_ROTATION, VAULT = "rota-rotation-1", "rota-rotation-2", "rota-vault-acme"
SLUG = "acme-web-prod-1a2b3c"
SCHEDULE_ID = "KeyAcmeWebProd1a2b3cRotation"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    switched = {"RotateImmediatelyOnUpdate": False} if kind == SCHEDULE else {}
    return {"Type": kind, "Properties": {**switched, **properties}}


def stack(name: str, **resources: Any) -> dict[str, Any]:
    return {name: {"Resources": resources}}


NAMED = {
    SECRET: resource(SECRET, Name="acme/prod/VSYNC_CONFIG"),
    USER: resource(USER, UserName="reader", Path="/vsync/"),
    KEY: resource(KEY, KeyPolicy={}),
    BUCKET: resource(BUCKET, BucketName="vaults"),
    SCHEDULE: resource(SCHEDULE, SecretId={"Fn::ImportValue": "of-the-vault"}),
}


def violations(deployed: Any, planned: Any, *slugs: str) -> tuple[str, ...]:
    return Update(deployed, planned).violations(Forgotten(slugs))


@pytest.mark.parametrize("kind", NAMED)
def test_what_stays_as_it_is_is_no_violation(kind: str) -> None:
    assert violations(stack(VAULT, A=NAMED[kind]), stack(VAULT, A=NAMED[kind])) == ()


@pytest.mark.parametrize("kind", NAMED)
def test_what_is_new_is_no_violation(kind: str) -> None:
    assert violations({}, stack(VAULT, A=NAMED[kind])) == ()
    assert violations(stack(VAULT), stack(VAULT, A=NAMED[kind])) == ()


@pytest.mark.parametrize("kind", NAMED)
def test_what_leaves_its_stack_is_one(kind: str) -> None:
    (line,) = violations(stack(VAULT, Thing=NAMED[kind]), stack(VAULT))
    assert line.startswith(f"{VAULT}: ")
    assert "Thing" in line


@pytest.mark.parametrize("kind", [kind for kind in NAMED if kind not in (KEY, SCHEDULE)])
def test_what_comes_back_under_another_logical_id_is_told_as_that(kind: str) -> None:
    (line,) = violations(stack(VAULT, Old=NAMED[kind]), stack(VAULT, New=NAMED[kind]))
    assert "Old" in line
    assert "would become New, which CloudFormation takes for another one; keep its logical id" in line


def test_what_becomes_another_type_is_one() -> None:
    (line,) = violations(stack(VAULT, A=NAMED[SECRET]), stack(VAULT, A=NAMED[USER]))
    assert "secret A (acme/prod/VSYNC_CONFIG) would leave its stack" in line


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in PINNED.items() for name in names])
def test_another_value_of_a_property_that_only_a_new_resource_can_have_is_one(kind: str, name: str) -> None:
    old, new = (resource(kind, **{name: value}) for value in ("before", "after"))
    (line,) = violations(stack(VAULT, A=old), stack(VAULT, A=new))
    assert f"would be replaced: {name} changes from before to after" in line
    (line,) = violations(stack(VAULT, A=old), stack(VAULT, A=resource(kind)))
    assert f"{name} changes from before to nothing" in line


@pytest.mark.parametrize("kind", PINNED)
def test_the_pinned_properties_are_cloudformations_own_and_perhaps_more(kind: str) -> None:
    schemas: Any = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    schema = schemas.get_resource_schema("us-east-1", kind).schema
    create_only = {path.rpartition("/")[2] for path in schema.get("createOnlyProperties", [])}
    assert create_only <= set(PINNED[kind]) <= set(schema["properties"])


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (SECRET, {"Name": "a", "Description": "x", "Tags": []}, {"Name": "a", "ReplicaRegions": [{"Region": "r"}]}),
        (USER, {"UserName": "a", "Path": "/", "Policies": [1]}, {"UserName": "a", "Path": "/", "Policies": [2]}),
        (KEY, {"KeyPolicy": {"a": 1}}, {"KeyPolicy": {"a": 2}, "EnableKeyRotation": True}),
        (SCHEDULE, {"SecretId": "a", "RotationRules": {"x": 1}}, {"SecretId": "a", "RotationRules": {"x": 2}}),
    ],
)
def test_what_can_be_updated_in_place_may_change(kind: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert violations(stack(VAULT, A=resource(kind, **old)), stack(VAULT, A=resource(kind, **new))) == ()


@pytest.mark.parametrize("name", ["SecretString", "GenerateSecretString"])
def test_a_value_in_a_template_is_one_also_in_a_new_stack(name: str) -> None:
    (line,) = violations({}, stack(VAULT, A=resource(SECRET, Name="a", **{name: "of-no-interest"})))
    assert line == f"{VAULT}: secret A has {name}, which would be written over the live value"


def test_what_can_be_made_again_may_come_and_go() -> None:
    function = resource("AWS::Lambda::Function", FunctionName="f")
    assert violations(stack(ROTATION, F=function), stack(ROTATION, G=function)) == ()


def test_a_stack_that_is_not_planned_is_left_alone_and_no_violation() -> None:
    assert violations(stack(VAULT, A=NAMED[SECRET]), {}) == ()


@pytest.mark.parametrize("left", [stack(ROTATION), {}])
def test_a_schedule_that_comes_up_in_another_stack_would_move(left: dict[str, Any]) -> None:
    deployed = stack(ROTATION, **{SCHEDULE_ID: NAMED[SCHEDULE]})
    planned = {**left, **stack(OTHER_ROTATION, **{SCHEDULE_ID: NAMED[SCHEDULE]})}
    (line,) = violations(deployed, planned, SLUG)
    assert f"{ROTATION}: {SCHEDULE_ID} would move to {OTHER_ROTATION}" in line


@pytest.mark.parametrize(
    ("slug", "covered"),
    [
        (SLUG, True),
        ("acme-web-prod-1a2b3d", False),
        ("web-prod-1a2b3c", False),
        ("prod-1a2b3c", False),
        ("", False),
    ],
)
def test_a_forgotten_vaults_schedule_may_go_and_no_others(slug: str, covered: bool) -> None:
    found = violations(stack(ROTATION, **{SCHEDULE_ID: NAMED[SCHEDULE]}), stack(ROTATION), slug)
    assert (found == ()) is covered
    if not covered:
        assert "or say --forget <repo>/<env> if that is meant" in found[0]


def test_forgetting_covers_no_secret() -> None:
    assert len(violations(stack(ROTATION, **{SCHEDULE_ID: NAMED[SECRET]}), stack(ROTATION), SLUG)) == 1


def test_every_violation_is_told() -> None:
    deployed = stack(VAULT, A=NAMED[SECRET], B=NAMED[USER], C=NAMED[BUCKET])
    assert len(violations(deployed, stack(VAULT))) == 3


def test_a_rotation_stack_that_nobody_plans_any_more_would_end_its_rotations() -> None:
    deployed = stack(ROTATION, **{SCHEDULE_ID: NAMED[SCHEDULE]})
    (line,) = violations(deployed, {})
    assert f"{ROTATION}: rotation schedule {SCHEDULE_ID} would go" in line
    assert violations(deployed, {}, SLUG) == ()


@pytest.mark.parametrize("value", [True, None])
def test_a_rotation_that_begins_at_once_is_one(value: bool | None) -> None:
    (line,) = violations({}, stack(ROTATION, A=resource(SCHEDULE, SecretId="a", RotateImmediatelyOnUpdate=value)))
    assert "A would rotate at once" in line


def test_a_schedule_that_is_switched_off_is_one() -> None:
    (line,) = violations({}, stack(ROTATION, A=resource("AWS::Scheduler::Schedule", State="DISABLED")))
    assert "schedule A would be switched off" in line
    assert violations({}, stack(ROTATION, A=resource("AWS::Scheduler::Schedule", State="ENABLED"))) == ()


def test_what_was_kept_stays_kept() -> None:
    kept = {**NAMED[SECRET], "DeletionPolicy": "Retain"}
    (line,) = violations(stack(VAULT, A=kept), stack(VAULT, A=NAMED[SECRET]))
    assert "would no longer be kept" in line
    thrown_away = {**NAMED[SECRET], "DeletionPolicy": "Delete"}  # the file says removal_policy = "destroy"
    assert violations(stack(VAULT, A=kept), stack(VAULT, A=thrown_away)) == ()


def exporting(*names: str) -> dict[str, Any]:
    outputs = {f"Output{number}": {"Value": "v", "Export": {"Name": name}} for number, name in enumerate(names)}
    return {VAULT: {"Resources": {}, "Outputs": outputs}}


def test_an_export_that_a_deployed_stack_takes_must_stay() -> None:
    taker = stack(ROTATION, F=resource("AWS::Lambda::Function", Role={"Fn::ImportValue": "one"}))
    (line,) = violations({**exporting("one", "two"), **taker}, {**exporting("two"), **taker})
    assert line.startswith(f"{VAULT}: {ROTATION} still takes one, which would go")
    assert violations({**exporting("one", "two"), **taker}, {**exporting("one"), **taker}) == ()
    assert violations({**exporting("one"), **taker}, taker) == ()


OTHER_ID = "KeyBetaWebProd4d5e6fRotation"
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:beta/prod/VSYNC_CONFIG-AbCdEf"


def making(name: str) -> dict[str, Any]:
    """The stack of a vault that gives others the secret that it makes."""
    outputs = {"Out": {"Value": {"Ref": "ConfigSecret"}, "Export": {"Name": "of-the-vault"}}}
    return {VAULT: {"Resources": {"ConfigSecret": resource(SECRET, Name=name)}, "Outputs": outputs}}


@pytest.mark.parametrize("stack_name", [ROTATION, OTHER_ROTATION])
@pytest.mark.parametrize("slugs", [(), (SLUG,)])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ARN, ARN),
        ({"Fn::ImportValue": "of-the-vault"}, {"Fn::ImportValue": "of-the-vault"}),
        ({"Fn::ImportValue": "of-the-vault"}, ARN),
        (ARN, {"Fn::ImportValue": "of-the-vault"}),
    ],
)
def test_a_schedule_whose_secret_stays_is_not_forgotten(
    stack_name: str, slugs: tuple[str, ...], before: Any, after: Any
) -> None:
    vault = making("beta/prod/VSYNC_CONFIG")
    deployed = {**vault, **stack(ROTATION, **{SCHEDULE_ID: resource(SCHEDULE, SecretId=before)})}
    planned = {**stack(ROTATION), **stack(stack_name, **{OTHER_ID: resource(SCHEDULE, SecretId=after)})}
    (line,) = violations(deployed, planned, *slugs)
    assert f"a secret that is still in the file, as {OTHER_ID} in {stack_name}; keep repo and env" in line


def test_a_schedule_of_another_secret_is_no_twin() -> None:
    deployed = {**making("acme/prod/VSYNC_CONFIG"), **stack(ROTATION, **{SCHEDULE_ID: NAMED[SCHEDULE]})}
    planned = stack(ROTATION, **{OTHER_ID: resource(SCHEDULE, SecretId=ARN)})
    assert violations(deployed, planned, SLUG) == ()


def replicated(*regions: str) -> dict[str, Any]:
    return stack(VAULT, A=resource(SECRET, Name="a", ReplicaRegions=[{"Region": region} for region in regions]))


def test_a_replica_that_goes_is_one_unless_it_is_meant() -> None:
    (line,) = violations(replicated("eu-west-1", "us-east-1"), replicated("us-east-1"))
    assert line.startswith(f"{VAULT}: the replica of secret A (a) in eu-west-1 would be deleted")
    assert "say --drop-replica eu-west-1" in line
    update = Update(replicated("eu-west-1", "us-east-1"), stack(VAULT, A=resource(SECRET, Name="a")))
    (line,) = update.violations(Forgotten(), ["us-east-1"])
    assert "eu-west-1" in line
    assert update.violations(Forgotten(), ["us-east-1", "eu-west-1"]) == ()


@pytest.mark.parametrize(("before", "after"), [("k", "l"), (None, "k"), ({"Fn::ImportValue": "key"}, None)])
def test_another_key_for_a_secret_is_one(before: object, after: object) -> None:
    old, new = ({"Name": "a"} | ({} if key is None else {"KmsKeyId": key}) for key in (before, after))
    (line,) = violations(stack(VAULT, A=resource(SECRET, **old)), stack(VAULT, A=resource(SECRET, **new)))
    assert "secret A (a) would be encrypted with another key" in line
    assert "put back kms_key" in line


def test_a_secret_without_a_value_may_have_another_key() -> None:
    old, new = (stack(VAULT, A=resource(SECRET, Name="a", KmsKeyId=key)) for key in ("k", "l"))
    update = Update(old, new)
    assert update.rekeyed() == ("a",)
    assert update.violations(Forgotten(), empty=["a"]) == ()
    assert len(update.violations(Forgotten(), empty=["b"])) == 1


def made_from(file: str, templates: dict[str, Any]) -> dict[str, Any]:
    outputs = {"Outputs": {DEPLOYMENT_FILE: {"Value": file}}}
    return {name: {**template, **outputs} for name, template in templates.items()}


def test_what_another_file_deployed_is_told_with_its_name() -> None:
    deployed = made_from("staging", stack(ROTATION, **{SCHEDULE_ID: NAMED[SCHEDULE]}))
    (line,) = violations(deployed, made_from("production", stack(ROTATION)))
    told = f"stack {ROTATION} was last deployed from staging.toml: if that is another deployment, do none of this"
    assert told in line
    assert "choose another stack_prefix in production.toml" in line
    (line,) = violations(deployed, made_from("staging", stack(ROTATION)))
    assert "last deployed" not in line
