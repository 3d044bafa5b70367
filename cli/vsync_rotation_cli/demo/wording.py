"""What both views for people say in the same words."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby
from textwrap import wrap
from typing import Final

from vsync_rotation_cli.demo.facts import AuditRowSeen, EventSeen, Kind, Story
from vsync_rotation_cli.demo.lifelines import LEGEND

TITLE: Final = "vsync-rotation demo"
PURPOSE: Final = (
    "A vault on an AWS embedded in this process: its access key is rotated, then",
    "its passphrase; an application boots after each. Then the days after pass in",
    "seconds, to the old key's end. Nothing leaves this machine.",
)
KINDS: Final[Mapping[Kind, str]] = {Kind.KEY: "access key", Kind.PASSPHRASE: "passphrase"}
NEXT: Final = "Next: docs/deploy.md to deploy it; README.md for where things are."
LOOK: Final = "Next: standard error names each failed check; --json has everything."

_AUDIT_COLUMNS: Final = ("action", "version_ts", "hostname", "meta")


def calls(number: int) -> str:
    """API calls, counted."""
    return f"{number} call" if number == 1 else f"{number} calls"


def by_service(counts: Mapping[str, int]) -> str:
    """API calls by service, most first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{service} {count}" for service, count in ordered)


def event(seen: EventSeen) -> str:
    """What an event says has changed or failed."""
    match seen.detail:
        case {"access_key_id": new, "superseded_access_key_id": old}:
            return f"{seen.detail_type}: {new} supersedes {old}"
        case {"gen": gen, "prev_gen": before, "bundle_ts": bundle}:
            return f"{seen.detail_type}: gen {before} -> {gen}, bundle {bundle}"
        case {"step": step, "error": error}:
            return f"{seen.detail_type}: {error} in {step}"
        case {"access_key_id": key, "last_used_service": service, "last_used_region": region}:
            return f"{seen.detail_type}: {key}, {service} in {region}"
        case {"access_key_id": key, "reason": _}:
            return f"{seen.detail_type}: {key}"
        case {"layout": layout, "reason": reason}:
            return f"{seen.detail_type}: {layout}, {reason}"
        case {"restarted": [*names], "failed": [*failed]}:
            return f"{seen.detail_type}: {', '.join(map(str, [*names, *(f'{name} failed' for name in failed)]))}"
    return seen.detail_type


def events(story: Story) -> list[str]:
    """All of them in their order; what is told several times in a row stands once, with the number."""
    told = ((text, len(list(same))) for text, same in groupby(event(seen) for seen in story.events))
    return [text if times == 1 else f"{text} ({times} times)" for text, times in told]


def after(elapsed: timedelta) -> str:
    """Virtual time since it began, in days, hours and minutes."""
    minutes = int(elapsed / timedelta(minutes=1))
    return f"{minutes // 1440}d {minutes % 1440 // 60:02}:{minutes % 60:02}"


def audit_row(seen: AuditRowSeen) -> str:
    """The columns of an audit row that tell what was done, where, and what came of it."""
    return "  ".join(seen.columns[name] for name in _AUDIT_COLUMNS if seen.columns.get(name))


KEYS: Final = "Access keys"
_HELD: Final = "\0"  # no white space, so that a line does not end here


def legend(width: int) -> list[str]:
    """What the letters and lines of the picture mean, in lines of so many columns; no entry is cut in two."""
    entries = "   ".join(f"{sign}{_HELD}{meaning}" for sign, meaning in LEGEND.items())
    return [line.replace(_HELD, " ") for line in wrap(entries, width)]


def race_window(ms: float) -> str:
    """How long the boundary was at which a booting application would have failed."""
    return f"race window {ms:,.0f} ms: pointers swapped, label not moved yet"


def verdict(story: Story) -> str:
    """The last line but one."""
    if story.failed:
        return f"{len(story.failed)} of {len(story.checks)} checks do not hold ({story.seconds:.1f} s)."
    return f"{len(story.checks)} checks hold ({story.seconds:.1f} s)."
