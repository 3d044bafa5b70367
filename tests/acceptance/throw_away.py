"""The throw-away vault: its deployment file, and the values its secrets begin with."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Final

from tests.acceptance.discretion import Discretion
from tests.acceptance.run import Run

_SALT_BYTES: Final = 16
_PASSPHRASE_BYTES: Final = 32
VSYNCS_ITERATIONS: Final = 600_000
# What the vault holds.
GREETING: Final = "hello"


@dataclass(frozen=True, slots=True)
class Schedules:
    """What an edit of the file changes: when things rotate, and how long a superseded key lives."""

    key: str
    passphrase: str
    overlap_hours: int


# Far off, each in the hands of another scheduler, so that only the questions rotate anything.
FIRST: Final = Schedules("rate(90 days)", "cron(0 3 1 1 ? *)", overlap_hours=24)
EDITED: Final = Schedules("rate(91 days)", "cron(0 4 1 1 ? *)", overlap_hours=25)


def deployment_file(run: Run, account: str, region: str, admin: str, schedules: Schedules = FIRST) -> str:
    """The file's text: one vault, everything of it made by the stacks and gone with them."""
    return f"""\
# Made by `make acceptance`; thrown away with everything it describes.
account = "{account}"
region = "{region}"
stack_prefix = "{run.prefix}"
admins = ["{admin}"]
protect_reading = true
log_retention_days = 1
removal_policy = "destroy"

[[vaults]]
repo = "{run.repo}"
env = "{run.env}"
bucket = "{run.bucket}"
create_bucket = true
readers = ["{admin}"]
prefix = "{run.place}"

[vaults.key_rotation]
schedule = "{schedules.key}"
overlap_hours = {schedules.overlap_hours}

# With a time zone, so that EventBridge Scheduler has it.
[vaults.passphrase_rotation]
schedule = "{schedules.passphrase}"
timezone = "Etc/UTC"
"""


@dataclass(frozen=True, slots=True)
class FirstValues:
    """What a person would give at `seed`. The bucket is empty yet, so that nothing need be opened with them."""

    salt: str
    passphrase: str = field(repr=False)
    iterations: int = VSYNCS_ITERATIONS

    @classmethod
    def drawn(cls, discretion: Discretion, iterations: int = VSYNCS_ITERATIONS) -> "FirstValues":
        """New ones."""
        values = cls(secrets.token_urlsafe(_SALT_BYTES), secrets.token_urlsafe(_PASSPHRASE_BYTES), iterations)
        discretion.keep(values.passphrase)
        return values

    def file(self, run: Run) -> str:
        """A file of values, as `vsync-rotation seed --from` takes it: a location, which the first rotation completes."""
        location = {"salt": self.salt, "iterations": self.iterations}
        return json.dumps({run.vault_id: {"config": location, "passphrase": self.passphrase}})
