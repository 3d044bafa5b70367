"""Policy evaluation, without any AWS."""

from typing import Any

import pytest

from simulator.access.policy import Question, is_allowed

BUCKET = "arn:aws:s3:::b"


def statement(effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = f"{BUCKET}/*", **more: Any) -> Any:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def allowed(*statements: Any, action: str = "s3:GetObject", resource: str = f"{BUCKET}/k", **context: str) -> bool:
    question = Question(action, resource, {key.replace("__", ":").replace("_", "-"): v for key, v in context.items()})
    return is_allowed([{"Statement": list(statements)}], question)


def test_nothing_is_allowed_by_itself() -> None:
    assert not allowed()


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:getobject", "s3:Get*", "s3:*", "*", "s3:GetO?ject"])
def test_an_action_matches_whatever_its_case_and_by_wildcards(action: str) -> None:
    assert allowed(statement(action=action))


@pytest.mark.parametrize("action", ["s3:PutObject", "iam:*", "s3:Get"])
def test_another_action_does_not_match(action: str) -> None:
    assert not allowed(statement(action=action))


@pytest.mark.parametrize(("resource", "expected"), [(f"{BUCKET}/*", True), (f"{BUCKET}/K", False), (BUCKET, False)])
def test_a_resource_matches_exactly_or_by_wildcards(resource: str, expected: bool) -> None:
    assert allowed(statement(resource=resource)) is expected


def test_a_deny_wins_over_any_allow() -> None:
    assert not allowed(statement(), statement("Deny", action="s3:*"))


def test_a_deny_whose_condition_does_not_hold_denies_nothing() -> None:
    deny = statement("Deny", Condition={"StringEquals": {"aws:username": "other"}})
    assert allowed(statement(), deny, aws__username="me")


