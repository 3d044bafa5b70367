"""What `check_vaults` remembers of a secret: what it saw when all was well, and what it has reported.

No secret material: places, ETags, version ids, names and times.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from vsync_rotation.events import iso_utc, parse_iso_utc
from vsync_rotation.memory.ports import parameter_name

WRITER: Final = "checked"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """A vault that was well: as long as all of this is as it was, nothing needs to be read or opened again.

    `place`: endpoint, region, bucket, prefix and env. `objects`: keys and their ETags, None where nothing was.
    """

    place: Mapping[str, str]
    config_version: str
    settings: Mapping[str, str]
    labels: Mapping[str, str]
    objects: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding on a layout that was reported and is not gone yet."""

    layout: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """All that is remembered.

    `findings` by pointer key; `rotation` by kind of finding (`stuck`, `overdue`) to what it was about; `version_id` was
    first seen under AWSCURRENT at `since`, and its restarts were last asked for at `told_at`; `gate` is
    `vsync_rotation.gates.Gate` in its own form.
    """

    seen: Seen | None = None
    findings: Mapping[str, Reported] = field(default_factory=dict)
    rotation: Mapping[str, str] = field(default_factory=dict)
    gen: int | None = None
    version_id: str | None = None
    since: datetime | None = None
    told_at: datetime | None = None
    pruned_at: datetime | None = None
    gate: Mapping[str, Any] | None = None

    def encode(self) -> str:
        """The parameter's text; what is not known is left out."""
        seen = self.seen
        members: dict[str, Any] = {
            "seen": seen and {name: dict(getattr(seen, name)) for name in _SEEN} | {"config": seen.config_version},
            "findings": {key: [found.layout, found.reason] for key, found in sorted(self.findings.items())},
            "rotation": dict(sorted(self.rotation.items())),
            "gen": self.gen,
            "version_id": self.version_id,
            "since": _text(self.since),
            "told_at": _text(self.told_at),
            "pruned_at": _text(self.pruned_at),
            "gate": None if self.gate is None else dict(self.gate),
        }
        return json.dumps(
            {name: value for name, value in members.items() if value not in (None, {})}, separators=(",", ":")
        )

    @classmethod
    def parse(cls, text: str | None) -> "CheckRecord":
        """Read the parameter. What is damaged counts as not remembered: it is checked, and reported, again."""
        try:
            members = json.loads(text or "{}")
            return cls(
                seen=_optional(members.get("seen"), _seen),
                findings={str(key): Reported(*map(str, found)) for key, found in members.get("findings", {}).items()},
                rotation=_texts(members.get("rotation", {})),
                gen=_optional(members.get("gen"), int),
                version_id=_optional(members.get("version_id"), str),
                since=_optional(members.get("since"), parse_iso_utc),
                told_at=_optional(members.get("told_at"), parse_iso_utc),
                pruned_at=_optional(members.get("pruned_at"), parse_iso_utc),
                gate=_optional(members.get("gate"), dict),
            )
        except (ValueError, ArithmeticError, KeyError, TypeError, AttributeError, RecursionError):
            return cls()


_SEEN: Final = ("place", "settings", "labels", "objects")


def checks_name(secret_name: str) -> str:
    """The parameter that holds what is remembered of a secret."""
    return parameter_name(WRITER, secret_name)


def _seen(members: Mapping[str, Any]) -> Seen:
    objects = {str(key): None if etag is None else str(etag) for key, etag in members["objects"].items()}
    return Seen(
        place=_texts(members["place"]),
        config_version=str(members["config"]),
        settings=_texts(members["settings"]),
        labels=_texts(members["labels"]),
        objects=objects,
    )


def _texts(members: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in members.items()}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else iso_utc(moment)


def _optional(value: Any, read: Callable[[Any], T]) -> T | None:
    return None if value is None else read(value)
