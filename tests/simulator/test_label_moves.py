"""UpdateSecretVersionStage, corrected and as moto has it."""

from typing import Any

import pytest

from simulator.corrections.label_moves import CORRECTION

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def secret(sm: Any) -> str:
    sm.create_secret(Name="s", SecretString="value of a", ClientRequestToken=A)
    sm.put_secret_value(SecretId="s", SecretString="value of b", ClientRequestToken=B, VersionStages=["AWSPENDING"])
    return "s"


def labels(sm: Any) -> dict[str, list[str]]:
    return {version: sorted(found) for version, found in sm.describe_secret(SecretId="s")["VersionIdsToStages"].items()}


def move(sm: Any, label: str, to: str | None, of: str | None) -> None:
    versions = {"MoveToVersionId": to, "RemoveFromVersionId": of}
    sm.update_secret_version_stage(SecretId="s", VersionStage=label, **{k: v for k, v in versions.items() if v})


def test_awsprevious_follows_to_the_version_that_lost_awscurrent(sm: Any, secret: str) -> None:
    move(sm, "AWSCURRENT", to=B, of=A)
    assert labels(sm) == {A: ["AWSPREVIOUS"], B: ["AWSCURRENT", "AWSPENDING"]}


def test_a_plain_read_follows_the_label(sm: Any, secret: str) -> None:
    move(sm, "AWSCURRENT", to=B, of=A)
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "value of b"


def test_moving_back_gives_awsprevious_to_the_loser(sm: Any, secret: str) -> None:
    move(sm, "AWSCURRENT", to=B, of=A)
    move(sm, "AWSCURRENT", to=A, of=B)
    assert labels(sm) == {A: ["AWSCURRENT"], B: ["AWSPENDING", "AWSPREVIOUS"]}


@pytest.mark.parametrize("of", [None, B, C])
def test_awscurrent_moves_only_when_its_holder_is_named(sm: Any, secret: str, code_of: Any, of: str | None) -> None:
    before = labels(sm)
    assert code_of(lambda: move(sm, "AWSCURRENT", to=B, of=of)) in {
        "InvalidParameterException",
        "ResourceNotFoundException",
    }
    assert labels(sm) == before


def test_a_move_to_an_unknown_version_changes_nothing(sm: Any, secret: str, code_of: Any) -> None:
    before = labels(sm)
    assert code_of(lambda: move(sm, "AWSCURRENT", to=C, of=A)) == "ResourceNotFoundException"
    assert labels(sm) == before


def test_moto_loses_awscurrent_when_the_target_is_unknown(sm: Any, secret: str, code_of: Any, without: Any) -> None:
    with without(CORRECTION):
        code_of(lambda: move(sm, "AWSCURRENT", to=C, of=A))
        assert not any("AWSCURRENT" in found for found in labels(sm).values())


def test_another_label_is_taken_from_its_holder_only_by_name(sm: Any, secret: str, code_of: Any) -> None:
    assert code_of(lambda: move(sm, "AWSPENDING", to=A, of=None)) == "InvalidParameterException"
    move(sm, "AWSPENDING", to=A, of=B)
    assert labels(sm) == {A: ["AWSCURRENT", "AWSPENDING"]}


def test_moto_leaves_one_label_on_two_versions(sm: Any, secret: str, without: Any) -> None:
    with without(CORRECTION):
        move(sm, "AWSPENDING", to=A, of=None)
        assert labels(sm) == {A: ["AWSCURRENT", "AWSPENDING"], B: ["AWSPENDING"]}


def test_a_label_can_be_taken_off_altogether(sm: Any, secret: str) -> None:
    move(sm, "AWSPENDING", to=None, of=B)
    assert labels(sm) == {A: ["AWSCURRENT"]}


def test_awscurrent_cannot_be_taken_off_altogether(sm: Any, secret: str, code_of: Any) -> None:
    assert code_of(lambda: move(sm, "AWSCURRENT", to=None, of=A)) == "InvalidParameterException"
