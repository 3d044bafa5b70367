"""The service never tries again, and only what looks after vaults and keys runs, by its schedules.

`check_vaults` and `retire_iam_access_keys` are invoked at the moments that matter; what lies between two of them changes
nothing but the clock, and a run that is missed costs time only. Hours are those of the tags' defaults.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from simulator.application import Booted
from simulator.vault_bytes import BootError
from tests.contract.crash_everywhere.promises import Promises, config_of, key_in_value, secret_of
from tests.contract.crash_everywhere.rotations import CHECK, RETIRE, Rotation
from tests.contract.glance import Glance, Side, glance
from tests.contract.passphrase_rotation import audit_rows, cells
from tests.contract.secret_versions import BLOB_MAGIC

# A check every 15 minutes meets the end of the 15 minutes in which a rotation may still be at work, at worst here.
WHILE_IT_MAY_BE_AT_WORK: Final = timedelta(minutes=10)
AT_THE_SECOND_CHECK: Final = timedelta(minutes=25)
WHEN_IT_IS_STUCK: Final = timedelta(minutes=70)
# An orphan rests for an hour; what is Inactive stays so for 24 hours; the overlap is 168 hours, and may begin only when
# the first of these runs marks the key.
WHEN_ORPHANS_ARE_RESTED: Final = timedelta(hours=2)
WHEN_ORPHANS_ARE_DUE: Final = timedelta(hours=27)
BEFORE_THE_OVERLAP_ENDS: Final = timedelta(hours=167)
BEHIND_THE_OVERLAP: Final = timedelta(hours=170)
WHEN_ALL_IS_OVER: Final = timedelta(hours=195)


@dataclass(slots=True)
class LeftAlone:
    """One world that a failed attempt left. `began`: when the rotation was ordered."""

    rotation: Rotation
    promises: Promises
    began: datetime
    left: Glance = field(init=False, repr=False)
    torn: bool = field(init=False)

    def __post_init__(self) -> None:
        self.left = glance(self.rotation.vault)
        self.torn = self.rotation.rolls_a_generation and not self._opens(self.left)

    def _opens(self, seen: Glance) -> bool:
        try:
            self.promises.started(seen)
        except (BootError, AssertionError):
            return False
        return True

    def live_on(self) -> None:
        """Until nothing is left to do, and judge on the way."""
        self._check_this_one(WHILE_IT_MAY_BE_AT_WORK)
        self._is_untouched()
        self._check_all()
        self.promises.started(glance(self.rotation.vault))
        self._check_this_one(WHEN_IT_IS_STUCK)
        self._is_told_of()
        if not self.rotation.rolls_a_generation:
            self._keys_come_to_their_ends()
        self._retire(WHEN_ALL_IS_OVER)
        self._check_this_one(WHEN_ALL_IS_OVER)
        self._ended()

    # What runs.

    def _check_this_one(self, after: timedelta) -> None:
        self._run(CHECK, after, {"secret_id": self.rotation.secret.name})

    def _check_all(self) -> None:
        is_a_vaults = config_of(self.left).startswith(BLOB_MAGIC) or key_in_value(config_of(self.left)) is None
        # Nobody's vault: the passphrase beside a plain pair is there because every scene has both secrets.
        self._run(CHECK, AT_THE_SECOND_CHECK, {}, () if is_a_vaults else (self.rotation.vault.passphrase_secret,))

    def _retire(self, after: timedelta) -> None:
        self._run(RETIRE, after, {})

    def _run(self, function: str, after: timedelta, order: dict[str, str], excused: Sequence[str] = ()) -> None:
        world = self.rotation.world
        world.clock.advance((self.began + after - world.clock.now()).total_seconds())
        summary: dict[str, Any] = world.invoke(function, order)
        assert summary["not_reached"] == 0
        assert [error for error in summary["errors"] if error["secret"] not in excused] == []
        statuses = glance(self.rotation.vault).statuses()
        assert {statuses.get(key) for key in self.held} <= {"Active"}, "a key in AWSCURRENT or AWSPENDING was touched"

    # What is judged.

    @property
    def held(self) -> frozenset[str]:
        """The keys in AWSCURRENT and AWSPENDING."""
        secret = self.left.secrets[Side.KEY]
        values = (secret.value("AWSCURRENT"), secret.value("AWSPENDING"))
        keys = {key_in_value(value) for value in values if value is not None}
        return frozenset(key for key in keys if key is not None)

    @property
    def superseded(self) -> frozenset[str]:
        """The key that this rotation promoted another one over."""
        secret = self.left.secrets[Side.KEY]
        if self.rotation.rolls_a_generation or secret.holder("AWSCURRENT") == self.promises.version:
            return frozenset()
        key = key_in_value(str(secret.values[self.promises.version]))
        return frozenset() if key is None else frozenset({key})

    @property
    def leftover(self) -> frozenset[str]:
        """What it made and never stored, or had to remove and did not come to."""
        return frozenset(self.left.keys) - self.held - self.superseded

    def _is_untouched(self) -> None:
        """A pending version that is younger than a function may run is somebody's work."""
        seen = glance(self.rotation.vault)
        assert seen.objects == self.left.objects, "a check wrote while a rotation may be at work"
        assert {side: secret.labels for side, secret in seen.secrets.items()} == {
            side: secret.labels for side, secret in self.left.secrets.items()
        }

    def _is_told_of(self) -> None:
        """A version that stays pending is reported, once, and no other."""
        secret = secret_of(self.rotation, glance(self.rotation.vault))
        pending = secret.holder("AWSPENDING")
        stays = [] if pending in {None, secret.holder("AWSCURRENT")} else [pending]
        assert self._told("Rotation Stuck", "version_id") == stays

    def _keys_come_to_their_ends(self) -> None:
        """Orphans within a day or so, what is superseded not before its hours are over."""
        vault = self.rotation.vault
        self._retire(WHEN_ORPHANS_ARE_RESTED)
        made = self.leftover - self.promises.keys
        assert self.leftover - made <= self.rotation.may_delete
        assert {glance(vault).statuses().get(key) for key in made} <= {"Inactive"}
        self._retire(WHEN_ORPHANS_ARE_DUE)
        assert glance(vault).statuses() == dict.fromkeys(self.held | self.superseded, "Active")
        if self.superseded:
            self._retire(BEFORE_THE_OVERLAP_ENDS)
            assert glance(vault).statuses() == dict.fromkeys(self.held | self.superseded, "Active")
            self._retire(BEHIND_THE_OVERLAP)
            assert {glance(vault).statuses()[key] for key in self.superseded} == {"Inactive"}

    def _ended(self) -> None:
        seen, rotation = glance(self.rotation.vault), self.rotation
        assert seen.keys.keys() == self.held
        started = self.promises.started(seen)
        assert started.keys() == (rotation.started.keys() if key_in_value(config_of(seen)) else set())
        if rotation.rolls_a_generation:
            self._rolled_or_as_before(seen, started)
        else:
            assert rotation.vault.objects() == self.promises.objects
            assert {tag.rpartition(":")[2] for tag in seen.user_tags if "-at:" in tag or "made:" in tag} <= self.held
            assert "vsync-rotation:minting" not in seen.user_tags
        self._is_told_of()
        assert rotation.world.leaks() == []

    def _rolled_or_as_before(self, seen: Glance, started: Mapping[str, Booted]) -> None:
        """Promoted, by the rotation or because it was torn: counted once, one row. Otherwise nothing readers see changed."""
        rotation, secret = self.rotation, seen.secrets[Side.PASSPHRASE]
        is_promoted = secret.holder("AWSCURRENT") != self.promises.version
        if self.torn:
            assert is_promoted
            assert self._told("Torn Rotation Completed", "version_id") == [secret.holder("AWSCURRENT")]
        else:
            assert secret.labels == self.left.secrets[Side.PASSPHRASE].labels
        if is_promoted:
            self.promises.passphrase_completed(started)
            assert len(audit_rows(rotation.vault)) - self.promises.rows == 1
            return
        objects = rotation.vault.objects()
        assert self.promises.objects.items() <= objects.items()
        assert not {*cells(rotation.vault).values()} & (objects.keys() - self.promises.objects.keys())
        assert len(audit_rows(rotation.vault)) == self.promises.rows

    def _told(self, detail_type: str, name: str) -> list[object]:
        return [event.detail[name] for event in self.rotation.world.events if event.detail_type == detail_type]
