"""Retiring: what the verdict on each key of a secret leads to."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, assert_never

from retire_iam_access_keys.ending import Ending
from retire_iam_access_keys.looking import Lookout
from retire_iam_access_keys.matter import Matter, outcome, require_own_user, settings_of
from retire_iam_access_keys.orders import Order
from retire_iam_access_keys.revoking import Revocation
from retire_iam_access_keys.standing import take_down
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription, SecretDirectory
from vsync_rotation.engine.staging import CURRENT, PENDING
from vsync_rotation.errors import PermissionDeniedError, RotationError
from vsync_rotation.events import (
    KeyInUseInactive,
    KeyInUseMissing,
    KeyReactivated,
    SupersededKeyHeld,
    SupersededKeyStillInUse,
    UnmanagedKeyFound,
    iso_utc,
)
from vsync_rotation.fleet import Outcome, reporting, serve_all, serve_one, served_here
from vsync_rotation.keys.evidence import AccessKey, KeyStatus, LastUse, is_held, is_orphan, is_superseded
from vsync_rotation.keys.marks import (
    DEACTIVATED,
    MINTING,
    REACTIVATED,
    REVOKED,
    SUPERSEDED,
    deactivated_tag,
    reactivated_tag,
    superseded_tag,
)
from vsync_rotation.keys.ports import AccessKeys, Alarms
from vsync_rotation.keys.retirement import (
    Deactivate,
    Delete,
    Held,
    Leave,
    MarkDeactivated,
    MarkSuperseded,
    Reactivated,
    StillInUse,
    Unmanaged,
    Verdict,
)
from vsync_rotation.memory.ports import Memory
from vsync_rotation.settings import IAM_USER, PAUSED, Kind, is_paused

_PURPOSE: Final = "retiring keys"
_ONLY_BOOTS: Final = (
    "no consumer is declared, so that only the key's use can be seen, and applications use it when they boot: "
    "overlap-hours has to be longer than the longest time between two starts of any of them"
)
# An intent that no key explains after a day is a crash's: it would claim a key that somebody makes at that minute.
_INTENT_STALE: Final = timedelta(days=1)


class Retirement:
    """Serves one secret or all of them. Every method may be repeated.

    `serves` is what a secret's tag `vsync-rotation:served-by` has to name where all are served; None: every one is.
    """

    def __init__(
        self,
        keys: AccessKeys,
        alarms: Alarms,
        memory: Memory,
        ports: Ports,
        deadline: Deadline,
        serves: str | None,
    ) -> None:
        self._keys = keys
        self._ports = ports
        self._deadline = deadline
        self._serves = serves
        self._lookout = Lookout(keys, alarms, memory, ports)
        self._ending = Ending(keys, ports, self._lookout)

    def carry_out(self, event: object, directory: SecretDirectory) -> dict[str, Any]:
        """Retire what is due, or revoke a key, as the event orders.

        Raises:
            RotationError: the event is no order, or one secret was named and could not be served.
        """
        with reporting(_PURPOSE, self._ports):
            return self._carry_out(Order.parse(event), directory)

    def _carry_out(self, order: Order, directory: SecretDirectory) -> dict[str, Any]:
        fleet = tuple(directory.of_kind(Kind.IAM_ACCESS_KEY))
        # Of the whole list: whoever serves the other secret, its AWSCURRENT may hold what looks superseded here.
        shared_users = _shared_users(fleet)
        if order.secret_id is not None and order.revoke:
            revocation = Revocation(self._keys, self._lookout, self._ending)
            revoke = partial(revocation.revoke, key_id=order.access_key_id, shared_users=shared_users)
            secret = self._ports.secrets.describe(order.secret_id)
            return serve_one(secret, revoke, "revoking a key", self._ports).as_json()
        retire = partial(self._retire, shared_users=shared_users)
        if order.secret_id is not None:
            secret = self._ports.secrets.describe(order.secret_id)
            return serve_one(secret, retire, _PURPOSE, self._ports).as_json()
        served = served_here(fleet, self._serves, self._ports)
        return serve_all(served, retire, _PURPOSE, self._ports, self._deadline).as_json()

    def _retire(self, secret: SecretDescription, shared_users: frozenset[str]) -> list[Outcome]:
        if secret.scheduled_for_deletion:
            return [outcome(secret, "left alone", "the secret is scheduled for deletion")]
        if is_paused(secret.tags):
            return [outcome(secret, "left alone", f"paused by tag {PAUSED}")]
        settings = settings_of(secret)
        require_own_user(settings, shared_users)
        matter = Matter(settings, self._lookout.look(secret.arn, settings))
        take_down(matter, self._ports.journal)
        if _was_retagged(matter):
            return [outcome(secret, "left alone", "its tags were changed meanwhile, the next run decides")]
        self._tidy(matter)
        return [*self._missing(matter), *(found for key in matter.look.keys for found in self._serve(key, matter))]

    def _missing(self, matter: Matter) -> Iterator[Outcome]:
        """Applications cannot start with a key that was deleted, and nobody hears of it until one tries."""
        key_id, user = matter.look.current_id, matter.user
        if key_id is None or matter.look.key(key_id) is not None or not self._lookout.is_gone(key_id):
            return
        self._ports.journal.error("a key in use is gone", iam_user=user, access_key_id=key_id)
        self._ports.journal.count("KeyInUseMissing")
        self._ending.tell(matter, KeyInUseMissing(user, key_id))
        found = outcome(matter.look.secret, "left alone", "AWSCURRENT holds a key that is gone: rotate")
        yield found | {"iam_user": user, "access_key_id": str(key_id)}

    def _serve(self, key: AccessKey, matter: Matter) -> Iterator[Outcome]:
        verdict = matter.look.verdict(key)
        match verdict:
            case MarkSuperseded() | MarkDeactivated() | Deactivate() | Delete():
                yield self._act(key, verdict, matter)
            case Leave(why) if is_held(key, matter.look.evidence) and key.status is KeyStatus.INACTIVE:
                self._in_use_and_inactive(key, matter)
                yield matter.outcome(key, "left alone", f"{why}, and it is Inactive: activate it, or rotate")
            case Leave(why):
                if is_superseded(key, matter.look.evidence):
                    yield self._with_notice(matter, matter.outcome(key, "waiting", why))
            case StillInUse(use):
                yield self._still_in_use(key, matter, use)
            case Held(why, consumers):
                self._ending.tell(matter, SupersededKeyHeld(matter.user, key.key_id, why, consumers))
                yield matter.outcome(key, "held", why) | ({"consumers": list(consumers)} if consumers else {})
            case Reactivated(deactivated_at):
                self._record_reactivation(key, matter)
                self._ending.tell(matter, KeyReactivated(matter.user, key.key_id, iso_utc(deactivated_at)))
                yield matter.outcome(key, "left alone", "somebody activated it again, and decides what follows")
            case Unmanaged():
                self._ending.tell(matter, UnmanagedKeyFound(matter.user, key.key_id))
                yield matter.outcome(key, "left alone", "no version holds it and no rotation made it")
            case _:
                assert_never(verdict)

    def _act(self, key: AccessKey, verdict: Verdict, seen: Matter) -> Outcome:
        """Do what two looks agree on: a single one may have met a label, a tag or a status on the move."""
        matter = Matter(seen.settings, self._lookout.look(seen.look.secret.arn, seen.settings))
        # What a list of secrets says may be minutes old; the secret may have been paused since.
        if _was_retagged(matter):
            return matter.outcome(key, "left alone", "its secret's tags were changed meanwhile, the next run decides")
        if matter.look.key(key.key_id) != key or matter.look.verdict(key) != verdict:
            return matter.outcome(key, "left alone", "two looks did not agree, the next run decides")
        now = self._ports.clock.now()
        match verdict:
            case MarkSuperseded():
                self._keys.tag(matter.user, superseded_tag(key.key_id, now))
                why = "superseded, and since when was not recorded: its overlap begins now"
                return self._with_notice(matter, matter.outcome(key, "marked", why))
            case MarkDeactivated():
                self._keys.tag(matter.user, deactivated_tag(key.key_id, now))
                return matter.outcome(
                    key, "marked", "Inactive, and since when was not recorded: its inactive hours begin now"
                )
            case Deactivate(why):
                self._ending.deactivate(key, matter, why)
                return matter.outcome(key, "deactivated", why)
            case Delete(reason):
                self._ending.delete(key, matter, reason)
                return matter.outcome(key, "deleted", reason)
        raise AssertionError("only what changes something is acted on")

    def _record_reactivation(self, key: AccessKey, matter: Matter) -> None:
        """Once: when it is Inactive again, its hours have to begin anew. Best effort, the next run tries again."""
        if matter.look.marks.of(key.key_id).inactive_since is None:
            return
        try:
            self._keys.tag(matter.user, reactivated_tag(key.key_id, self._ports.clock.now()))
        except RotationError as error:
            self._ports.journal.warning("that a key is Active again was not recorded", reason=error.what)

    def _still_in_use(self, key: AccessKey, matter: Matter, use: LastUse | None) -> Outcome:
        at = None if use is None or use.at is None else iso_utc(use.at)
        service, region = (None, None) if use is None else (use.service, use.region)
        self._ports.journal.count("SupersededKeyStillInUse")
        self._ending.tell(matter, SupersededKeyStillInUse(matter.user, key.key_id, at, service, region))
        if use is None:
            return matter.outcome(key, "held", "its last use may not be read, which counts as use")
        return matter.outcome(key, "held", f"still in use: {service} in {region} at {at}")

    def _in_use_and_inactive(self, key: AccessKey, matter: Matter) -> None:
        """Applications cannot start with it. Whoever did it, a person or a crash, a person has to look."""
        self._ports.journal.error("a key in use is Inactive", iam_user=matter.user, access_key_id=key.key_id)
        self._ports.journal.count("KeyInUseInactive")
        label = CURRENT if CURRENT in matter.look.labels_of(key) else PENDING
        self._ending.tell(matter, KeyInUseInactive(matter.user, key.key_id, label))

    def _with_notice(self, matter: Matter, found: Outcome) -> Outcome:
        """Without declared consumers the overlap is all that protects an application that boots seldom: say so."""
        if matter.settings.consumers:
            return found
        self._ports.journal.info(_ONLY_BOOTS, iam_user=matter.user)
        return found | {"notice": _ONLY_BOOTS}

    def _tidy(self, matter: Matter) -> None:
        """Remove tags that say nothing any more: of keys that are gone, of a label that came back, of an old crash."""
        look, now = matter.look, self._ports.clock.now()
        stale = set(look.marks.stale({key.key_id for key in look.keys}, now))
        # A label that was moved back by hand: when the key is superseded again, its overlap has to begin anew.
        # What else is on record of an earlier life would end it at once, or keep it for ever.
        current = [key.key_id for key in look.keys if CURRENT in look.labels_of(key) and key.status is KeyStatus.ACTIVE]
        past = {mark + key_id for key_id in current for mark in (SUPERSEDED, DEACTIVATED, REVOKED, REACTIVATED)}
        stale |= past & look.marks.tags.keys()
        intent = look.marks.intent()
        if intent is not None and now - intent.at > _INTENT_STALE and not self._may_have_orphan(matter):
            stale.add(MINTING)
        self._ending.untag(matter, sorted(stale))

    def _may_have_orphan(self, matter: Matter) -> bool:
        try:
            return any(is_orphan(key, matter.look.evidence) for key in matter.look.keys)
        except PermissionDeniedError:
            return True


def _was_retagged(matter: Matter) -> bool:
    """Whether the tags that were described with the look say something else than those it was begun with."""
    tags = matter.look.secret.tags
    return is_paused(tags) or settings_of(matter.look.secret) != matter.settings


def _shared_users(fleet: Sequence[SecretDescription]) -> frozenset[str]:
    users = Counter(secret.tags[IAM_USER] for secret in fleet if IAM_USER in secret.tags)
    return frozenset(user for user, count in users.items() if count > 1)
