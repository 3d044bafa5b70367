"""One history of a vault: what the service, people, laptops and applications do to it, each held to its promises.

The judge looks after every invocation of a function and after everything anybody else does. What the software does may
break nothing, but for the boundary that only a crash can make visible; what a person breaks is written down, and a
completed rotation of that side must have mended it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from check_vaults.handler import lambda_handler as check_vaults
from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.application import Booted
from simulator.faults import Fault
from simulator.rotation_records import Outcome, RotationRecord
from simulator.vault_bytes import BootError, Unreachable, WrongPassphrase
from simulator.vaults import Layout, make_vault
from simulator.world import ACCOUNT_ID, World
from tests.contract.glance import Glance, Side, glance, key_id_of
from tests.contract.passphrase_rotation import NOON, audit_key, pointers
from tests.contract.whole_world import care, segments
from tests.contract.whole_world.ledger import Ledger
from tests.contract.whole_world.orders import Mishap
from tests.contract.whole_world.people import Deed, Scene
from tests.contract.whole_world.promises import (
    CELLS_AGREE,
    KEY_WORKS,
    Promise,
    all_of_passphrase,
    broken_promises,
    live_bundle,
    started,
)
from tests.contract.whole_world.reasons import Reasons

# Of the seconds that the README asks for at least: a key that is never known is then not polled for long.
_FUNCTION_SECONDS: Final = 60
_FUNCTIONS: Final = {Side.KEY: rotate_iam_access_key, Side.PASSPHRASE: rotate_vault_passphrase}
_CARE: Final = {care.CHECK: check_vaults, care.RETIRE: retire_iam_access_keys}


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody does while the service works: just before the n-th step it carries out, from 1."""

    boundary: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class _AtWork:
    """The order whose step comes next."""

    side: Side
    version: str
    step: str


