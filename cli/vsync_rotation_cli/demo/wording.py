"""What both views for people say in the same words."""

from collections.abc import Mapping
from typing import Final

from vsync_rotation_cli.demo.facts import AuditRowSeen, EventSeen, Kind, Story

TITLE: Final = "vsync-rotation demo"
PURPOSE: Final = (
    "A vault on an AWS embedded in this process: its access key is rotated, then",
    "its passphrase; an application boots after each. Nothing leaves this machine.",
)
KINDS: Final[Mapping[Kind, str]] = {Kind.KEY: "access key", Kind.PASSPHRASE: "passphrase"}
NEXT: Final = "Next: make test for every other history; README.md for where things are."
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
    return seen.detail_type


def audit_row(seen: AuditRowSeen) -> str:
    """The columns of an audit row that tell what was done, where, and what came of it."""
    return "  ".join(seen.columns[name] for name in _AUDIT_COLUMNS if seen.columns.get(name))


def race_window(ms: float) -> str:
    """How long the boundary was at which a booting application would have failed."""
    return f"race window {ms:,.0f} ms: pointers swapped, label not moved yet"


def verdict(story: Story) -> str:
    """The last line but one."""
    if story.failed:
        return f"{len(story.failed)} of {len(story.checks)} checks do not hold ({story.seconds:.1f} s)."
    return f"{len(story.checks)} checks hold ({story.seconds:.1f} s)."
