"""Why a rotation may refuse: only what can be seen in the way, or what a person did to the very version at work."""

from collections.abc import Collection
from dataclasses import dataclass, field

from tests.contract.glance import Glance, Side
from tests.contract.passphrase_rotation import pointers
from tests.contract.whole_world import people
from tests.contract.whole_world.promises import live_bundle
from tests.contract.whole_world.segments import TAG, is_released


@dataclass(slots=True)
class Reasons:
    """What people did that may stand in a rotation's way.

    Attributes:
        spoiled: versions whose pending label or key somebody touched: a rotation of another version is not excused.
        tags_edited: names of the user's tags that were edited; excused as long as the key they are of exists.
        moved_current: sides whose AWSCURRENT was moved by hand since their last rotation ended.
        log_damaged: the audit log is not what a row may be appended to.
        settings: the tags of each secret as they should be.
    """

    scene: people.Scene
    spoiled: dict[str, str] = field(default_factory=dict)
    tags_edited: set[str] = field(default_factory=set)
    moved_current: dict[Side, bool] = field(default_factory=lambda: dict.fromkeys(Side, False))
    log_damaged: bool = False
    settings: dict[Side, dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.settings = {side: dict(secret.tags) for side, secret in self.scene.seen.secrets.items()}

    def note(self, deed: people.Deed) -> None:
        """Somebody is about to do this."""
        match deed:
            case people.ClearsPending(side=side):
                self._spoil(side, str(deed))
            case people.TreatsKey(role=role):
                if self.scene.key_as(role) == self.scene.seen.key_in("AWSPENDING"):
                    self._spoil(Side.KEY, str(deed))
            case people.EditsUserTag():
                name = deed.name(self.scene)
                if name is not None:
                    self.tags_edited.add(name)
            case people.MovesCurrentBack(side=side) | people.StoresValue(side=side):
                self.moved_current[side] = True
            case people.DamagesLog(how=how):
                self.log_damaged = self.log_damaged or how not in people.HARMLESS
            case _:
                pass

    def _spoil(self, side: Side, why: str) -> None:
        holder = self.scene.seen.secrets[side].holder("AWSPENDING")
        if holder is not None:
            self.spoiled[holder] = why

    def to_refuse(
        self, side: Side, version: str, seen: Glance, promoted: Collection[str], made_by_rotation: Collection[str]
    ) -> set[str]:
        """Everything that may make a rotation of this version refuse in the world as seen."""
        secret = seen.secrets[side]
        why = {self.spoiled[version]} if version in self.spoiled else set()
        if secret.tags != self.settings[side]:
            why.add("settings were changed")
        if secret.rotation_off:
            why.add("rotation is off")
        if side is Side.PASSPHRASE:
            return why | self._of_the_vault(version, seen)
        return why | self._of_the_keys(seen, promoted, made_by_rotation)

    def _of_the_vault(self, version: str, seen: Glance) -> set[str]:
        lives = {layout: live_bundle(seen, self.scene.vault, layout) for layout in pointers(self.scene.vault)}
        right = {seen.passphrase}
        own = seen.secrets[Side.PASSPHRASE].values.get(version)
        return {
            f"AWSCURRENT does not open {layout}"
            for layout, live in lives.items()
            if live.opener not in right and not (live.made_for == version and live.opener == own)
        }

    def _of_the_keys(self, seen: Glance, promoted: Collection[str], made_by_rotation: Collection[str]) -> set[str]:
        why = {f"tag {tag} was edited" for tag in self.tags_edited if self._counts(tag, seen)}
        current = seen.key_in("AWSCURRENT")
        others = [key for key in seen.keys if key != current]
        if len(seen.keys) < 2:
            return why
        for key in others:
            if key in promoted and not is_released(seen, key):
                why.add(f"superseded key {key} was not released")
            elif key not in promoted and key not in made_by_rotation:
                why.add(f"foreign key {key}")
        return why

    @staticmethod
    def _counts(tag: str, seen: Glance) -> bool:
        key_id = tag.partition(":")[2]
        return key_id in seen.keys or (not key_id and TAG + tag in seen.user_tags)
