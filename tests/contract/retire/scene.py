"""A secret whose key rotates, the function that retires what rotations leave behind, and time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from moto.iam.models import AccessKeyLastUsed, iam_backends

from simulator.world import ACCOUNT_ID, World
from tests.contract.iam_account import IamAccount, instant
from tests.contract.key_scene import KeyScene, failure_of
from tests.contract.operator_clients import operator
from tests.contract.retire.tripwire import Deed, Tripwire
from tests.contract.secret_versions import SecretVersions
from vsync_rotation.memory.restarts import ConsumerRestart, Restarts, RestartState, restarts_name

# Whatever changes something; an event is none.
WRITES: Final = frozenset(
    {
        "CreateAccessKey",
        "DeleteAccessKey",
        "DeleteParameter",
        "PutParameter",
        "PutSecretValue",
        "TagResource",
        "TagUser",
        "UntagUser",
        "UpdateAccessKey",
        "UpdateSecretVersionStage",
    }
)
Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RetireScene:
    """`first` is the key the vault was made with; `second`, where there is one, what the first rotation made."""

    rotation: KeyScene
    function: str
    tripwire: Tripwire

    @property
    def world(self) -> World:
        return self.rotation.world

    @property
    def account(self) -> IamAccount:
        return self.rotation.account

    @property
    def secret(self) -> SecretVersions:
        return self.rotation.secret

    @property
    def first(self) -> str:
        return self.rotation.first_key

    @property
    def current(self) -> str:
        return self.rotation.key_in()

    # What happens.

    def run(self, **order: Any) -> Summary:
        """One invocation. Whatever it ends has to be announced."""
        summary: Summary = self.world.invoke(self.function, order)
        json.dumps(summary)
        self.tripwire.judge()
        return summary

    def fails(self, **order: Any) -> Exception:
        """An invocation that has to raise."""
        error = failure_of(self.world, self.function, order)
        self.tripwire.judge()
        return error

    def after(self, hours: float) -> "RetireScene":
        """So many hours later."""
        self.world.clock.advance(hours * 3600)
        return self

    def deactivates(self, key_id: str, **order: Any) -> Summary:
        """A run that has to deactivate this key and nothing else."""
        self.tripwire.announce(Deed.DEACTIVATED, key_id)
        return self.run(**order)

    def deletes(self, key_id: str, **order: Any) -> Summary:
        """A run that has to delete this key and nothing else."""
        self.tripwire.announce(Deed.DELETED, key_id)
        return self.run(**order)

    def used(self, key_id: str, service: str = "s3", *, hours_ago: float = 0) -> str:
        """IAM learns of a use of the key. Returns when that was."""
        at = self.world.clock.now() - timedelta(hours=hours_ago)
        key = iam_backends[ACCOUNT_ID]["aws"].access_keys[key_id]
        key.last_used = AccessKeyLastUsed(at.replace(tzinfo=None), service, self.world.region)
        return instant(self.world, hours=-hours_ago)

    def restarts(self, **states: RestartState) -> None:
        """What `restart_consumers` writes for the version in AWSCURRENT, of consumers as they are declared."""
        declared = self.secret.tags()
        self.record(
            Restarts(
                str(self.secret.holder("AWSCURRENT")),
                {
                    name: ConsumerRestart(
                        declared[f"vsync-rotation:consumer:{name}"], state, self.world.clock.now(), handle="rollout-1"
                    )
                    for name, state in states.items()
                },
            ).encode()
        )

    def record(self, text: str) -> None:
        """The parameter with the secret's restarts, as it may be found."""
        operator(self.world, "ssm").put_parameter(
            Name=restarts_name(self.secret.name), Value=text, Type="String", Overwrite=True
        )

    # What there is to see.

    def statuses(self) -> dict[str, str]:
        """Key id to status; read beside the API, since tests ask after every run."""
        return {
            key.access_key_id: key.status
            for key in iam_backends[ACCOUNT_ID]["aws"].users[self.account.user].access_keys
        }

    def marks_of(self, key_id: str) -> set[str]:
        """The names of the user's tags for this key, without prefix and key."""
        head, tail = "vsync-rotation:", f":{key_id}"
        return {tag.removeprefix(head).removesuffix(tail) for tag in self.account.tags() if tag.endswith(tail)}

    def events(self, detail_type: str) -> list[dict[str, Any]]:
        return self.rotation.events(detail_type)

    def writes(self) -> list[str]:
        """What the last invocation changed, as operations."""
        requests = self.world.functions.invocations[-1].requests
        return [request.operation for request in requests if request.operation in WRITES]

    def is_left_alone(self, *, hours: float = 0) -> Summary:
        """A run, so many hours later, that changes nothing at all."""
        summary = self.after(hours).run()
        assert self.writes() == []
        return summary

    def well(self) -> None:
        """AWSCURRENT boots an application."""
        assert self.statuses()[self.current] == "Active"
        self.rotation.vault.boot()


def only(outcomes: list[Summary]) -> Summary:
    """The one outcome there is."""
    (outcome,) = outcomes
    return outcome


def outcome_of(summary: Summary, key_id: str) -> Summary:
    """What the summary says of a key; it says exactly one thing."""
    return only([outcome for outcome in summary["outcomes"] if outcome.get("access_key_id") == key_id])


Make = Callable[..., RetireScene]
