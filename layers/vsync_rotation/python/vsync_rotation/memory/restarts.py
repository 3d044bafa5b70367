"""What became of a version's restarts: written by `restart_consumers`, read by whoever waits for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from vsync_rotation.events import iso_utc, parse_iso_utc
from vsync_rotation.memory.ports import parameter_name

WRITER: Final = "restarted"


class RestartState(StrEnum):
    """How far a consumer's restart is."""

    BEGUN = "begun"
    RESTARTED = "restarted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ConsumerRestart:
    """One consumer's restart for one version.

    `consumer` is its tag's value, so that another target under the same name counts as not restarted. `handle` names
    the rollout in its service (a deployment, operation or command id), where there is one to follow.
    """

    consumer: str
    state: RestartState
    at: datetime
    handle: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Restarts:
    """The restarts of one version of a secret, by consumer name."""

    version_id: str
    by_name: Mapping[str, ConsumerRestart]

    def encode(self) -> str:
        """The parameter's text."""
        return json.dumps(
            {
                "version_id": self.version_id,
                "consumers": {name: _fields(restart) for name, restart in sorted(self.by_name.items())},
            },
            separators=(",", ":"),
        )

    @classmethod
    def parse(cls, text: str | None) -> "Restarts | None":
        """Read the parameter; None where there is none or it is not what `encode` writes, which counts as no record."""
        try:
            record = json.loads(text or "")
            return cls(str(record["version_id"]), {name: _restart(item) for name, item in record["consumers"].items()})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def restarts_name(secret_name: str) -> str:
    """The parameter that holds a secret's restarts."""
    return parameter_name(WRITER, secret_name)


def _fields(restart: ConsumerRestart) -> dict[str, str]:
    optional = {"handle": restart.handle, "reason": restart.reason}
    given = {name: value for name, value in optional.items() if value is not None}
    return {"consumer": restart.consumer, "state": restart.state.value, "at": iso_utc(restart.at)} | given


def _restart(item: Mapping[str, Any]) -> ConsumerRestart:
    handle, reason = item.get("handle"), item.get("reason")
    return ConsumerRestart(
        consumer=str(item["consumer"]),
        state=RestartState(item["state"]),
        at=parse_iso_utc(item["at"]),
        handle=None if handle is None else str(handle),
        reason=None if reason is None else str(reason),
    )
