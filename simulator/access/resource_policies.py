"""What a resource's own policy says to somebody: the statements that name the caller.

Secrets only; whoever made the secret may have put a policy on it, and a deny there binds every caller but the operator.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from moto.secretsmanager.models import secretsmanager_backends

from simulator.access.conditions import texts
from simulator.access.policy import Document, Statement, statements

_EVERYBODY: Final = "*"
_KINDS: Final = frozenset({"AWS", "Service", "Federated"})
# An account is named by its root, or by its number alone.
_ACCOUNT: Final = re.compile(r"arn:[\w-]+:iam::(\d{12}):root|(\d{12})")


def on_secret(account_id: str, region: str, arn: str, principal_arns: tuple[str, ...]) -> tuple[Document, ...]:
    """What the policy of the secret with this ARN says to whoever has one of these ARNs; nothing without a policy."""
    secret = secretsmanager_backends[account_id][region].secrets.get(arn) if arn.startswith("arn:") else None
    policy = getattr(secret, "policy", None)  # replicas have none
    return (said_to(json.loads(policy), principal_arns),) if policy else ()


def said_to(document: Document, principal_arns: tuple[str, ...]) -> Document:
    """The statements of a resource's policy that name the caller: a role session by its role's ARN or its own."""
    return {"Statement": [s for s in statements(document) if _is_about(s, principal_arns)]}


def _is_about(statement: Statement, principal_arns: tuple[str, ...]) -> bool:
    if "NotPrincipal" in statement:
        # Refused, not ignored: AWS demands the session's ARN beside the role's there, and a guess would let callers in.
        raise NotImplementedError("NotPrincipal is not played here; use a condition on aws:PrincipalArn")
    principal = statement["Principal"]
    if principal == _EVERYBODY:
        return True
    if not isinstance(principal, Mapping) or not principal.keys() <= _KINDS:
        raise ValueError(f"Principal {principal!r} is not played here; write *, or names under one of {sorted(_KINDS)}")
    named = texts(principal.get("AWS", ()))
    return any(_is_named(name, arn, statement["Effect"]) for name in named for arn in principal_arns)


def _is_named(name: str, arn: str, effect: str) -> bool:
    if name == _EVERYBODY:
        return True
    if "*" in name:
        raise ValueError(f"Principal {name} is not played here: AWS takes no wildcard in it; use aws:PrincipalArn")
    if account := _ACCOUNT.fullmatch(name):
        # A deny to the account binds everybody in it; an allow leaves it to their own policies.
        return effect == "Deny" and arn.split(":")[4] in account.groups()
    return name == arn
