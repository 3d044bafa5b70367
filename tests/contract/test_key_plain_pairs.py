"""Key pairs of services that use no vsync: a JSON object with the two variables, and whatever else stands there."""

import json

import pytest

from simulator.rotation_records import Outcome
from simulator.world import KeyPair, World
from tests.contract.iam_account import IamAccount, other_user
from tests.contract.key_scene import actions, step_of, succeeded
from tests.contract.secret_versions import SecretVersions, fields_as_spelt, without_credentials

NAME = "billing/EXPORTER_CREDENTIALS"


def _pair(world: World, user: IamAccount, template: str) -> tuple[SecretVersions, KeyPair]:
    """A secret whose value is the template with the user's first key in it."""
    key = user.add_key()
    text = template.replace("<id>", key.access_key_id).replace("<secret>", key.secret_access_key)
    tags = {"vsync-rotation:kind": "iam-access-key", "vsync-rotation:iam-user": user.user}
    world.client("secretsmanager").create_secret(
        Name=NAME, SecretString=text, Tags=[{"Key": name, "Value": value} for name, value in tags.items()]
    )
    return SecretVersions(world, NAME), key


@pytest.mark.parametrize(
    "template",
    [
        pytest.param('{"AWS_ACCESS_KEY_ID":"<id>","AWS_SECRET_ACCESS_KEY":"<secret>"}', id="nothing else"),
        pytest.param(
            '{"note":"keep","AWS_SECRET_ACCESS_KEY":"<secret>","n":1.50,"AWS_ACCESS_KEY_ID":"<id>","o":{"z":1e3,"a":[]}}',
            id="other fields between",
        ),
        pytest.param(
            '{\n  "AWS_ACCESS_KEY_ID": "<id>",\n  "AWS_SECRET_ACCESS_KEY": "<secret>",\n  "AWS_REGION": "eu-west-1"\n}\n',
            id="pretty-printed",
        ),
    ],
)
def test_a_plain_key_pair_changes_in_its_two_fields_only(world: World, key_function: str, template: str) -> None:
    user = other_user(world, "billing-exporter")
    secret, first = _pair(world, user, template)
    before = secret.value()
    secret.manager.rotate_secret(SecretId=NAME, RotationLambdaARN=key_function)
    record = succeeded(world.rotation_service.run()[0])
    after = fields_as_spelt(secret.value())
    assert [name for name, _ in after] == [name for name, _ in fields_as_spelt(before)]
    assert without_credentials(after) == without_credentials(fields_as_spelt(before))
    new = json.loads(secret.value())["AWS_ACCESS_KEY_ID"]
    assert user.statuses() == {first.access_key_id: "Active", new: "Active"}
    pair = KeyPair(new, json.loads(secret.value())["AWS_SECRET_ACCESS_KEY"])
    assert world.client("sts", pair).get_caller_identity()["Arn"].endswith("user/vsync/billing-exporter")
    assert secret.value("AWSPREVIOUS") == before
    (finished,) = [event.detail for event in world.events]
    assert (finished["repo"], finished["env"]) == (None, None)
    assert (finished["access_key_id"], finished["superseded_access_key_id"]) == (new, first.access_key_id)
    assert not [request for step in record.steps for request in step.requests if request.service == "s3"]
    assert "sts:GetCallerIdentity" in actions(step_of(record, "testSecret"))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param('{"AWS_ACCESS_KEY_ID":"<id>"}', id="no secret access key"),
        pytest.param('{"AWS_SECRET_ACCESS_KEY":"<secret>"}', id="no access key id"),
        pytest.param('{"AWS_ACCESS_KEY_ID":1,"AWS_SECRET_ACCESS_KEY":"<secret>"}', id="the access key id is a number"),
        pytest.param('["<id>","<secret>"]', id="a list"),
        pytest.param("{}", id="an empty object"),
        pytest.param("<id>:<secret>", id="not JSON"),
    ],
)
def test_a_value_that_is_no_key_pair_is_refused(world: World, key_function: str, template: str) -> None:
    user = other_user(world, "billing-exporter")
    secret, first = _pair(world, user, template)
    secret.manager.rotate_secret(SecretId=NAME, RotationLambdaARN=key_function)
    before = (secret.labels(), secret.values())
    (record,) = world.rotation_service.run()
    assert record.outcome is Outcome.FAILED
    assert record.error in {"BlobError", "SettingsError"}
    assert (secret.labels(), secret.values()) == before
    assert user.statuses() == {first.access_key_id: "Active"}
    assert user.tags() == {}
