"""Policies on secrets: a deny there binds whoever it names, whatever their own policies allow."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest

from simulator.access.resource_policies import said_to
from simulator.world import World
from tests.simulator.test_access import allow, user

ACCOUNT = "arn:aws:iam::123456789012"
Code = Callable[[Callable[[], object]], str]


def put_policy(world: World, *statements: dict[str, Any]) -> None:
    """A secret with a policy that moto takes as it is."""
    client = world.client("secretsmanager")
    client.create_secret(Name="s", SecretString="a value")
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    client.put_resource_policy(SecretId="s", ResourcePolicy=document)


def deny_all_but(*arns: str) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": list(arns)}},
    }


def test_a_deny_to_everybody_else_binds_users_and_functions_by_their_roles_arn(world: World, code_of: Code) -> None:
    put_policy(world, deny_all_but(f"{ACCOUNT}:role/named", f"{ACCOUNT}:user/vsync/reader"))
    may_read = allow("secretsmanager:GetSecretValue", "*")
    answers: dict[str, str] = {}

    def handler(name: str) -> Callable[[object, object], None]:
        client = boto3.client("secretsmanager")
        return lambda _event, _context: answers.update({name: code_of(lambda: client.get_secret_value(SecretId="s"))})

    for name in ("named", "stranger"):
        world.deploy(name, handler(name), policies=({"Version": "2012-10-17", "Statement": [may_read]},))
    people = {name: world.client("secretsmanager", user(world, may_read, name=name)) for name in ("reader", "other")}
    world.enforce_iam()
    for name in ("named", "stranger"):
        world.invoke(name, {})
    answers |= {name: code_of(partial(client.get_secret_value, SecretId="s")) for name, client in people.items()}
    denied = "AccessDeniedException"
    assert answers == {"named": "none", "stranger": denied, "reader": "none", "other": denied}
    assert code_of(lambda: world.client("secretsmanager").get_secret_value(SecretId="s")) == "none"


def test_a_deny_leaves_other_actions_and_other_secrets_alone(world: World, code_of: Code) -> None:
    put_policy(world, deny_all_but(f"{ACCOUNT}:role/nobody"))
    world.client("secretsmanager").create_secret(Name="other", SecretString="a value")
    client = world.client("secretsmanager", user(world, allow("secretsmanager:*", "*")))
    world.enforce_iam()
    assert code_of(lambda: client.describe_secret(SecretId="s")) == "none"
    assert code_of(lambda: client.get_secret_value(SecretId="other")) == "none"


@pytest.mark.parametrize(
    ("principal", "effect", "counts"),
    [
        ("*", "Deny", True),
        ({"AWS": "*"}, "Deny", True),
        ({"AWS": [f"{ACCOUNT}:role/other", f"{ACCOUNT}:role/me"]}, "Allow", True),
        ({"AWS": f"{ACCOUNT}:role/other"}, "Deny", False),
        ({"AWS": f"{ACCOUNT}:root"}, "Deny", True),
        # It is left to the account's own policies.
        ({"AWS": f"{ACCOUNT}:root"}, "Allow", False),
        ({"AWS": "arn:aws:iam::999999999999:root"}, "Deny", False),
        # An account's number alone is its root.
        ({"AWS": "123456789012"}, "Deny", True),
        ({"AWS": ["123456789012"]}, "Allow", False),
        ({"AWS": "999999999999"}, "Deny", False),
        ({"Service": "events.amazonaws.com"}, "Deny", False),
    ],
)
def test_a_statement_counts_for_whom_it_names(principal: Any, effect: str, counts: bool) -> None:
    statement = {"Effect": effect, "Principal": principal, "Action": "*", "Resource": "*"}
    mine = (f"{ACCOUNT}:role/me", "arn:aws:sts::123456789012:assumed-role/me/session")
    assert (said_to({"Statement": statement}, mine)["Statement"] == [statement]) is counts


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ({"NotPrincipal": {"AWS": "*"}}, "NotPrincipal"),
        ({"Principal": ["*"]}, "Principal"),
        ({"Principal": f"{ACCOUNT}:role/me"}, "Principal"),
        ({"Principal": {"CanonicalUser": "0123"}}, "CanonicalUser"),
        ({"Principal": {"AWS": f"{ACCOUNT}:role/*"}}, "wildcard"),
    ],
)
def test_what_is_not_played_is_an_error(principal: dict[str, Any], said: str) -> None:
    statement = {"Effect": "Deny", **principal, "Action": "*", "Resource": "*"}
    with pytest.raises((NotImplementedError, ValueError), match=said):
        said_to({"Statement": [statement]}, (f"{ACCOUNT}:user/me",))
