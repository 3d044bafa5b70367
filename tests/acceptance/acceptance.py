"""A run from its first word to its last: ask a person, make, ask AWS, remove, tell."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.acceptance.asking import Asking, Say
from tests.acceptance.aws import Aws
from tests.acceptance.cleanup.cleaning import Cleaning
from tests.acceptance.cleanup.thing import Place
from tests.acceptance.discretion import Discretion
from tests.acceptance.interruption import deaf_to_hang_ups, ended_in_order
from tests.acceptance.machine import Machine
from tests.acceptance.question import Question
from tests.acceptance.report import Report
from tests.acceptance.run import Run
from tests.acceptance.stage import Stage
from tests.acceptance.throw_away import FirstValues

GOOD: Final = 0
NOT_GOOD: Final = 1
INTERRUPTED: Final = 130  # what shells report for a process ended by SIGINT: 128 + 2


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One run in an account that was agreed to."""

    machine: Machine
    aws: Aws
    run: Run
    discretion: Discretion
    say: Say

    def ask(self, preparations: Sequence[Question], questions: Sequence[Question], *, keep: bool) -> int:
        """Make everything, ask, and unless it is kept remove everything. Returns the exit status.

        Raises:
            UnwritableError: there is no place for a report; nothing was made.
        """
        report = self._report()
        report.begin()
        self.say(f"this run is {self.run.prefix}; its report is {report.path}")
        self.say(f"if it is killed, remove what it made with: {self.to_clean_up}")
        with ended_in_order():
            try:
                status = self._asked(report, preparations, questions)
            except KeyboardInterrupt:
                self.say("interrupted")
                status, report.state = INTERRUPTED, "interrupted"
            except OSError as error:
                self.say(f"this machine could not go on: {error}")
                status, report.state = NOT_GOOD, f"ended early: {error}"
            finally:
                left = self._cleaned(report, keep=keep)
        if report.unwritten:
            self.say(f"the report does not say all of this: it could not be written ({report.unwritten})")
        return status or (NOT_GOOD if left or report.unwritten else GOOD)

    @deaf_to_hang_ups()
    def clean_up(self) -> Sequence[str]:
        """Remove everything of the run. Returns what is left, with the commands that remove it."""
        self.say(f"removing everything of {self.run.prefix}; if this is interrupted: {self.to_clean_up}")
        left = Cleaning(Place(self.aws, self.run, self.machine.clock), self.say).run()
        for line in left:
            self.say(f"LEFT BEHIND: {line}")
        if not left:
            self.say(f"nothing of {self.run.prefix} is left")
        return left

    @property
    def to_clean_up(self) -> str:
        """The command that removes everything of the run."""
        where = f"--account {self.aws.account} --region {self.aws.region}"
        return f"make acceptance ARGS='{where} --clean-up {self.run.prefix}'"

    def _cleaned(self, report: Report, *, keep: bool) -> Sequence[str]:
        """What is left against our will. The report says how to go on before anything is removed."""
        report.left_behind = [f"everything; remove it with: {self.to_clean_up}"]
        report.write()
        if keep:
            self.say(f"everything is kept; remove it with: {self.to_clean_up}")
            return []
        report.left_behind = self.clean_up()
        report.write()
        return report.left_behind

    def _asked(self, report: Report, preparations: Sequence[Question], questions: Sequence[Question]) -> int:
        with tempfile.TemporaryDirectory(prefix=f"{self.run.prefix}-") as folder:
            operator = self.machine.operator(Path(folder), self.run, self.aws.region)
            stage = Stage(
                aws=self.aws,
                run=self.run,
                operator=operator,
                clock=self.machine.clock,
                values=FirstValues.drawn(self.discretion, self.machine.iterations),
                discretion=self.discretion,
                trail=lambda: self.machine.trail(self.aws.region),
            )
            good = Asking(stage, report, self.say).run(preparations, questions)
        report.state = "done" if good else "done; not every answer is as relied on"
        return GOOD if good else NOT_GOOD

    def _report(self) -> Report:
        return Report(
            folder=self.machine.reports,
            began=self.machine.clock.now(),
            prefix=self.run.prefix,
            account=self.aws.account,
            region=self.aws.region,
            asked_at=self.aws.endpoint,
            discretion=self.discretion,
        )