class History:
    """Begins with a vault that was pushed once and never rotated."""

    def __init__(self, world: World, layout: Layout, passphrase_tags: Mapping[str, str] | None = None) -> None:
        world.clock.stand_still(NOON)
        self.world = world
        self.vault = make_vault(world, layout, passphrase_tags=passphrase_tags)
        self.functions = {
            side: world.deploy(handler.__module__.partition(".")[0], handler, timeout_seconds=_FUNCTION_SECONDS)
            for side, handler in _FUNCTIONS.items()
        }
        for name, handler in _CARE.items():
            world.deploy(name, handler)
        seen = glance(self.vault)
        pushed = {name: live_bundle(seen, self.vault, name).payload or b"" for name in pointers(self.vault)}
        self.scene = Scene(self.vault, seen, pushed)
        self.ledger = Ledger(lambda now: broken_promises(now, self.vault))
        self.reasons = Reasons(self.scene)
        self.made_by_rotation: set[str] = set()
        self.promoted: set[str] = set(seen.keys)
        self.applications: list[tuple[str, str]] = []
        self._at_work: _AtWork | None = None
        self._began: Glance = seen
        self._boundaries = 0
        self._meanwhile: Meanwhile | None = None
        self._closed = 0
        self._faults: list[Fault] = []
        self._invocations = self._raised = 0
        self._boots: dict[tuple[object, ...], Booted | BootError] = {}
        world.rotation_service.before_step = self._between_steps

    # Rotations.

    def order(self, side: Side) -> None:
        """RotateSecret. Where a rotation is unfinished it is refused, and that one is taken up again."""
        secret = self.scene.secret(side)
        try:
            secret.manager.rotate_secret(SecretId=secret.name, RotationLambdaARN=self.functions[side])
        except ClientError as refusal:
            if "previous rotation isn't complete" not in str(refusal):
                raise
        self._look()

    def serve(self, *mishaps: Mishap, attempts: int = 2, meanwhile: Meanwhile | None = None) -> list[RotationRecord]:
        """The service carries out what was ordered."""
        service = self.world.rotation_service
        service.attempts, self._boundaries, self._meanwhile = attempts, 0, meanwhile
        first = self._closed = len(service.records)
        self._faults = [mishap.fault() for mishap in mishaps]
        with self.world.watched_by(*self._faults):
            service.run()
        self._after_a_step()
        self._close_rotations()
        self._at_work, self._meanwhile, self._faults = None, None, []
        return service.records[first:]

    def rotate(self, side: Side, *mishaps: Mishap, attempts: int = 2) -> RotationRecord:
        """Order a rotation and let the service carry it out. Returns its record."""
        self.order(side)
        records = self.serve(*mishaps, attempts=attempts)
        return next(record for record in reversed(records) if record.secret_arn == self.scene.secret(side).arn)

    # Everybody else.

    def person(self, deed: Deed) -> None:
        """Somebody does something by hand."""
        may_break = deed.may_break(self.scene)
        self.reasons.note(deed)
        deed.do(self.scene)
        self._look()
        self.ledger.account(self.scene.seen, str(deed), may_break)
        self._check_payloads(str(deed))

    def look_at_a_remedy(self, remedy: str, may_break: Collection[Promise] = ()) -> None:
        """Somebody did what an error or the README says."""
        self._look()
        self.ledger.account(self.scene.seen, remedy, may_break)
        self._check_payloads(remedy)

    def is_cared_for(self, function: str) -> None:
        """A scheduled run of what looks after vaults and keys. It breaks nothing, whatever it finds."""
        invocations = len(self.world.functions.invocations)
        self.world.invoke(function, {})
        bugs = [line for line in self.world.functions.invocations[invocations].output if "unexpected exception" in line]
        assert bugs == []
        run = care.Run(self.vault, function, before=self._look(), after=self.scene.seen)
        care.judge(run, segments.KeyHistory(frozenset(self.made_by_rotation), frozenset(self.promoted)))
        self.ledger.account(run.after, str(run), may_break=())
        self._check_payloads(str(run))
        self._check_boots()

    def time_passes(self, seconds: float) -> None:
        """The clock is moved on."""
        self.world.clock.advance(seconds)
        self._look()

    def application_starts(self) -> None:
        """An application fetches both values and boots, in every layout; it keeps the values for later."""
        seen = self.scene.seen
        held = (str(seen.secrets[Side.KEY].value("AWSCURRENT")), seen.passphrase)
        self.applications.append(held)
        self._start(held)

    def application_starts_again(self, number: int) -> None:
        """An application that started earlier boots with the values it fetched then."""
        if self.applications:
            self._start(self.applications[number % len(self.applications)])

    def _start(self, held: tuple[str, str]) -> None:
        for layout in pointers(self.vault):
            self._judge_start(layout, held, started(self.vault, layout, *held))
        self._look()

    # The judge.

    def _look(self) -> Glance:
        before, self.scene.seen = self.scene.seen, glance(self.vault)
        current = self.scene.seen.key_in("AWSCURRENT")
        if current is not None:
            self.promoted.add(current)
        return before

    def _between_steps(self, step: str, _attempt: int) -> None:
        """The service is about to invoke a function: whatever ran before has ended."""
        self._after_a_step()
        self._close_rotations()
        self._boundaries += 1
        if self._meanwhile is not None and self._meanwhile.boundary == self._boundaries:
            self.person(self._meanwhile.deed)
        running = self.world.rotation_service._running
        assert running is not None
        side = Side.KEY if running.secret.name == self.vault.config_secret else Side.PASSPHRASE
        if self._at_work is None or self._at_work.version != running.version_id:
            self._began = self.scene.seen
        self._at_work = _AtWork(side, running.version_id, step)
        self._invocations = len(self.world.functions.invocations)

    def _after_a_step(self) -> None:
        """Judge the invocation that has ended, if there was one since the last look."""
        invocations = self.world.functions.invocations
        if self._at_work is None or len(invocations) == self._invocations:
            return
        assert len(invocations) == self._invocations + 1
        invocation = invocations[-1]
        self._invocations = len(invocations)
        before = self._look()
        struck = {id(request) for fault in self._faults for request in fault.hits}
        raised = self.world.raised[self._raised :]
        self._raised += len(raised)
        segment = segments.Segment(
            vault=self.vault,
            side=self._at_work.side,
            step=self._at_work.step,
            version=self._at_work.version,
            before=before,
            after=self.scene.seen,
            struck=sum(id(request) in struck for request in invocation.requests),
            error=raised[-1].error if raised else None,
        )
        self.made_by_rotation |= segment.after.keys.keys() - before.keys.keys()
        keys = segments.KeyHistory(frozenset(self.made_by_rotation), frozenset(self.promoted))
        self.ledger.account(segment.after, str(segment), segments.check(segment, keys))
        self._check_payloads(str(segment))
        self._check_boots()

    def _check_payloads(self, deed: str) -> None:
        """No push is ever lost: whoever has the right passphrase reads what was pushed last."""
        for layout, payload in self.scene.pushed.items():
            found = live_bundle(self.scene.seen, self.vault, layout)
            assert found.payload == payload, f"{deed} lost the last push to {layout}"

    def _check_boots(self) -> None:
        """Applications of now boot in every layout, or fail in the way that the ledger has an entry for."""
        seen = self.scene.seen
        held = (str(seen.secrets[Side.KEY].value("AWSCURRENT")), seen.passphrase)
        with _leaving_no_trace(self.vault.iam_user):
            for layout in pointers(self.vault):
                self._judge_start(layout, held, self._started(layout, held))

    def _started(self, layout: str, held: tuple[str, str]) -> Booted | BootError:
        """A boot is a pure function of what it reads, so that one with nothing new to read is not repeated."""
        seen = self.scene.seen
        read = {key: item.etag for key, item in seen.objects.items()}
        state = (layout, held, tuple(sorted(read.items())), tuple(seen.statuses().items()))
        if state not in self._boots:
            self._boots[state] = started(self.vault, layout, *held)
        return self._boots[state]

    def _judge_start(self, layout: str, held: tuple[str, str], found: Booted | BootError) -> None:
        seen = self.scene.seen
        config, passphrase = held
        key = seen.keys.get(key_id_of(config))
        live = live_bundle(seen, self.vault, layout)
        if key is None or key.status != "Active":
            assert isinstance(found, Unreachable), f"{layout}: {found!r} with a key that is {key}"
        elif live.opener != passphrase:
            assert isinstance(found, WrongPassphrase), f"{layout}: {found!r} with another passphrase"
        else:
            assert isinstance(found, Booted), f"{layout}: {found!r}"
            assert found.payload == self.scene.pushed[layout]

    # What a rotation has to have done when it ends.

    def _close_rotations(self) -> None:
        records = self.world.rotation_service.records
        for record in records[self._closed :]:
            self._closed += 1
            side = Side.KEY if record.secret_arn == self.scene.secret(Side.KEY).arn else Side.PASSPHRASE
            match record.outcome:
                case Outcome.SUCCEEDED:
                    self._close_success(side, record)
                case Outcome.FAILED:
                    self._close_failure(side, record)
                case Outcome.ABANDONED:
                    assert self.reasons.moved_current[side], f"a rotation of the {side} was abandoned for no reason"
            self.reasons.moved_current[side] = False

    def _close_success(self, side: Side, record: RotationRecord) -> None:
        seen, version = self.scene.seen, record.version_id
        secret = seen.secrets[side]
        assert secret.holder("AWSCURRENT") == version
        assert secret.holder("AWSPENDING") in {None, version}
        ours = {KEY_WORKS} if side is Side.KEY else {*all_of_passphrase(self.vault), CELLS_AGREE}
        left = {promise: why for promise, why in self.ledger.entries.items() if promise in ours}
        assert not left, f"a rotation of the {side} completed and left unkept: {left}"
        if side is Side.PASSPHRASE:
            self._check_books(record)
        elif not self.reasons.tags_edited:
            orphans = (seen.keys.keys() & self.made_by_rotation) - self.promoted
            assert not orphans, f"orphans left after a completed rotation: {orphans}"

    def _check_books(self, record: RotationRecord) -> None:
        """Generation counted, audit row written, or told to whoever reads the log."""
        seen = self.scene.seen
        assert segments.is_counted(seen, self.vault, record.version_id), "the generation does not tell of the rotation"
        (timestamp,) = {live_bundle(seen, self.vault, layout).timestamp for layout in pointers(self.vault)}
        log = seen.objects.get(audit_key(self.vault))
        rows = [] if log is None else segments.rotate_rows(log.body)
        told = any(f",rotate,{timestamp}," in line for line in self.world.log_lines)
        if timestamp not in rows:
            assert told, "the audit row is neither in the log nor told"
            struck = self._struck(record)
            assert struck or self.reasons.log_damaged, "the audit row was not appended, and nothing was in the way"

    def _close_failure(self, side: Side, record: RotationRecord) -> None:
        if self._struck(record, record.attempts):
            return
        why = self.reasons.to_refuse(side, record.version_id, self._began, self.promoted, self.made_by_rotation)
        why |= self.reasons.to_refuse(side, record.version_id, self.scene.seen, self.promoted, self.made_by_rotation)
        assert why, f"a rotation of the {side} failed for no reason: {record.reason}, {record.error}: {record.message}"

    def _struck(self, record: RotationRecord, attempt: int | None = None) -> bool:
        struck = {id(request) for fault in self._faults for request in fault.hits}
        steps = [step for step in record.steps if attempt is None or step.attempt == attempt]
        return any(id(request) in struck for step in steps for request in step.requests)


@contextmanager
def _leaving_no_trace(user: str) -> Iterator[None]:
    """The judge's own boots do not count as use: a key's last use decides whether it is an orphan."""
    keys = iam_backends[ACCOUNT_ID]["aws"].users[user].access_keys
    before = {key.access_key_id: key.last_used for key in keys}
    yield
    for key in keys:
        key.last_used = before[key.access_key_id]
