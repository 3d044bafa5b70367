"""Who signed a request: the operator, a function, an IAM user or an assumed role, with the policies that bind them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import sts_backends

from simulator.doors import Incoming
from simulator.functions import Function, Functions

Documents = tuple[Mapping[str, Any], ...]

_ARN: Final = "aws:PrincipalArn"
# Whether it is there is all that policies ask of it here; dates are not compared.
_OF_A_SESSION: Final[Mapping[str, str]] = {"aws:TokenIssueTime": "set"}


@dataclass(frozen=True, slots=True)
class Principal:
    """A known signer. `documents` None means that nothing is refused.

    `attributes` are the condition keys that every request of it has, `aws:TokenIssueTime` among them for a session.
    """

    arn: str
    secret_access_key: str = field(repr=False)
    active: bool
    documents: Documents | None
    attributes: Mapping[str, str]
    is_user: bool = False


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Credentials the world hands out itself."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Directory:
    """Finds principals by access key id."""

    account_id: str
    operator: KeyPair
    function: KeyPair
    functions: Functions

    @property
    def iam(self) -> IAMBackend:
        return iam_backends[self.account_id]["aws"]

    def find(self, incoming: Incoming) -> Principal | None:
        """The principal whose access key id is on the request, None if the key exists nowhere."""
        if incoming.key_id == self.operator.access_key_id:
            return self._trusted(self.operator, f"arn:aws:iam::{self.account_id}:root")
        if incoming.key_id == self.function.access_key_id:
            function = self.functions.find(incoming.headers.get("x-simulator-function", ""))
            if function is None:
                return self._trusted(self.function, f"arn:aws:sts::{self.account_id}:assumed-role/operator")
            return self._function(function)
        return self._user(incoming.key_id) or self._role(incoming.key_id)

    def _trusted(self, pair: KeyPair, arn: str) -> Principal:
        return Principal(arn, pair.secret_access_key, True, None, {_ARN: arn})  # noqa: FBT003 - active

    def _function(self, function: Function) -> Principal:
        """A session of the function's role, which has the function's name here."""
        role = f"arn:aws:iam::{self.account_id}:role/{function.name}"
        session = f"arn:aws:sts::{self.account_id}:assumed-role/{function.name}"
        attributes = {_ARN: role, **_OF_A_SESSION}
        return Principal(session, self.function.secret_access_key, True, function.policies, attributes)  # noqa: FBT003 - active

    def _user(self, key_id: str) -> Principal | None:
        for user in self.iam.users.values():
            for key in user.access_keys:
                if key.access_key_id == key_id:
                    arn = f"arn:aws:iam::{self.account_id}:user{user.path}{user.name}"
                    return Principal(
                        arn=arn,
                        secret_access_key=key.secret_access_key,
                        active=key.status == "Active",
                        documents=self._user_documents(user),
                        attributes={_ARN: arn, "aws:username": user.name, "aws:userid": user.id},
                        is_user=True,
                    )
        return None

    def _user_documents(self, user: Any) -> Documents:
        groups = self.iam.get_groups_for_user(user.name)
        inline = [_document(text) for owner in (user, *groups) for text in owner.policies.values()]
        managed = [_default_version(policy) for owner in (user, *groups) for policy in owner.managed_policies.values()]
        return (*inline, *managed)

    def _role(self, key_id: str) -> Principal | None:
        for session in sts_backends[self.account_id]["aws"].assumed_roles:
            if session.access_key_id == key_id:
                role = self.iam.get_role(session.role_arn.rsplit("/", 1)[1])
                inline = [_document(text) for text in role.policies.values()]
                managed = [_default_version(policy) for policy in role.managed_policies.values()]
                facts = {_ARN: session.role_arn, **_OF_A_SESSION}
                return Principal(session.arn, session.secret_access_key, True, (*inline, *managed), facts)  # noqa: FBT003
        return None


def _document(text: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(text, str):
        return text
    document: Mapping[str, Any] = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    return document


def _default_version(policy: Any) -> Mapping[str, Any]:
    return _document(next(version.document for version in policy.versions if version.is_default))
