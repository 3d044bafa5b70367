"""What one step of a function did to the vault: the rules that hold whatever happens to it.

A segment is the time in which nothing but one invocation of a function acted.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from simulator.functions import FunctionCrashed
from simulator.vaults import Vault
from tests.contract.glance import Glance, Side
from tests.contract.passphrase_rotation import audit_key, bundles, cells, pointers
from tests.contract.whole_world.promises import CELLS_AGREE, Promise, highest_gen, live_bundle, opens
from vsync_rotation import errors

TAG: Final = "vsync-rotation:"
_OVERLAP_OF_A_RETIRED_KEY: Final = timedelta(hours=24)  # the default of the tag inactive-hours
_REACH_OF_AN_INTENT: Final = timedelta(minutes=15)
_MESSAGE: Final = re.compile(
    r"^(?P<place>.+?): (?P<what>.+)\. Still safe: (?P<safe>.+?)\. Next: (?P<next>.+)$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One invocation. `struck`: how many of its requests a fault met; `error`: what it raised."""

    vault: Vault
    side: Side
    step: str
    version: str
    before: Glance
    after: Glance
    struck: int
    error: BaseException | None

    @property
    def crashed(self) -> bool:
        return isinstance(self.error, FunctionCrashed)

    def __str__(self) -> str:
        return f"{self.step} of the {self.side}'s rotation"


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """What is known of the user's keys. `promoted`: was in AWSCURRENT at some time."""

    made_by_rotation: frozenset[str]
    promoted: frozenset[str]


def check(segment: Segment, keys: KeyHistory) -> frozenset[Promise]:
    """Hold the segment to every rule. Returns the promises that it may leave unkept, since a fault struck there.

    Raises:
        AssertionError: it did what no step may do.
    """
    _check_secrets(segment)
    _check_objects(segment)
    _check_generation(segment)
    _check_keys(segment, keys)
    _check_error(segment)
    return _excused(segment)


def _check_secrets(segment: Segment) -> None:
    """Values stay, tags stay; AWSCURRENT moves in finishSecret only, only to the version at work, AWSPREVIOUS after."""
    for side in Side:
        before, after = segment.before.secrets[side], segment.after.secrets[side]
        assert before.tags == after.tags, f"{segment} changed the tags of the {side} secret"
        kept = {version: value for version, value in before.values.items() if value is not None}
        assert kept.items() <= after.values.items(), f"{segment} changed a stored value of the {side}"
        if before.holder("AWSCURRENT") == after.holder("AWSCURRENT"):
            assert before.labels.items() <= after.labels.items(), f"{segment} moved a label of the {side}"
            continue
        assert (side, segment.step) == (segment.side, "finishSecret"), f"{segment} moved AWSCURRENT of the {side}"
        assert before.holder("AWSPENDING") == after.holder("AWSCURRENT") == segment.version, "a wrong version"
        assert after.holder("AWSPREVIOUS") == before.holder("AWSCURRENT"), "AWSPREVIOUS did not follow"


def _check_objects(segment: Segment) -> None:
    """Nothing is deleted; nothing changes but what the passphrase's finishSecret writes; new bundles say whose."""
    before, after, vault = segment.before.objects, segment.after.objects, segment.vault
    assert before.keys() <= after.keys(), f"{segment} deleted {before.keys() - after.keys()}"
    books = {*cells(vault).values(), audit_key(vault)}
    finishing = (segment.side, segment.step) == (Side.PASSPHRASE, "finishSecret")
    rewritable = {*pointers(vault).values(), *books} if finishing else set()
    changed = {key for key in before if before[key].etag != after[key].etag}
    assert changed <= rewritable, f"{segment} wrote over {changed - rewritable}"
    for key in after.keys() - before.keys() - (books if finishing else set()):
        assert after[key].made_for == segment.version, f"{segment} made {key} for {after[key].made_for}"
        assert segment.side is Side.PASSPHRASE, f"{segment} made {key}"
    for key in set(pointers(vault).values()) & changed:
        _check_pointer(segment, key)
    _check_log(segment)


