"""DescribeSecret and ListSecretVersionIds, corrected and as moto has them."""

from datetime import UTC, datetime
from typing import Any

from simulator.corrections.described_secrets import CORRECTION
from simulator.world import World

A, B, C = "a" * 32, "b" * 32, "c" * 32


def test_rotation_is_not_mentioned_until_it_was_configured(sm: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    assert "RotationEnabled" not in sm.describe_secret(SecretId="s")


def test_rules_are_kept_as_they_were_given(world: World, sm: Any, rotate: Any) -> None:
    arn = world.deploy("f", rotate)
    sm.create_secret(Name="s", SecretString="a value")
    rules = {"ScheduleExpression": "cron(0 4 * * ? *)", "Duration": "2h"}
    sm.rotate_secret(SecretId="s", RotationLambdaARN=arn, RotationRules=rules)
    seen = sm.describe_secret(SecretId="s")
    assert (seen["RotationEnabled"], seen["RotationLambdaARN"], seen["RotationRules"]) == (True, arn, rules)


def test_moto_drops_the_schedule(world: World, sm: Any, rotate: Any, without: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    rules = {"ScheduleExpression": "cron(0 4 * * ? *)", "Duration": "2h"}
    sm.rotate_secret(SecretId="s", RotationLambdaARN=world.deploy("f", rotate), RotationRules=rules)
    with without(CORRECTION):
        assert sm.describe_secret(SecretId="s")["RotationRules"] == {"AutomaticallyAfterDays": 0}


def test_cancelling_turns_rotation_off_and_says_so(world: World, sm: Any, rotate: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    sm.rotate_secret(SecretId="s", RotationLambdaARN=world.deploy("f", rotate))
    sm.cancel_rotate_secret(SecretId="s")
    assert sm.describe_secret(SecretId="s")["RotationEnabled"] is False


def test_versions_tell_when_they_came_into_being(world: World, sm: Any, without: Any) -> None:
    born = datetime(2026, 1, 1, 12, tzinfo=UTC)
    world.clock.stand_still(born)
    arn = sm.create_secret(Name="s", SecretString="a value", ClientRequestToken=A)["ARN"]
    world.clock.advance(3600)
    listed = sm.list_secret_version_ids(SecretId="s")
    assert (listed["ARN"], listed["Versions"][0]["CreatedDate"]) == (arn, born)
    with without(CORRECTION):
        wrong = sm.list_secret_version_ids(SecretId="s")
    assert (wrong["ARN"], wrong["Versions"][0]["CreatedDate"]) == ("s", datetime(2026, 1, 1, 13, tzinfo=UTC))


def test_versions_without_a_label_are_listed_only_when_asked_for(sm: Any) -> None:
    sm.create_secret(Name="s", SecretString="value of a", ClientRequestToken=A)
    for token in (B, C):
        sm.put_secret_value(SecretId="s", SecretString=f"value of {token}", ClientRequestToken=token)
    assert set(sm.describe_secret(SecretId="s")["VersionIdsToStages"]) == {B, C}
    assert len(sm.list_secret_version_ids(SecretId="s")["Versions"]) == 2
    assert len(sm.list_secret_version_ids(SecretId="s", IncludeDeprecated=True)["Versions"]) == 3


def test_the_list_of_versions_comes_in_pages(sm: Any) -> None:
    sm.create_secret(Name="s", SecretString="value of a", ClientRequestToken=A)
    sm.put_secret_value(SecretId="s", SecretString="value of b", ClientRequestToken=B)
    first = sm.list_secret_version_ids(SecretId="s", MaxResults=1)
    second = sm.list_secret_version_ids(SecretId="s", MaxResults=1, NextToken=first["NextToken"])
    assert [page["Versions"][0]["VersionId"] for page in (first, second)] == [A, B]
    assert "NextToken" not in second
