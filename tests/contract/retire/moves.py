"""What rotations, people, applications and time do in the small world, between two runs of the function."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Final

from tests.contract.retire.small_world import ACTIVE, INACTIVE, Hours, Key, SmallWorld
from vsync_rotation.keys.marks import DEACTIVATED, MADE, MINTING, REVOKED, SUPERSEDED

Move = Callable[[SmallWorld, Random], object]
_REACH: Final = timedelta(minutes=15)


def begun(random: Random) -> SmallWorld:
    """A secret with its first key, under settings drawn at random."""
    overlap = random.choice((0, 0.5, 1, 24))
    hours = Hours(overlap, overlap + random.choice((0, 1, 24, 168)), random.choice((0, 0.5, 24)))
    world = SmallWorld(hours, consumer=random.random() < 0.3)
    first = world.made_key(foreign=False)
    world.put(first.key_id, "AWSCURRENT")
    first.was_current = True
    return world


def hours_pass(world: SmallWorld, random: Random) -> None:
    around = (0.25, 1, 1, world.hours.overlap, world.hours.max_overlap, world.hours.inactive, 24)
    world.time += timedelta(hours=random.choice(around)) + timedelta(minutes=random.choice((-1, 0, 0, 1, 20)))
    world.time = max(world.time, max(key.created_at for key in world.keys.values()) if world.keys else world.time)


def rotates(world: SmallWorld, random: Random) -> None:
    """A rotation, which may stop for good after any of its writes, or an unfinished one that is taken up again."""
    pending = world.labels.get("AWSPENDING")
    if pending is not None and pending != world.labels["AWSCURRENT"]:
        key = world.key_under("AWSPENDING")
        if key is not None and key.status is ACTIVE:
            world.promote(pending, is_recorded=random.random() < 0.8)
        return
    if len(world.keys) > 1:
        return
    stops = random.choice(("intended", "made", "marked", "stored", "", "", "", "", "", ""))
    world.intend()
    if stops == "intended":
        return
    key = world.made_key(foreign=False)
    if stops == "made":
        return
    world.set_mark(MADE, key)
    if stops == "marked":
        return
    version_id = world.put(key.key_id, "AWSPENDING")
    world.user_tags.pop(MINTING)
    if stops != "stored":
        key.used_at = world.time
        world.promote(version_id, is_recorded=random.random() < 0.8)


def application_uses(world: SmallWorld, random: Random) -> None:
    """An application boots with what it once got: a key that was AWSCURRENT, or a person's own."""
    usable = [key for key in world.keys.values() if key.status is ACTIVE and (key.was_current or key.foreign)]
    if usable:
        random.choice(usable).used_at = world.time


def somebody_uses_a_pending_key(world: SmallWorld, random: Random) -> None:
    """Read from AWSPENDING by hand, or from a version that a person labelled."""
    for key in world.keys.values():
        if key.status is ACTIVE and not key.was_current and random.random() < 0.5:
            key.used_at = world.time


def person_moves_awscurrent_back(world: SmallWorld, _random: Random) -> None:
    previous = world.key_under("AWSPREVIOUS")
    if previous is not None:
        world.change_status(previous, ACTIVE)
        world.make_current(world.labels["AWSPREVIOUS"])


def person_activates(world: SmallWorld, random: Random) -> None:
    for key in _some(world, random, lambda key: key.status is INACTIVE):
        world.change_status(key, ACTIVE)
        # Inactive for less than an hour, and no run saw it: then nobody can tell that it is Active again.
        on_record = {DEACTIVATED + key.key_id, REVOKED + key.key_id} & world.user_tags.keys()
        key.by_a_person = bool(on_record) and world.key_under("AWSCURRENT") is not key
        key.revoked = False


def person_deactivates(world: SmallWorld, random: Random) -> None:
    for key in _some(world, random, lambda key: key.status is ACTIVE):
        world.change_status(key, INACTIVE)
        key.by_a_person = False


def person_adds_a_key(world: SmallWorld, _random: Random) -> None:
    """Not within the minutes after an intent: then nobody could tell it from the rotation's own."""
    if len(world.keys) == 1 and not _was_intended_recently(world):
        world.made_key(foreign=True)


def person_deletes_a_key(world: SmallWorld, random: Random) -> None:
    for key in _some(world, random, lambda _: random.random() < 0.5):
        del world.keys[key.key_id]


def person_removes_tags(world: SmallWorld, random: Random) -> None:
    """But the two that tell of a person's own deed, and of what applications may hold."""
    removable = [tag for tag in world.user_tags if tag.startswith((SUPERSEDED, MADE, MINTING))]
    inactive = {DEACTIVATED + key.key_id for key in world.keys.values() if key.status is INACTIVE}
    removable += [tag for tag in world.user_tags if tag in inactive]
    if removable:
        del world.user_tags[random.choice(removable)]


def person_removes_a_label(world: SmallWorld, random: Random) -> None:
    world.labels.pop(random.choice(("AWSPENDING", "AWSPREVIOUS")), None)


def reading_uses_is_denied_or_allowed(world: SmallWorld, _random: Random) -> None:
    world.uses_may_be_read = not world.uses_may_be_read


def alarm_changes(world: SmallWorld, _random: Random) -> None:
    world.alarm_is_ok = not world.alarm_is_ok


def consumer_restarts(world: SmallWorld, random: Random) -> None:
    world.restarted_for = random.choice((world.labels["AWSCURRENT"], "another version"))


def _some(world: SmallWorld, random: Random, fits: Callable[[Key], bool]) -> list[Key]:
    found = [key for key in world.keys.values() if fits(key)]
    return [random.choice(found)] if found else []


def _was_intended_recently(world: SmallWorld) -> bool:
    text = world.user_tags.get(MINTING)
    return text is not None and text.split(" ")[1] > (world.time - _REACH).strftime("%Y-%m-%dT%H:%M:%SZ")


# As often as they are named.
MOVES: Final[tuple[Move, ...]] = (
    *(hours_pass,) * 12,
    *(rotates,) * 6,
    *(application_uses,) * 5,
    *(person_activates,) * 2,
    *(person_deactivates,) * 2,
    *(consumer_restarts,) * 2,
    somebody_uses_a_pending_key,
    person_moves_awscurrent_back,
    person_adds_a_key,
    person_deletes_a_key,
    person_removes_tags,
    person_removes_a_label,
    reading_uses_is_denied_or_allowed,
    alarm_changes,
)

# Time goes by in hours and the function runs hourly: what a person undoes again within the hour, nobody can tell.
SEEN_BY_THE_NEXT_RUN: Final = frozenset(
    {hours_pass, person_activates, person_moves_awscurrent_back, person_removes_tags}
)
