"""How a vault's key and its passphrase rotate."""

from collections.abc import Sequence
from typing import Final

from cdk.config.forms import Form
from cdk.config.intervals import MAX_HOURS, Durations, durations
from cdk.config.model import Consumer, KeyRotation, PassphraseRotation
from cdk.config.schedules import read_schedule
from cdk.config.table import Table

# The functions' own limit, held equal by a test.
MOST_BUNDLES: Final = 100_000

# CloudWatch: 1 to 255 characters without control characters. It stands in a template, where CloudFormation and the
# construct library put something else for what is in braces.
# The functions ask by name: no alarm is found under an ARN, and nothing would ever be deleted.
_ALARM: Final = Form.matching(
    r"(?!arn:)[^\x00-\x1f\x7f-\x9f${}]{1,255}",
    "the name, not the ARN, of a CloudWatch alarm, metric or composite, without $ and braces",
)


def read_key_rotation(table: Table, consumers: Sequence[Consumer] | None) -> KeyRotation | None:
    """The table `key_rotation`; None where anything in it is refused.

    `consumers` decide about the default overlap; where they are None nobody knows, and hours are not compared.
    """
    mark = table.mark()
    key = KeyRotation(
        schedule=read_schedule(table),
        overlap_hours=table.hours("overlap_hours", MAX_HOURS),
        max_overlap_hours=table.hours("max_overlap_hours", MAX_HOURS),
        inactive_hours=table.hours("inactive_hours", MAX_HOURS),
        deletion_alarm=table.optional_text("deletion_alarm", _ALARM),
    )
    if consumers is not None and table.kept(key, mark) is not None:
        _compare(table, key, durations(key, consumers))
    return table.kept(key, mark)


def read_passphrase_rotation(table: Table) -> PassphraseRotation:
    """The table `passphrase_rotation`; harmless values stand in for what is refused."""
    return PassphraseRotation(
        schedule=read_schedule(table),
        heal=table.switch("heal", default=False),
        keep_bundles=table.whole("keep_bundles", 0, MOST_BUNDLES),
        repair_seal=table.switch("repair_seal", default=False),
    )


def _compare(table: Table, key: KeyRotation, hours: Durations) -> None:
    if hours.max_overlap_hours < hours.overlap_hours:
        table.refuse(
            "max_overlap_hours",
            f"is {hours.max_overlap_hours:g}, shorter than the overlap of {hours.overlap_hours:g}; "
            "write at least as much, or leave it out",
        )
    elif key.schedule and key.schedule.shortest_interval_hours < hours.shortest_interval_hours:
        table.refuse(
            "schedule",
            f"rotates again after {key.schedule.shortest_interval_hours:g} hours, its window considered, but the "
            f"superseded key holds the second of IAM's two key slots for {hours.shortest_interval_hours:g} "
            f"(overlap {hours.overlap_hours:g} + inactive {hours.inactive_hours:g} + 1 until it is deleted), and the "
            "rotation would be refused; rotate less often, or shorten overlap_hours or inactive_hours",
        )
