"""How a secret is named, and one that is scheduled for deletion: corrected and as moto has it."""

from typing import Any

import pytest

from simulator.corrections.live_secrets import CORRECTION
from simulator.world import World

A = "a" * 32


def test_a_secret_is_found_by_its_name_and_by_its_full_arn(sm: Any) -> None:
    arn = sm.create_secret(Name="repo/env/s", SecretString="a value")["ARN"]
    assert [sm.describe_secret(SecretId=name)["ARN"] for name in ("repo/env/s", arn)] == [arn, arn]


def test_a_partial_arn_finds_nothing_but_moto_takes_it(sm: Any, without: Any, code_of: Any) -> None:
    partial = sm.create_secret(Name="s", SecretString="a value")["ARN"][:-7]
    assert code_of(lambda: sm.get_secret_value(SecretId=partial)) == "ResourceNotFoundException"
    with without(CORRECTION):
        assert sm.describe_secret(SecretId=partial)["Name"] == "s"


@pytest.mark.parametrize(
    ("operation", "details"),
    [
        ("get_secret_value", {}),
        ("put_secret_value", {"SecretString": "another"}),
        ("update_secret", {"SecretString": "another"}),
        ("update_secret_version_stage", {"VersionStage": "mine", "MoveToVersionId": A}),
        ("rotate_secret", {"RotationLambdaARN": "arn:aws:lambda:eu-central-1:123456789012:function:f"}),
        ("tag_resource", {"Tags": [{"Key": "k", "Value": "v"}]}),
    ],
)
def test_a_secret_scheduled_for_deletion_refuses(sm: Any, code_of: Any, operation: str, details: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value", ClientRequestToken=A)
    sm.delete_secret(SecretId="s")
    assert code_of(lambda: getattr(sm, operation)(SecretId="s", **details)) == "InvalidRequestException"


def test_moto_tags_a_secret_scheduled_for_deletion(sm: Any, without: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    sm.delete_secret(SecretId="s")
    with without(CORRECTION):
        sm.tag_resource(SecretId="s", Tags=[{"Key": "k", "Value": "v"}])
        assert sm.describe_secret(SecretId="s")["Tags"] == [{"Key": "k", "Value": "v"}]


def test_a_secret_that_is_not_there_is_a_400_like_every_error_of_the_service(sm: Any, without: Any) -> None:
    def status() -> int:
        with pytest.raises(sm.exceptions.ResourceNotFoundException) as caught:
            sm.describe_secret(SecretId="nowhere")
        return int(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])

    assert status() == 400
    with without(CORRECTION):
        assert status() == 404


def test_forcing_deletion_leaves_nothing(sm: Any, code_of: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    sm.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    assert code_of(lambda: sm.describe_secret(SecretId="s")) == "ResourceNotFoundException"


def test_a_restored_secret_serves_again(world: World, sm: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    sm.delete_secret(SecretId="s")
    sm.restore_secret(SecretId="s")
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "a value"