def _check_pointer(segment: Segment, key: str) -> None:
    layout = next(name for name, pointer in pointers(segment.vault).items() if pointer == key)
    bundle = live_bundle(segment.after, segment.vault, layout)
    assert bundle.made_for == segment.version, f"{segment} points {layout} at a bundle of {bundle.made_for}"


def _check_log(segment: Segment) -> None:
    """Appended to, never anything else; never two rows for one bundle."""
    key = audit_key(segment.vault)
    before, after = segment.before.objects.get(key), segment.after.objects.get(key)
    old, new = (b"" if found is None else found.body for found in (before, after))
    assert new.startswith(old), f"{segment} changed what stood in the audit log"
    rows = rotate_rows(new)
    assert len(rows) == len(set(rows)), f"{segment} wrote a second row for one bundle"


def rotate_rows(log: bytes) -> list[str]:
    """The bundle timestamps of the log's rows on rotations; of a damaged log, of its last row on at best."""
    rows = csv.DictReader(io.StringIO(log.decode("utf-8", "replace"), newline=""))
    return [row["version_ts"] for row in rows if row.get("action") == "rotate"]


def _check_generation(segment: Segment) -> None:
    """It rises by one at most, and only once for a published bundle; and not before AWSCURRENT has moved."""
    before, after = (highest_gen(seen, segment.vault) for seen in (segment.before, segment.after))
    rise = after - before
    assert 0 <= rise <= (0 if _was_counted(segment) else 1), f"{segment} took gen from {before} to {after}"
    if rise:
        current = segment.after.secrets[Side.PASSPHRASE].holder("AWSCURRENT")
        assert (segment.side, current) == (Side.PASSPHRASE, segment.version), (
            f"{segment} counted a generation too early"
        )


def _was_counted(segment: Segment) -> bool:
    """Whether the cells told of what is published for this version before the segment began."""
    lives = [live_bundle(segment.after, segment.vault, layout) for layout in pointers(segment.vault)]
    published = {live.timestamp for live in lives if live.made_for == segment.version}
    if published:
        return bool(published & _told(segment.before, segment.vault))
    return is_counted(segment.before, segment.vault, segment.version)


def is_counted(seen: Glance, vault: Vault, version: str) -> bool:
    """Whether a generation cell tells of a bundle that was made for this version."""
    names = [name for timestamp in _told(seen, vault) for name in bundles(vault, timestamp).values()]
    return any(seen.objects[name].made_for == version for name in names if name in seen.objects)


def _told(seen: Glance, vault: Vault) -> set[str]:
    """The bundle timestamps that the cells tell of."""
    stored = [seen.objects[key].body for key in cells(vault).values() if key in seen.objects]
    instants = [json.loads(body)["rotated_at"] for body in stored]
    return {datetime.fromisoformat(instant).astimezone(UTC).strftime("%Y%m%d-%H%M%S") for instant in instants}


def _check_keys(segment: Segment, keys: KeyHistory) -> None:
    """None is deactivated; none is deleted that is not provably superseded and released, or an orphan."""
    before, after = segment.before.statuses(), segment.after.statuses()
    if segment.side is not Side.KEY or segment.step != "createSecret":
        assert before == after, f"{segment} changed the user's keys"
    assert len(after) <= 2, f"{segment} left {len(after)} keys"
    for key_id in before.keys() & after.keys():
        assert before[key_id] == after[key_id], f"{segment} changed the status of {key_id}"
    for key_id in before.keys() - after.keys():
        label = next((name for name in ("AWSCURRENT", "AWSPENDING") if segment.before.key_in(name) == key_id), None)
        assert label is None, f"{segment} deleted the key in {label}"
        orphan = key_id in keys.made_by_rotation and key_id not in keys.promoted
        superseded = key_id in keys.promoted and is_released(segment.before, key_id)
        assert orphan or superseded or is_claimed(segment.before, key_id), f"{segment} deleted {key_id}, which " + (
            "was promoted and nobody released" if key_id in keys.promoted else "a person made"
        )
    strange = {tag for tag in segment.before.user_tags.items() ^ segment.after.user_tags.items() if TAG not in tag[0]}
    assert not strange, f"{segment} changed tags of others: {strange}"


