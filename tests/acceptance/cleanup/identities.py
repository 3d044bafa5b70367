"""Users and roles, with what must go before they can: keys and policies."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.cleanup.thing import Place, Thing


def user_keys(place: Place) -> Iterator[Thing]:
    """Access keys: neither CloudFormation nor IAM deletes a user that has one."""
    iam = place.client("iam")
    for name in _users(place, iam):
        for key in _keys(iam, name):
            by_hand = place.command(f"iam delete-access-key --user-name {name} --access-key-id {key}")
            remove = partial(iam.delete_access_key, UserName=name, AccessKeyId=key)
            yield Thing(Kind.USER, name, by_hand, remove, part=f"access key {key}")


def users(place: Place) -> Iterator[Thing]:
    """Users that no stack took along: probes, and what a failed stack left."""
    iam = place.client("iam")
    for name in _users(place, iam):
        by_hand = place.command(f"iam delete-user --user-name {name}")
        yield Thing(Kind.USER, name, by_hand, partial(_delete_user, iam, name))


def roles(place: Place) -> Iterator[Thing]:
    """Roles of probes, and what a failed stack left."""
    iam = place.client("iam")
    pages = iam.get_paginator("list_roles").paginate()
    found = [role["RoleName"] for page in pages for role in page["Roles"]]
    for name in place.own(Kind.ROLE, found):
        by_hand = place.command(f"iam delete-role --role-name {name}")
        yield Thing(Kind.ROLE, name, by_hand, partial(_delete_role, iam, name))


def _users(place: Place, iam: Any) -> list[str]:
    pages = iam.get_paginator("list_users").paginate()
    return list(place.own(Kind.USER, [user["UserName"] for page in pages for user in page["Users"]]))


def _keys(iam: Any, user: str) -> list[str]:
    return [key["AccessKeyId"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]]


def _delete_user(iam: Any, name: str) -> None:
    for key in _keys(iam, name):
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    iam.delete_user(UserName=name)


def _delete_role(iam: Any, name: str) -> None:
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)
