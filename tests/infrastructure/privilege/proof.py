"""Plays scenarios under the synthesized policies, whole or with something taken away, and keeps what they asked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cdk.rendered_identities import Document, Identity
from simulator.access.conditions import texts
from simulator.access.policy import Question, Statement, concerns, statements
from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.all_scenarios import ALL
from tests.infrastructure.privilege.starting_points import StartingPoints


@dataclass(frozen=True, slots=True)
class Refused:
    """How a scenario ended under less: what was refused to the one it was taken from, and what came of it."""

    denied: Sequence[Question]
    failure: BaseException | None


@dataclass(slots=True)
class Proof:
    """`asked` is filled as scenarios are played: by scenario, what was asked in the name of each role and reader."""

    starting_points: StartingPoints
    asked: dict[str, Mapping[str, Sequence[Question]]] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        """As it was furnished, policies in force."""
        return self.starting_points.begin()

    def bearer(self, name: str) -> Identity:
        """A function's role by its folder, or a reader by its name."""
        account = self.starting_points.begin()
        return account.roles.get(name) or account.readers[name]

    def play(self, scenario: str) -> Account:
        """Under the whole policies; fails where anything is refused."""
        chosen = ALL[scenario]
        account = self.starting_points.begin(chosen.prepare)
        chosen.play(account)
        assert account.world.gate.denied == []
        self.asked[scenario] = _by_bearer(account)
        return account

    def play_without(self, scenario: str, bearer: str, taken: "Taken") -> Refused:
        """With something taken from one bearer's policies; everything before the scenario ran under the whole ones."""
        chosen = ALL[scenario]
        account = self.starting_points.begin(chosen.prepare)
        whole = account.roles.get(bearer) or account.readers[bearer]
        if bearer in account.roles:
            account.deploy({bearer: [taken.left_of(document) for document in whole.documents]})
        else:
            _put_policies(account, whole, {name: taken.left_of(document) for name, document in whole.inline.items()})
        failure: BaseException | None = None
        try:
            chosen.play(account)
        except Exception as error:  # noqa: BLE001 - any way of not coming out as it should is what is looked for
            failure = error
        return Refused(list(account.world.gate.denied), failure)

    def everything_asked(self) -> Mapping[str, set[tuple[str, str]]]:
        """Action and resource of every question, by bearer, over all scenarios; those not yet played are played now."""
        for scenario in ALL.keys() - self.asked.keys():
            self.play(scenario)
        found: dict[str, set[tuple[str, str]]] = {}
        for by_bearer in self.asked.values():
            for bearer, questions in by_bearer.items():
                found.setdefault(bearer, set()).update((q.action, q.resource) for q in questions)
        return found


@dataclass(frozen=True, slots=True)
class Taken:
    """A statement, or one action of it: what is taken from a policy."""

    sid: str
    action: str | None = None

    def left_of(self, document: Document) -> Document:
        left = [rest for statement in statements(document) if (rest := self._left_of(statement)) is not None]
        return {**document, "Statement": left}

    def _left_of(self, statement: Statement) -> Statement | None:
        if statement["Sid"] != self.sid:
            return statement
        actions = [action for action in actions_of(statement) if self.action is not None and action != self.action]
        return {**statement, "Action": actions} if actions else None


def actions_of(statement: Statement) -> list[str]:
    """The statement's actions."""
    found = statement["Action"]
    return [found] if isinstance(found, str) else list(found)


def resources_of(statement: Statement) -> list[str]:
    """The statement's resources."""
    found = statement["Resource"]
    return [found] if isinstance(found, str) else list(found)


def contexts_of(statement: Statement) -> Iterator[dict[str, str]]:
    """What its conditions want: the first value of every key, then the others one by one."""
    values = {
        key: [] if operator == "Null" else [wanted.replace("*", "x") for wanted in texts(wanted_values)]
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted_values in keys.items()
    }
    first = {key: wanted[0] for key, wanted in values.items() if wanted}
    yield first
    yield from ({**first, key: value} for key, wanted in values.items() for value in wanted[1:])


def by_sid(identity: Identity) -> dict[str, Statement]:
    """The identity's statements by their ids, each of which it has once."""
    found = [statement for document in identity.documents for statement in statements(document)]
    named = {str(statement["Sid"]): statement for statement in found}
    assert len(named) == len(found)
    return named


def allowing(identity: Identity, question: Question) -> set[str]:
    """The ids of the statements that allow it."""
    return {sid for sid, s in by_sid(identity).items() if s["Effect"] == "Allow" and concerns(s, question)}


def _by_bearer(account: Account) -> dict[str, list[Question]]:
    """What was asked in the name of each bearer."""
    names = {
        f"arn:aws:sts::{account.world.account_id}:assumed-role/{role.name}": folder
        for folder, role in account.roles.items()
    }
    names |= {reader.arn: name for name, reader in account.readers.items()}
    found: dict[str, list[Question]] = {}
    for asked in account.world.gate.asked:
        if asked.principal in names:
            found.setdefault(names[asked.principal], []).append(asked.question)
    return found


def _put_policies(account: Account, reader: Identity, policies: Mapping[str, Document]) -> None:
    iam = account.operator("iam")
    for name, document in policies.items():
        iam.delete_user_policy(UserName=reader.name, PolicyName=name)
        if document["Statement"]:
            iam.put_user_policy(UserName=reader.name, PolicyName=name, PolicyDocument=json.dumps(document))
