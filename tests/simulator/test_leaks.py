"""The leak register finds secrets in every spelling and says nothing about clean output."""

import base64
from typing import Any
from urllib.parse import quote

import pytest

from simulator.leaks import SecretRegister
from simulator.vaults import make_vault
from simulator.world import World

SECRET = 'p&ss/word+"of" a test'


def found(world: World, text: str) -> list[tuple[str, str]]:
    world.secrets.add(SECRET)
    world.deploy("f", lambda *_: print(text))
    world.invoke("f", {})
    return [(leak.where, leak.form) for leak in world.leaks()]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"value={SECRET}!", "raw"),
        ('{"message": "p&ss/word+\\"of\\" a test"}', "json"),
        (f"?q={quote(SECRET, safe='')}", "url"),
        (f"?q={quote(SECRET, safe='').lower()}", "url"),
        *[(base64.b64encode(b"x" * pad + SECRET.encode() + b"yy").decode(), "base64") for pad in range(4)],
    ],
)
def test_a_secret_is_found_in_a_log_line(world: World, text: str, form: str) -> None:
    leaks = found(world, text)
    assert [where for where, _ in leaks] == ["log line 1"] * len(leaks)
    assert form in {form for _, form in leaks}


def test_urlsafe_base64_is_found_too(world: World) -> None:
    register = SecretRegister()
    secret = "\u00ff\u00fe>>>???~~~"
    register.add(secret)
    text = base64.urlsafe_b64encode(secret.encode()).decode()
    assert "-" in text or "_" in text
    assert {leak.form for leak in register.find("x", text)} == {"base64url"}


def test_clean_output_is_not_reported(world: World) -> None:
    assert found(world, "rotated secret repo/env/s, version 1") == []


def test_texts_shorter_than_eight_characters_are_not_looked_for(world: World) -> None:
    register = SecretRegister()
    register.add("seven77")
    assert register.find("x", "seven77") == []


def test_the_report_does_not_show_the_secret(world: World) -> None:
    found(world, SECRET)
    assert SECRET not in repr(world.leaks())
    assert SECRET not in repr(world.secrets)


def test_values_and_keys_register_themselves_when_they_are_born(world: World, sm: Any) -> None:
    sm.create_secret(Name="s", SecretString='{"AWS_SECRET_ACCESS_KEY": "inner secret key"}')
    world.client("iam").create_user(UserName="u")
    key = world.client("iam").create_access_key(UserName="u")["AccessKey"]["SecretAccessKey"]
    sm.put_secret_value(SecretId="s", SecretString="second value")
    texts = ["inner secret key", key, "second value"]
    assert all(world.secrets.find("x", f"a {text} b") for text in texts)


def test_the_key_inside_a_blob_is_known(world: World) -> None:
    inner = make_vault(world).blob()["secretAccessKey"]
    assert world.secrets.find("x", f"<{inner}>")


def test_events_errors_tags_metadata_and_names_are_looked_through(world: World, sm: Any) -> None:
    world.secrets.add(SECRET)
    world.client("events").put_events(
        Entries=[{"Source": "tests", "DetailType": "d", "Detail": '{"x": "p&ss/word+\\"of\\" a test"}'}]
    )

    def raises(_event: object, _context: object) -> None:
        error = RuntimeError("clean")
        error.add_note(SECRET)
        raise error from ValueError(SECRET)

    world.deploy("f", raises)
    with pytest.raises(RuntimeError):
        world.invoke("f", {})
    sm.create_secret(Name="s", SecretString="a value", Tags=[{"Key": "k", "Value": SECRET}])
    iam = world.client("iam")
    iam.create_user(UserName="u", Tags=[{"Key": "k", "Value": SECRET.replace("&", "&").replace('"', "+")}])
    bucket = make_vault(world).bucket
    world.client("s3").put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"m": SECRET})
    places = {leak.where for leak in world.leaks()}
    assert places == {
        "event d",
        "RuntimeError of f",
        "tag k of secret s",
        f"metadata x-amz-meta-m of object {bucket}/k",
    }


def test_a_secret_in_a_plain_parameter_is_found_in_any_of_its_versions(world: World) -> None:
    world.secrets.add(SECRET)
    ssm = world.client("ssm")
    ssm.put_parameter(Name="/memory", Type="String", Value=f"seen {SECRET}")
    ssm.put_parameter(Name="/memory", Type="String", Value="clean again", Overwrite=True)
    assert {leak.where for leak in world.leaks()} == {"value of parameter /memory"}


def test_a_secure_string_may_hold_a_secret(world: World) -> None:
    world.secrets.add(SECRET)
    world.client("ssm").put_parameter(Name="/kept", Type="SecureString", Value=SECRET)
    assert world.leaks() == []
