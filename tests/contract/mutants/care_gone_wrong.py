"""What looks after vaults and keys, broken on purpose: the mistakes that such functions really make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from check_vaults.vault_health import Versions
from retire_iam_access_keys import looking
from retire_iam_access_keys.ending import Ending
from retire_iam_access_keys.looking import Look, Lookout
from tests.contract.mutants.rotations_gone_wrong import Mutation, unconditional_pointer_write
from vsync_rotation.aws.s3 import Bucket
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.keys import retirement
from vsync_rotation.keys.evidence import AccessKey, Deletion, KeyStatus, is_held
from vsync_rotation.keys.retirement import QUIET, Circumstances, Deactivate, Delete, Reactivated, Verdict
from vsync_rotation.possession import holders
from vsync_rotation.vault import pruning
from vsync_rotation.vault.healing import Healing
from vsync_rotation.vault.inspection import timestamp_of
from vsync_rotation.vault.layouts import Layout, find_layouts
from vsync_rotation.vault.ports import StoredVersion


def _deleted_by_age_alone(patch: pytest.MonkeyPatch) -> None:
    """A key that is a day old and that no label holds is deleted, Active or not."""

    def mutant(key: AccessKey, around: Circumstances) -> Verdict:
        if not is_held(key, around.evidence) and around.evidence.now - key.created_at > timedelta(days=1):
            return Delete(Deletion.EXPIRED)
        return retirement.next_for(key, around)

    patch.setattr(looking, "next_for", mutant)


def _pending_is_no_label(patch: pytest.MonkeyPatch) -> None:
    """Only AWSCURRENT counts as held."""

    def mutant(*args: Any) -> Mapping[Any, frozenset[str]]:
        return {key: labels - {"AWSPENDING"} for key, labels in holders(*args).items()}

    patch.setattr(looking, "holders", mutant)


def _first_look_believed(patch: pytest.MonkeyPatch) -> None:
    """Nothing is read again before or after a key is ended."""
    look = Lookout.look
    seen: list[Look] = []

    def mutant(self: Lookout, *args: Any) -> Look:
        # A run of its own begins with an instant of its own.
        if not seen or seen[-1].evidence.now != self.ports.clock.now():
            seen.append(look(self, *args))
        return seen[-1]

    patch.setattr(Lookout, "look", mutant)


def _status_not_given_back(patch: pytest.MonkeyPatch) -> None:
    """A key that a label turns out to hold stays Inactive."""
    patch.setattr(Ending, "_give_back", lambda *_: None)


def _overlap_halved(patch: pytest.MonkeyPatch) -> None:
    next_for = retirement.next_for

    def mutant(key: AccessKey, around: Circumstances) -> Verdict:
        evidence = replace(around.evidence, overlap_hours=around.evidence.overlap_hours / 2)
        return next_for(key, replace(around, evidence=evidence))

    patch.setattr(looking, "next_for", mutant)


def _longest_overlap_ignored(patch: pytest.MonkeyPatch) -> None:
    next_for = retirement.next_for
    patch.setattr(looking, "next_for", lambda key, around: next_for(key, replace(around, max_overlap_hours=87_600.0)))


def _reactivated_key_deactivated_again(patch: pytest.MonkeyPatch) -> None:
    next_for = retirement.next_for

    def mutant(key: AccessKey, around: Circumstances) -> Verdict:
        verdict = next_for(key, around)
        return Deactivate(QUIET) if isinstance(verdict, Reactivated) and key.status is KeyStatus.ACTIVE else verdict

    patch.setattr(looking, "next_for", mutant)


def _young_rotation_completed(patch: pytest.MonkeyPatch) -> None:
    """Whatever is pending counts as given up, however young it is."""
    patch.setattr(Versions, "is_resting", lambda _self, _now: True)


def _healed_in_place(patch: pytest.MonkeyPatch) -> None:
    """What was pushed is written over with what it was healed to."""
    heal = Healing.heal

    def mutant(self: Healing, layouts: Sequence[Layout]) -> Timestamp:
        stale = [found.pointer.timestamp for found in find_layouts(self.store, self.site) if found.layout in layouts]
        healed = heal(self, layouts)
        assert isinstance(self.store, Bucket)
        for layout, timestamp in zip(layouts, stale, strict=True):
            body = self.store.get(layout.bundle_key(healed))
            assert body is not None
            self.store._put(layout.bundle_key(timestamp), body.body, {}, {}, {})
        return healed

    patch.setattr(Healing, "heal", mutant)


def _previous_bundle_pruned(patch: pytest.MonkeyPatch) -> None:
    """Everything that is older than the live bundle goes."""

    def mutant(
        history: Iterable[StoredVersion], layout: Layout, live: Timestamp, _source: str, *, keep: int, now: datetime
    ) -> tuple[StoredVersion, ...]:
        del keep, now
        dated = [(timestamp_of(layout, version.key), version) for version in history]
        return tuple(version for timestamp, version in dated if timestamp is not None and timestamp < live)

    patch.setattr(pruning, "superseded_bundles", mutant)


CARE_MUTATIONS: Final[Mapping[str, Mutation]] = {
    "retired by age alone": _deleted_by_age_alone,
    "AWSPENDING is no label": _pending_is_no_label,
    "the first look believed": _first_look_believed,
    "the status not given back": _status_not_given_back,
    "overlap halved": _overlap_halved,
    "longest overlap ignored": _longest_overlap_ignored,
    "a re-activated key deactivated again": _reactivated_key_deactivated_again,
    "a young rotation completed": _young_rotation_completed,
    "healed by an unconditional pointer write": unconditional_pointer_write,
    "healed in place": _healed_in_place,
    "the previous bundle pruned": _previous_bundle_pruned,
}
