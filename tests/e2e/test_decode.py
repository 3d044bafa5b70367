"""`vsync-rotation decode --secret-id`: from a secret as Secrets Manager has it, or one line that says why not."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from simulator import faults
from simulator.vault_bytes import Blob
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from vsync_rotation_cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    status: int
    out: str
    err: str


Decode = Callable[..., Ran]
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@pytest.fixture
def vault(world: World) -> Vault:
    return make_vault(world, Layout.RUNTIME)


@pytest.fixture
def decode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Decode:
    """Run the command in this process; what it sets in the environment is put back."""
    for name in ("AWS_DEFAULT_REGION", *CREDENTIALS):
        monkeypatch.setenv(name, os.environ[name])
    monkeypatch.setenv("AWS_PROFILE", "")
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setattr(sys, "stdin", None)

    def run(secret_id: str, *options: str) -> Ran:
        status = main(["decode", "--secret-id", secret_id, *options])
        return Ran(status, *capsys.readouterr())

    return run


def arn_of(world: World, name: str) -> str:
    return str(world.client("secretsmanager").describe_secret(SecretId=name)["ARN"])


def test_the_current_value_is_shown_by_name_and_by_arn_with_the_secret_redacted(
    world: World, vault: Vault, decode: Decode
) -> None:
    by_name = decode(vault.config_secret, "--json")
    by_arn = decode(arn_of(world, vault.config_secret), "--json")
    assert (by_name.status, by_name.err) == (0, "")
    assert by_name == by_arn
    fields = dict(Blob.decode(vault.config()).fields)
    assert list(json.loads(by_name.out).items()) == list({**fields, "secretAccessKey": "<redacted>"}.items())
    assert world.secrets.find("standard output", by_name.out) == []


def test_a_region_is_taken_from_the_arn_before_the_environment(
    world: World, vault: Vault, decode: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert decode(arn_of(world, vault.config_secret)).status == 0
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert decode(vault.config_secret).status == 2
    assert decode(vault.config_secret, "--region", world.region).status == 0


def refusal(decode: Decode, secret_id: str, *options: str) -> str:
    """The line, once it is sure that there is one and nothing else."""
    ran = decode(secret_id, *options)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    return ran.err.removeprefix("vsync-rotation decode: ")


def test_an_unknown_secret_is_told(world: World, decode: Decode) -> None:
    assert refusal(decode, "no/such/SECRET").startswith("secret not found: ")


def test_a_denial_is_told_with_what_was_denied(world: World, vault: Vault, decode: Decode) -> None:
    with world.watched_by(faults.deny(faults.operation("secretsmanager:GetSecretValue"))):
        assert refusal(decode, vault.config_secret).startswith("access denied: Secrets Manager refused GetSecretValue ")


def test_a_secret_scheduled_for_deletion_is_told(world: World, vault: Vault, decode: Decode) -> None:
    world.client("secretsmanager").delete_secret(SecretId=vault.config_secret)
    assert "scheduled for deletion" in refusal(decode, vault.config_secret)


def test_a_passphrase_is_refused_without_being_shown(vault: Vault, decode: Decode) -> None:
    line = refusal(decode, vault.passphrase_secret)
    assert line.startswith("the value is neither a vsync-cfg-v1: blob nor a JSON object; ")
    assert vault.passphrase() not in line


def test_a_binary_secret_is_told(world: World, decode: Decode) -> None:
    world.client("secretsmanager").create_secret(Name="binary", SecretBinary=b"\0\1")
    assert "holds binary data" in refusal(decode, "binary")


def test_missing_credentials_are_told(world: World, decode: Decode, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    assert refusal(decode, "any").startswith("there are no AWS credentials; ")


def test_a_missing_region_is_told(world: World, decode: Decode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert refusal(decode, "any").startswith("no AWS region is set; ")


def test_a_profile_wins_over_credentials_in_the_environment(world: World, decode: Decode) -> None:
    assert refusal(decode, "any", "--profile", "nobodys").startswith("there is no AWS profile of that name; ")


@pytest.mark.parametrize(("name", "value"), [("AWS_ENDPOINT_URL", "nonsense"), ("AWS_DEFAULT_REGION", "eu central")])
def test_a_malformed_setting_is_told_without_being_repeated(
    world: World, decode: Decode, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    line = refusal(decode, "any")
    assert "malformed" in line
    assert value not in line


def test_a_throttle_is_told_as_what_it_is(world: World, vault: Vault, decode: Decode) -> None:
    with world.watched_by(faults.throttle(faults.operation("secretsmanager:GetSecretValue"))):
        assert "Secrets Manager did not do GetSecretValue (ThrottlingException)" in refusal(decode, vault.config_secret)
