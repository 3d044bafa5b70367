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


@pytest.mark.parametrize(
    ("environment", "key", "profile"),
    [
        ({"AWS_PROFILE": "staging"}, STAGING, "staging"),
        ({"AWS_DEFAULT_PROFILE": "staging"}, STAGING, "staging"),
        ({"AWS_DEFAULT_PROFILE": "staging", "AWS_PROFILE": "production"}, STAGING, "staging"),
        (STRONGER["a key pair"] | {"AWS_PROFILE": "staging"}, "ENVIRONMENTSKEYID000", None),
        (STRONGER["a session"] | {"AWS_DEFAULT_PROFILE": "staging"}, "ENVIRONMENTSKEYID000", None),
    ],
)
def test_without_a_profile_the_sdk_s_own_choice_holds_for_child_programs_and_suggestions_too(
    environment: dict[str, str], key: str, profile: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CDK's command line takes a profile before a key pair, and does not know the profile's other name."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = boto3.Session().get_credentials()
    choose(None, None)
    after = boto3.Session().get_credentials()
    assert before is not None
    assert after is not None
    assert (before.access_key, after.access_key) == (key, key)
    assert os.environ.get("AWS_PROFILE") == profile
    assert "AWS_DEFAULT_PROFILE" not in os.environ
    assert same_place("eu-west-1").endswith("--profile staging") is (profile == "staging")


def test_a_key_pair_keeps_the_region_of_the_profile_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    for name, value in (STRONGER["a key pair"] | {"AWS_PROFILE": "bare"}).items():
        monkeypatch.setenv(name, value)
    choose(None, None)
    assert boto3.Session().region_name == "eu-west-1"
    choose("eu-central-1", None)
    assert boto3.Session().region_name == "eu-central-1"


def test_a_profile_that_lives_on_the_environments_credentials_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.environ["AWS_CONFIG_FILE"]).open("a") as file:
        file.write("[profile ci]\nrole_arn = arn:aws:iam::123456789012:role/ci\ncredential_source = Environment\n")
    with pytest.raises(SettingsError, match="takes its credentials from the environment"):
        choose(None, "ci")


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