def is_released(seen: Glance, key_id: str) -> bool:
    """Whether a person (or what retires keys) has let go of a superseded key, so that its slot may be taken."""
    if f"{TAG}revoked-at:{key_id}" in seen.user_tags:
        return True
    told = seen.user_tags.get(f"{TAG}deactivated-at:{key_id}")
    if told is None or seen.keys[key_id].status == "Active":
        return False
    return seen.at - datetime.fromisoformat(told) >= _OVERLAP_OF_A_RETIRED_KEY


def is_claimed(seen: Glance, key_id: str) -> bool:
    """Whether an unused key looks as if an intent that is still on the user had made it (SPEC 13.3).

    A key that a person makes within a quarter of an hour after a rotation that died before it made its own cannot be
    told from the one that rotation may have made without hearing of it.
    """
    version, _, rest = seen.user_tags.get(f"{TAG}minting", "").partition(" ")
    instant, _, existing = rest.partition(" ")
    key = seen.keys[key_id]
    if not version or key.was_used or key_id in existing.split():
        return False
    return abs(key.created_at - datetime.fromisoformat(instant)) <= _REACH_OF_AN_INTENT


def _check_error(segment: Segment) -> None:
    """Of the family, and it says where, what, what is safe and what to do; and what it says is true."""
    error = segment.error
    if error is None or segment.crashed:
        return
    family = isinstance(error, errors.RotationError) and type(error) is not errors.RotationError
    assert family, f"{segment} raised {type(error).__name__}: {error}"
    found = _MESSAGE.match(str(error))
    assert found is not None, f"{segment} said: {error}"
    assert segment.step in found["place"], f"{segment} said it was at {found['place']}"
    assert segment.version in found["place"], f"{segment} said it was at {found['place']}"
    _check_truth(segment, found["safe"])


def _check_truth(segment: Segment, safe: str) -> None:
    same = _readers_view(segment.before, segment.vault) == _readers_view(segment.after, segment.vault)
    if safe == errors.NOTHING_CHANGED:
        assert same, f"{segment} said that nothing was changed"
        assert segment.before.statuses() == segment.after.statuses(), f"{segment} said that nothing was changed"
    if "every pointer is back" in safe or "AWSCURRENT is unchanged" in safe:
        assert same, f"{segment} said: {safe}"
    if _torn(segment):
        assert "booting may fail" in safe, f"{segment} left the pointers torn and said: {safe}"


def _readers_view(seen: Glance, vault: Vault) -> Mapping[str, object]:
    """What readers see: both values and what lies under the pointers, the cells and the log."""
    names = {*pointers(vault).values(), *cells(vault).values(), audit_key(vault)}
    objects = {name: seen.objects[name].etag for name in names if name in seen.objects}
    return {**objects, **{side: seen.secrets[side].holder("AWSCURRENT") for side in Side}}


def _torn(segment: Segment) -> frozenset[Promise]:
    """The layouts that the segment left with a bundle that only AWSPENDING opens."""
    if (segment.side, segment.step) != (Side.PASSPHRASE, "finishSecret"):
        return frozenset()
    secret = segment.after.secrets[Side.PASSPHRASE]
    if secret.holder("AWSPENDING") != segment.version or secret.holder("AWSCURRENT") == segment.version:
        return frozenset()
    lives = {layout: live_bundle(segment.after, segment.vault, layout) for layout in pointers(segment.vault)}
    mine = {layout: live for layout, live in lives.items() if live.made_for == segment.version}
    return frozenset(opens(layout) for layout, live in mine.items() if live.opener == secret.value("AWSPENDING"))


def _excused(segment: Segment) -> frozenset[Promise]:
    """The one unavoidable boundary: a function that dies, or is kept from every try, between swap and label.

    And the generation cells of two layouts, which are written one after the other.
    """
    if not (segment.crashed or segment.struck > 1):
        return frozenset()
    counted = segment.side is Side.PASSPHRASE and segment.step == "finishSecret"
    return _torn(segment) | ({CELLS_AGREE} if counted else frozenset())