def test_notaction_and_notresource_are_what_is_left() -> None:
    assert allowed({"Effect": "Allow", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::other/*"})
    assert not allowed({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"})


def test_a_resource_we_do_not_tell_apart_matches_any() -> None:
    assert allowed(statement(resource="arn:aws:ecs:x"), resource="")


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "expected"),
    [
        ("StringEquals", "vault/", "vault/", True),
        ("StringEquals", "vault/*", "vault/a", False),
        ("StringEquals", ["x", "vault/"], "vault/", True),
        ("StringNotEquals", "vault/", "other", True),
        ("StringEqualsIgnoreCase", "VAULT/", "vault/", True),
        ("StringLike", "vault/*", "vault/a", True),
        ("StringNotLike", "vault/*", "vault/a", False),
        ("ArnLike", "arn:aws:iam::*:role/r", "arn:aws:iam::1:role/r", True),
        ("ArnNotLike", "arn:aws:iam::*:role/r", "arn:aws:iam::1:role/s", True),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Null", "true", "anything", False),
        ("ForAnyValue:StringEquals", "vault/", "vault/", True),
    ],
)
def test_condition_operators(operator: str, wanted: Any, actual: str, expected: bool) -> None:
    condition = {operator: {"S3:Prefix": wanted}}
    assert allowed(statement(Condition=condition), s3__prefix=actual) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("Null", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_key_that_is_absent(operator: str, expected: bool) -> None:
    assert allowed(statement(Condition={operator: {"s3:prefix": "true"}})) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "values", "expected"),
    [
        ("ForAllValues:StringLike", "ours:*", ["ours:a", "ours:b"], True),
        ("ForAllValues:StringLike", "ours:*", ["ours:a", "theirs"], False),
        ("ForAllValues:StringLike", ["ours:*", "theirs"], ["ours:a", "theirs"], True),
        ("ForAllValues:StringNotEquals", "theirs", ["ours:a", "ours:b"], True),
        ("ForAllValues:StringNotEquals", "theirs", ["ours:a", "theirs"], False),
        ("ForAnyValue:StringLike", "ours:*", ["theirs", "ours:b"], True),
        ("ForAnyValue:StringLike", "ours:*", ["theirs", "others"], False),
        ("ForAnyValue:StringNotEquals", "theirs", ["theirs", "ours:a"], True),
        ("ForAnyValue:StringNotEquals", "theirs", ["theirs"], False),
    ],
)
def test_several_values_of_a_key_are_judged_one_by_one(
    operator: str, wanted: Any, values: list[str], expected: bool
) -> None:
    condition = {operator: {"aws:TagKeys": wanted}}
    assert allowed(statement(Condition=condition), aws__TagKeys="\n".join(values)) is expected


def test_all_conditions_must_hold() -> None:
    condition = {"StringEquals": {"a:one": "1", "a:two": "2"}}
    assert not allowed(statement(Condition=condition), a__one="1", a__two="3")


def test_variables_stand_for_the_callers_attributes() -> None:
    own = statement(resource=f"{BUCKET}/${{aws:username}}")
    assert allowed(own, resource=f"{BUCKET}/me", aws__username="me")
    assert not allowed(own, resource=f"{BUCKET}/you", aws__username="me")


def test_a_wildcard_in_what_a_variable_stands_for_is_none() -> None:
    own = statement(resource=f"{BUCKET}/${{aws:username}}/*")
    assert allowed(own, resource=f"{BUCKET}/*/k", aws__username="*")
    assert not allowed(own, resource=f"{BUCKET}/you/k", aws__username="*")
    named = statement(Condition={"StringLike": {"s3:prefix": "${aws:username}/*"}})
    assert allowed(named, s3__prefix="*/a", aws__username="*")
    assert not allowed(named, s3__prefix="you/a", aws__username="*")


@pytest.mark.parametrize("name", ["aws:username", "AWS:UserName", "aws:USERNAME"])
def test_the_case_of_a_variables_name_means_nothing(name: str) -> None:
    deny = statement("Deny", resource=f"{BUCKET}/${{{name}}}")
    assert not allowed(statement(), deny, resource=f"{BUCKET}/me", aws__username="me")
    deny = statement("Deny", Condition={"StringEquals": {"s3:prefix": f"${{{name}}}"}})
    assert not allowed(statement(), deny, s3__prefix="me", aws__username="me")


def test_a_variable_that_is_not_known_is_like_nothing() -> None:
    assert not allowed(statement(resource=f"{BUCKET}/${{aws:username}}"), resource=f"{BUCKET}/${{aws:username}}")
    condition = {"StringEquals": {"s3:prefix": "${aws:username}"}}
    assert not allowed(statement(Condition=condition), s3__prefix="${aws:username}")


@pytest.mark.parametrize(("letter", "another"), [("*", "x"), ("?", "x"), ("$", "x")])
def test_a_variable_may_stand_for_a_letter_that_means_something_else(letter: str, another: str) -> None:
    own = statement(resource=f"{BUCKET}/a${{{letter}}}b")
    assert allowed(own, resource=f"{BUCKET}/a{letter}b")
    assert not allowed(own, resource=f"{BUCKET}/a{another}b")


def test_a_variable_with_a_default_is_an_error() -> None:
    with pytest.raises(NotImplementedError, match="default"):
        allowed(statement(resource=f"{BUCKET}/${{aws:username, 'nobody'}}"), aws__username="me")


@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"])
@pytest.mark.parametrize(
    ("pattern", "actual", "expected"),
    [
        ("arn:aws:iam::*:role/r", "arn:aws:iam::1:role/r", True),
        ("arn:aws:iam::*:role/r", "arn:aws:iam::1:user/x:role/r", False),
        ("arn:aws:*::1:r", "arn:aws:iam:eu:x::1:r", False),
        ("arn:aws:sns:*:*:*", "arn:aws:sns:eu-central-1:1:topic:subscription", True),
        ("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/me", True),
        ("arn:aws:iam::${aws:PrincipalAccount}:role/r", "arn:aws:iam::1:role/r", True),
        ("arn:aws:iam::*:role/r", "role/r", False),
    ],
)
def test_a_wildcard_in_an_arn_stays_in_its_part(operator: str, pattern: str, actual: str, expected: bool) -> None:
    condition = {operator: {"aws:SourceArn": pattern}}
    context = {"aws__SourceArn": actual, "aws__username": "me", "aws__PrincipalAccount": "1"}
    assert allowed(statement(Condition=condition), **context) is (expected is ("Not" not in operator))


@pytest.mark.parametrize("pattern", ["*", "arn:aws:iam::*", "role/r"])
def test_an_operator_for_arns_with_something_else_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="all six parts"):
        allowed(statement(Condition={"ArnNotLike": {"aws:SourceArn": pattern}}), aws__SourceArn="arn:aws:s3:::b")


@pytest.mark.parametrize("operator", ["DateLessThan", "ForMostValues:StringEquals", "StringEqualsIfPresent"])
def test_an_operator_that_is_not_known_is_an_error(operator: str) -> None:
    with pytest.raises(ValueError, match=operator):
        allowed(statement(Condition={operator: {"aws:CurrentTime": "2026-01-01"}}))
