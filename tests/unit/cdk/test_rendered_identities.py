"""Roles and users out of templates, with all their policies."""

from typing import Any

import pytest

from cdk.rendered_identities import Identity, characters, identities
from cdk.rendering import Rendering, RenderingError


def document(action: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def found(resources: dict[str, Any]) -> dict[str, Identity]:
    return {i.name: i for i in identities(Rendering({"s": {"Resources": resources}}, "123456789012", "eu-central-1"))}


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", **properties}}


def policy(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"PolicyDocument": document("x:Y"), **properties}}


@pytest.mark.parametrize(
    "resource",
    [
        policy("AWS::IAM::Policy", PolicyName="p", Roles=[{"Ref": "R"}]),
        policy("AWS::IAM::RolePolicy", PolicyName="p", RoleName={"Ref": "R"}),
        policy("AWS::IAM::ManagedPolicy", Roles=[{"Ref": "R"}]),
    ],
    ids=lambda resource: str(resource["Type"]),
)
def test_a_policy_put_on_a_role_from_beside_is_the_roles(resource: dict[str, Any]) -> None:
    own = role(Policies=[{"PolicyName": "own", "PolicyDocument": document("a:B")}])
    other = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "other"}}
    roles = found({"R": own, "O": other, "P": resource})
    assert [d["Statement"][0]["Action"] for d in roles["r"].documents] == ["a:B", "x:Y"]
    assert roles["other"].documents == ()


def test_a_managed_policy_that_the_role_names_is_the_roles() -> None:
    roles = found({"R": role(ManagedPolicyArns=[{"Ref": "P"}]), "P": policy("AWS::IAM::ManagedPolicy")})
    assert list(roles["r"].managed.values()) == [document("x:Y")]


def test_a_managed_policy_of_unknown_text_is_an_error() -> None:
    with pytest.raises(RenderingError, match="r: the text of arn:aws:iam::aws:policy/Some is not in the templates"):
        found({"R": role(ManagedPolicyArns=["arn:aws:iam::aws:policy/Some"])})


def test_a_users_policies_are_found_the_same_way() -> None:
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Path": "/vsync/"}}
    users = found({"U": user, "P": policy("AWS::IAM::UserPolicy", PolicyName="p", UserName={"Ref": "U"})})
    assert users["u"].arn == "arn:aws:iam::123456789012:user/vsync/u"
    assert users["u"].inline == {"p": document("x:Y")}


def test_white_space_is_not_counted_and_inline_policies_are_counted_together() -> None:
    size = len('{"Statement":[{"Effect":"Allow","Action":"x:Y","Resource":"*"}]}')
    assert characters(document("x:Y")) == size
    pair = [{"PolicyName": name, "PolicyDocument": document("x:Y")} for name in "ab"]
    assert found({"R": role(Policies=pair)})["r"].inline_characters == 2 * size
