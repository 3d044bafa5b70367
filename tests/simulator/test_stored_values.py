"""PutSecretValue and UpdateSecret, corrected and as moto has them."""

from typing import Any

import pytest

from simulator.corrections.stored_values import CORRECTION

A, B = "a" * 32, "b" * 32


@pytest.fixture
def secret(sm: Any) -> str:
    sm.create_secret(Name="s", SecretString="value of a", ClientRequestToken=A)
    return "s"


def put(sm: Any, token: str, value: str, *labels: str) -> Any:
    named = {"VersionStages": list(labels)} if labels else {}
    return sm.put_secret_value(SecretId="s", ClientRequestToken=token, SecretString=value, **named)


def value(sm: Any, version: str) -> str:
    return str(sm.get_secret_value(SecretId="s", VersionId=version)["SecretString"])


def test_the_same_token_with_the_same_data_changes_nothing(sm: Any, secret: str) -> None:
    first = put(sm, B, "value of b", "AWSPENDING")
    again = put(sm, B, "value of b", "AWSPENDING")
    assert (again["VersionId"], again["VersionStages"]) == (first["VersionId"], ["AWSPENDING"])


def test_the_same_token_with_other_data_is_refused(sm: Any, secret: str, code_of: Any) -> None:
    put(sm, B, "value of b", "AWSPENDING")
    assert code_of(lambda: put(sm, B, "another", "AWSPENDING")) == "ResourceExistsException"
    assert value(sm, B) == "value of b"


def test_moto_overwrites_a_pending_value(sm: Any, secret: str, without: Any) -> None:
    with without(CORRECTION):
        put(sm, B, "value of b", "AWSPENDING")
        put(sm, B, "another", "AWSPENDING")
        assert value(sm, B) == "another"


def test_a_put_that_names_no_label_becomes_current(sm: Any, secret: str) -> None:
    put(sm, B, "value of b")
    assert sm.get_secret_value(SecretId="s")["VersionId"] == B
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"] == {A: ["AWSPREVIOUS"], B: ["AWSCURRENT"]}


def test_losing_awscurrent_costs_a_version_no_other_label(sm: Any, secret: str) -> None:
    sm.update_secret_version_stage(SecretId="s", VersionStage="mine", MoveToVersionId=A)
    put(sm, B, "value of b")
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"][A] == ["mine", "AWSPREVIOUS"]


def test_moto_takes_the_other_labels_too(sm: Any, secret: str, without: Any) -> None:
    sm.update_secret_version_stage(SecretId="s", VersionStage="mine", MoveToVersionId=A)
    with without(CORRECTION):
        put(sm, B, "value of b")
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"][A] == ["AWSPREVIOUS"]


def test_update_secret_makes_its_value_current_at_once(sm: Any, secret: str) -> None:
    sm.update_secret(SecretId="s", SecretString="by hand", ClientRequestToken=B)
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "by hand"


def test_the_first_value_of_a_secret_becomes_current_whatever_it_is_called(sm: Any) -> None:
    sm.create_secret(Name="s")
    put(sm, A, "value of a", "AWSPENDING")
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"] == {A: ["AWSPENDING", "AWSCURRENT"]}
