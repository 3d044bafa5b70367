"""The second part of the story: the days after the rotations, in virtual time, with everything AWS does by itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from simulator.automation import Automation
from simulator.vaults import Vault
from simulator.world import World
from vsync_rotation_cli.demo import judgements as judge
from vsync_rotation_cli.demo import life_judgements as live
from vsync_rotation_cli.demo.deployment import CHECK_MINUTES, Deployment
from vsync_rotation_cli.demo.diary import Diary
from vsync_rotation_cli.demo.facts import Lifeline
from vsync_rotation_cli.demo.judgements import Reading
from vsync_rotation_cli.demo.key_watch import KeyWatch
from vsync_rotation_cli.demo.narration import Narrator
from vsync_rotation_cli.demo.premises import PUSHED_FILES, PUSHED_VALUES

# By the functions' own defaults: a day where consumers are declared, and a day Inactive.
_OVERLAP: Final = timedelta(hours=24)
_INACTIVE: Final = timedelta(hours=24)
# When the forgotten application boots: within the overlap, and too late to have been quiet for as long at its end.
_FORGOTTEN_AT: Final = timedelta(hours=4)
# A check before that leaves the vault to the rotation, which might not have come to its end.
_CHECKED_FROM: Final = timedelta(minutes=16)
_PUSHED_AT: Final = timedelta(minutes=36)
_END: Final = timedelta(hours=56)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Life:
    """Chapters eight to thirteen. `first_config` is the blob from before the rotation."""

    narrator: Narrator
    deployment: Deployment
    vault: Vault
    aws: Automation
    watch: KeyWatch
    first_config: str = field(repr=False)
    retire_every_hours: int
    began_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began_at = self.world.clock.now()

    @property
    def world(self) -> World:
        return self.narrator.world

    @property
    def keys(self) -> live.ReaderKeys:
        return live.ReaderKeys(self.world, self.vault)

    @property
    def _between_runs(self) -> timedelta:
        return timedelta(hours=self.retire_every_hours)

    def play(self) -> None:
        """All of them."""
        self.aws.after_each = Diary(self.narrator, self.began_at).note
        self._restart()
        self._stale_push()
        self._overlap()
        self._still_in_use()
        self._deactivated()
        self._deleted()
        self._read_the_record()

    def _restart(self) -> None:
        self.narrator.begin("Restart what boots from them")
        self.narrator.note("from here on time is virtual: schedules, rules and retries as AWS has them")
        self.narrator.note(f"check_vaults every {CHECK_MINUTES} minutes, in this first hour only: it shows all it does")
        self.narrator.note(f"retire_iam_access_keys every {self._rate()}, to the end")
        self.deployment.begin_retiring(self.retire_every_hours)
        self._pass_until(_CHECKED_FROM)
        self.deployment.begin_checks()
        self._pass_until(_PUSHED_AT)
        self.narrator.check(
            "consumer's restart is on record",
            "a completed rollout, and a record of it for both secrets",
            lambda: live.restarted(self.world, self.vault),
        )
        self.narrator.check(
            "unchanged vault is not opened",
            "HEADs and nothing else",
            lambda: live.only_glanced_at(self.aws.deliveries),
        )

    def _stale_push(self) -> None:
        self.narrator.begin("A laptop pushes with the previous passphrase")
        pushed_at, seen = self.world.clock.now(), len(self.world.events)
        timestamp = f"{pushed_at:%Y%m%d-%H%M%S}"
        self.vault.laptop.push(timestamp, PUSHED_FILES)
        self.vault.laptop.publish(timestamp, PUSHED_VALUES)
        self._happened(f"laptop: pushed {timestamp} in both layouts")
        nobody = self._read()
        self.narrator.check(
            "stale push locks everybody out", "WrongPassphrase in both layouts", lambda: judge.refused(*nobody)
        )
        self._pass_until(_PUSHED_AT + timedelta(minutes=CHECK_MINUTES))
        events = self.world.events[seen:]
        self.narrator.check(
            "drift is detected within one check",
            "Vault Drift Detected for both layouts",
            lambda: live.drifted(events),
        )
        healed = self._read()
        self.narrator.check(
            "stale push is healed and not lost",
            "what was pushed, in both layouts, by the current passphrase",
            lambda: live.pushed(*healed),
        )
        self.narrator.check("vault is well again", "Vault Well Again for both layouts", lambda: live.well_again(events))
        self.deployment.end_checks()

    def _overlap(self) -> None:
        self.narrator.begin("The old key in its overlap, and an application that still boots with it")
        self._pass_until(_FORGOTTEN_AT)
        forgotten = judge.by_application(self.first_config, self.vault.passphrase())
        self._happened("forgotten application: boots with the old key")
        self.narrator.check(
            "forgotten app boots with the old key", "what was pushed", lambda: live.boots_with_the_push(forgotten)
        )
        # A minute before its end: what a run at the very end does is the next chapter's.
        self._pass_until(_OVERLAP - _MINUTE)
        self.narrator.check(
            "old key waits in its overlap",
            "an Active key, and the overlap's true end as the reason",
            lambda: live.waited(self.keys, self._old(), self.aws.deliveries, _OVERLAP),
        )

    def _still_in_use(self) -> None:
        self.narrator.begin("Its overlap is over, and it is held")
        seen, first_run = len(self.world.events), len(self.aws.deliveries)
        self._pass_until(_FORGOTTEN_AT + _OVERLAP - _MINUTE)
        self.narrator.check(
            "old key still in use is held",
            "an Active key, held for the use that IAM tells of",
            lambda: live.held(self.keys, self._old(), self.aws.deliveries[first_run:], self.world.events[seen:]),
        )

    def _deactivated(self) -> None:
        self.narrator.begin("It was quiet for a day, and is deactivated")
        self._pass_until(_FORGOTTEN_AT + _OVERLAP)
        self.narrator.check(
            "quiet old key is deactivated",
            "Inactive once nothing has used it for a day",
            lambda: live.deactivated(self.keys, self._old(), _OVERLAP, self._between_runs),
        )
        refused = judge.by_application(self.first_config, self.vault.passphrase())
        self.narrator.check(
            "deactivated key is refused by the store", "InvalidAccessKeyId", lambda: live.key_refused(refused)
        )
        current = self._read()
        self.narrator.check("app boots without the old key", "what was pushed", lambda: live.pushed(*current))

    def _deleted(self) -> None:
        self.narrator.begin("It was Inactive for a day, and is deleted")
        self._pass_until(_FORGOTTEN_AT + _OVERLAP + _INACTIVE)
        self.narrator.check(
            "old key is deleted a day later",
            "no sooner and no later, and the current key alone",
            lambda: live.deleted(self.keys, self._old(), _INACTIVE, self._between_runs),
        )
        self._pass_until(_END)

    def _read_the_record(self) -> None:
        self.narrator.begin("Read the record of it all")
        self.narrator.check(
            "lifelines are what IAM holds",
            "the keys that were not deleted, one of them in AWSCURRENT",
            lambda: live.lifelines_agree(self.keys, self.watch.alive()),
        )
        self.narrator.check(
            "events tell the whole life", ", ".join(live.WHOLE_LIFE), lambda: live.told_on_the_bus(self.world.events)
        )
        self.narrator.check(
            "no invocation fails",
            "each succeeds at its first try, for every secret",
            lambda: live.none_failed(self.aws.deliveries),
        )

    # What the chapters share.

    def _rate(self) -> str:
        return "hour" if self.retire_every_hours == 1 else f"{self.retire_every_hours} hours"

    def _old(self) -> Lifeline:
        return self.watch.of(judge.key_id(self.first_config))

    def _read(self) -> tuple[Reading, Reading]:
        config, passphrase = self.vault.config(), self.vault.passphrase()
        return judge.by_application(config, passphrase), judge.by_cli(self.vault, config, passphrase)

    def _happened(self, what: str) -> None:
        self.narrator.happened(self.world.clock.now() - self.began_at, what)

    def _pass_until(self, elapsed: timedelta) -> None:
        left = self.began_at + elapsed - self.world.clock.now()
        self.aws.pass_time(minutes=max(0.0, left / _MINUTE))
