"""GetSecretValue, corrected and as moto has it."""

from functools import partial
from typing import Any

import pytest

from simulator import corrections
from simulator.world import World

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def secret(sm: Any) -> str:
    sm.create_secret(Name="s", SecretString="value of a", ClientRequestToken=A)
    sm.put_secret_value(SecretId="s", SecretString="value of b", ClientRequestToken=B, VersionStages=["AWSPENDING"])
    return "s"


def test_version_and_label_must_name_the_same_version(sm: Any, secret: str, code_of: Any) -> None:
    assert sm.get_secret_value(SecretId="s", VersionId=B, VersionStage="AWSPENDING")["SecretString"] == "value of b"
    read = partial(sm.get_secret_value, SecretId="s", VersionId=A, VersionStage="AWSPENDING")
    assert code_of(read) == "InvalidRequestException"


@pytest.mark.parametrize("wanted", [{"VersionId": C}, {"VersionStage": "AWSPREVIOUS"}])
def test_what_is_not_there_is_not_found(sm: Any, secret: str, code_of: Any, wanted: dict[str, str]) -> None:
    assert code_of(lambda: sm.get_secret_value(SecretId="s", **wanted)) == "ResourceNotFoundException"


def test_a_version_without_a_value_is_not_found(world: World, sm: Any, code_of: Any) -> None:
    sm.create_secret(Name="s", SecretString="value of a", ClientRequestToken=A)
    world.begin_rotation("s", B)
    read = partial(sm.get_secret_value, SecretId="s", VersionId=B, VersionStage="AWSPENDING")
    assert code_of(read) == "ResourceNotFoundException"


def test_moto_reads_the_old_value_after_the_label_moved(sm: Any, secret: str, world: World) -> None:
    world._applied.undo()  # both halves of the gap: the move that forgets the default, the read that trusts it
    try:
        move = {"VersionStage": "AWSCURRENT", "MoveToVersionId": B, "RemoveFromVersionId": A}
        sm.update_secret_version_stage(SecretId="s", **move)
        assert sm.get_secret_value(SecretId="s")["SecretString"] == "value of a"
    finally:
        for correction in corrections.ALL:
            world._applied.apply(correction)
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "value of b"
