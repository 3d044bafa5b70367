"""Whose credentials are used: a profile that a person names wins over everything that the environment says."""

import os
from pathlib import Path

import boto3
import pytest

from vsync_rotation.errors import RotationError, SettingsError
from vsync_rotation_cli.aws.session import choose, same_place

STAGING = "STAGINGSKEYID0000000"
CREDENTIALS = """\
[staging]
aws_access_key_id = STAGINGSKEYID0000000
aws_secret_access_key = the-secret-access-key-of-staging
[production]
aws_access_key_id = PRODUCTIONSKEYID0000
aws_secret_access_key = the-secret-access-key-of-production
"""
STRONGER = {
    "another profile": {"AWS_DEFAULT_PROFILE": "production"},
    "both names of it": {"AWS_DEFAULT_PROFILE": "production", "AWS_PROFILE": "production"},
    "a key pair": {"AWS_ACCESS_KEY_ID": "ENVIRONMENTSKEYID000", "AWS_SECRET_ACCESS_KEY": "of-the-environment"},
    "a session": {
        "AWS_ACCESS_KEY_ID": "ENVIRONMENTSKEYID000",
        "AWS_SECRET_ACCESS_KEY": "of-the-environment",
        "AWS_SECURITY_TOKEN": "of-the-environment",
        "AWS_SESSION_TOKEN": "of-the-environment",
    },
    "a web identity": {
        "AWS_WEB_IDENTITY_TOKEN_FILE": "token",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/production",
        "AWS_ROLE_SESSION_NAME": "production",
    },
}


@pytest.fixture(autouse=True)
def _profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two profiles and an environment that says nothing; what is chosen is put back."""
    for name in ("AWS_PROFILE", *{name for setting in STRONGER.values() for name in setting}):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    files = {"AWS_SHARED_CREDENTIALS_FILE": CREDENTIALS, "AWS_CONFIG_FILE": "[profile bare]\nregion = eu-west-1\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("environment", STRONGER.values(), ids=STRONGER)
def test_the_profile_that_is_named_wins_here_and_in_child_programs(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    choose(None, "staging")
    credentials = boto3.Session().get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.token) == (STAGING, None)
    # What a child program reads: nothing is left that might say otherwise.
    assert os.environ["AWS_PROFILE"] == "staging"
    assert not (environment.keys() - {"AWS_PROFILE"}) & os.environ.keys()


def test_without_a_profile_the_environment_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "production")
    choose("eu-central-1", None)
    assert os.environ["AWS_DEFAULT_PROFILE"] == "production"


def test_a_profile_without_credentials_does_not_fall_back_on_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = tmp_path / "boto.cfg"
    machines.write_text("[Credentials]\naws_access_key_id = MACHINESKEYID0000000\naws_secret_access_key = machines\n")
    monkeypatch.setenv("BOTO_CONFIG", str(machines))
    with pytest.raises(SettingsError, match="the profile has no credentials of its own"):
        choose(None, "bare")


def test_a_profile_that_is_not_there_is_told() -> None:
    with pytest.raises(RotationError) as raised:
        choose(None, "nobodys")
    assert raised.value.code == "ProfileNotFound"


def test_a_suggested_command_goes_to_the_same_place() -> None:
    assert same_place("eu-west-1") == "--region eu-west-1"
    choose(None, "staging")
    assert same_place("eu-west-1") == "--region eu-west-1 --profile staging"
