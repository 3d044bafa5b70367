"""The event that this function is invoked with, parsed.

Whoever may put events on the bus could send one by hand. It then restarts what the secret's own tags name, for the
version that is current, once: nothing else in the event is acted on.

See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vsync_rotation.errors import ContractError
from vsync_rotation.events import SOURCE, ConsumersRestarting, KeyRotationFinished, parse_iso_utc
from vsync_rotation.settings import Kind

_FINISHED: Final = KeyRotationFinished.detail_type
_RESTARTING: Final = ConsumersRestarting.detail_type
_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}", re.ASCII
)
# A version's id is the rotation's client request token: as a rule a UUID, but whoever rotates may choose another.
_VERSION_ID: Final = re.compile(r"[ -~]{32,64}")
_NAME: Final = re.compile(r"[!-~]{1,512}")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A version was promoted; `is_first`: said by the rotation, otherwise by the check that looks after restarts."""

    secret_arn: str
    version_id: str
    kind: Kind
    at: datetime
    is_first: bool
    repo: str | None
    env: str | None

    @classmethod
    def parse(cls, event: object) -> "Announcement":
        """Read the event.

        Raises:
            ContractError: not such an event; what is wrong with it is named, what it holds is not.
        """
        if not isinstance(event, Mapping):
            raise _unlike("is not an object")
        if event.get("source") != SOURCE:
            raise _unlike(f"is not from the source {SOURCE}")
        detail_type = event.get("detail-type")
        if detail_type not in (_FINISHED, _RESTARTING):
            raise _unlike(f"has a detail-type that is none of {_FINISHED}, {_RESTARTING}")
        detail = event.get("detail")
        if not isinstance(detail, Mapping):
            raise _unlike("has no detail")
        return cls(
            secret_arn=_matching(detail, "secret_arn", _ARN),
            version_id=_matching(detail, "version_id", _VERSION_ID),
            kind=_kind(detail),
            at=_instant(detail),
            is_first=detail_type == _FINISHED,
            repo=_name(detail, "repo"),
            env=_name(detail, "env"),
        )


def _matching(detail: Mapping[Any, Any], name: str, form: re.Pattern[str]) -> str:
    value = detail.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise _unlike(f"has no {name} that is one")
    return value


def _name(detail: Mapping[Any, Any], name: str) -> str | None:
    """Passed on in this function's own event, and acted on by nobody."""
    value = detail.get(name)
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _kind(detail: Mapping[Any, Any]) -> Kind:
    value = detail.get("kind")
    kind = next((kind for kind in Kind if kind == value), None)
    if kind is None:
        raise _unlike(f"names a kind that is none of {', '.join(Kind)}")
    return kind


def _instant(detail: Mapping[Any, Any]) -> datetime:
    try:
        return parse_iso_utc(detail["at"])
    except (KeyError, TypeError, ValueError):
        raise _unlike("has no time at which it happened") from None


def _unlike(finding: str) -> ContractError:
    return ContractError(
        f"the event {finding}",
        remedy=f"invoke this function by an EventBridge rule on {_FINISHED} and {_RESTARTING} of {SOURCE}",
    )
