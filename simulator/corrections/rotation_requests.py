"""RotateSecret makes an empty AWSPENDING version, answers at once and leaves the work to the rotation service.

moto runs the function inside the request, through docker; sends it the secret's name; accepts a new rotation while
AWSPENDING stands on another version than AWSCURRENT; forgets the function and makes an empty version current when no
ARN is given; and with RotateImmediately=false leaves a copy of the value behind under AWSPENDING.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from moto.secretsmanager.models import SecretsManagerBackend

from simulator.corrections.correction import Correction, Replacement, instead
from simulator.corrections.live_secrets import live_secret
from simulator.corrections.secret_versions import (
    CURRENT,
    PENDING,
    ServiceError,
    add_version,
    attach,
    detach,
    holder,
    invalid_parameter,
    invalid_request,
    not_found,
)
from simulator.corrections.stored_values import checked_token


@dataclass(frozen=True, slots=True)
class RotationOrder:
    """What the rotation service has to do."""

    secret: Any
    version_id: str
    function_arn: str
    test_only: bool


class RotationDesk(Protocol):
    """Takes the orders RotateSecret places."""

    def knows_function(self, arn: str) -> bool: ...

    def place(self, order: RotationOrder) -> None: ...

    def is_underway(self, secret_arn: str, version_id: str) -> bool: ...

    def cancel(self, secret_arn: str) -> None: ...


desks: list[RotationDesk] = []


def _rotate_secret(
    self: Any,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,  # noqa: FBT001, FBT002 - moto's signature
) -> str:
    secret = live_secret(self, secret_id)
    function_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    _check_function(function_arn)
    _check_rules(rotation_rules)
    token = checked_token(client_request_token)
    pending = holder(secret, PENDING)
    if pending == token and desks[-1].is_underway(secret.arn, token):
        return _answer(secret, token)
    order = RotationOrder(secret, token, function_arn, test_only=not rotate_immediately)
    if pending is not None and holder(secret, CURRENT) != pending:
        _reattempt(RotationOrder(secret, pending, function_arn, test_only=False))
    _configure(secret, function_arn, rotation_rules)
    begin(secret, token)
    desks[-1].place(order)
    return _answer(secret, token)


def begin(secret: Any, token: str) -> None:
    """Make the empty pending version a rotation starts from."""
    if token in secret.versions:
        raise ServiceError(
            "ResourceExistsException",
            f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret "
            f"{secret.arn}.",
        )
    add_version(secret, token, {})
    detach(secret, PENDING)
    attach(secret, PENDING, token)


def _reattempt(unfinished: RotationOrder) -> None:
    """Refuse; the service takes the unfinished rotation up again, with the token it had."""
    desk = desks[-1]
    if not desk.is_underway(unfinished.secret.arn, unfinished.version_id):
        desk.place(unfinished)
    raise invalid_request("A previous rotation isn't complete. That rotation will be reattempted.")


def _check_function(arn: str) -> None:
    if not arn:
        raise invalid_request("No Lambda rotation function ARN is associated with this secret.")
    if not desks or not desks[-1].knows_function(arn):
        raise not_found("Secrets Manager can't find the specified Lambda function.")


def _check_rules(rules: dict[str, Any] | None) -> None:
    if rules and {"AutomaticallyAfterDays", "ScheduleExpression"} <= rules.keys():
        raise invalid_parameter("Give AutomaticallyAfterDays or ScheduleExpression, not both.")
    days = (rules or {}).get("AutomaticallyAfterDays")
    if days is not None and not 1 <= int(days) <= 1000:
        raise invalid_parameter("RotationRules.AutomaticallyAfterDays must be within 1-1000.")


def _configure(secret: Any, function_arn: str, rules: dict[str, Any] | None) -> None:
    secret.rotation_requested = True
    secret.rotation_enabled = True
    secret.rotation_lambda_arn = function_arn
    if rules is not None:
        secret.rotation_rules = dict(rules)


def _cancel_rotate_secret(self: Any, secret_id: str) -> str:
    secret = live_secret(self, secret_id)
    if not secret.rotation_lambda_arn:
        raise invalid_request("You tried to cancel rotation on a secret that has no rotation function configured.")
    secret.rotation_enabled = False
    desks[-1].cancel(secret.arn)
    return _answer(secret, holder(secret, PENDING))


def _answer(secret: Any, version_id: str | None) -> str:
    answer = {"ARN": secret.arn, "Name": secret.name}
    return json.dumps(answer | ({"VersionId": version_id} if version_id else {}))


CORRECTION = Correction(
    "rotation is asynchronous",
    (
        Replacement(SecretsManagerBackend, "rotate_secret", instead(_rotate_secret)),
        Replacement(SecretsManagerBackend, "cancel_rotate_secret", instead(_cancel_rotate_secret)),
    ),
)
