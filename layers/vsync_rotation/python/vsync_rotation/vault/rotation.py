"""The rotation of a vault's passphrase: stage, verify, publish, complete (SPEC 10).

`publish` and `complete` are also how a half-finished rotation is completed later, by whoever finds it.

Every write is conditional. Until the first pointer moves nothing a reader sees has changed; after it, nothing but the
other pointer's swap comes before the label, so that the race window is that one boundary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vsync_rotation.errors import ConcurrentChangeError, PointerMovedError, RotationError, UnreachableError, still_safe
from vsync_rotation.formats.audit_row import RotateRow
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault import audit_log, generations
from vsync_rotation.vault.generations import Cell, Generation
from vsync_rotation.vault.layouts import FoundLayout, Site, find_layouts
from vsync_rotation.vault.pointer import SwappedPointer, put_back, swap
from vsync_rotation.vault.ports import ObjectInfo, ObjectStore, OpenObject
from vsync_rotation.vault.published import find_published
from vsync_rotation.vault.staging import LiveBundle, OpenBundle, Staging, missing_bundle

# Someone who moves the pointer first this often is not a person pushing.
_TRIES: Final = 3
_BETWEEN: Final = (
    "no bundle is lost, but a pointer names the one that only AWSPENDING opens: "
    "until finishSecret is repeated, booting may fail"
)
_PUBLISHED: Final = "the rotation itself stands: pointers and AWSCURRENT agree"


@dataclass(frozen=True, slots=True)
class LostRow:
    """An audit row that could not be appended: ready to paste, and why."""

    line: str
    reason: RotationError


@dataclass(frozen=True, slots=True)
class Publication:
    """What a rotation published.

    The race window runs from before the first pointer's swap was sent to after the label's move was answered, so it
    is an upper bound. Where another invocation moved the pointers, only the instant of that is known.
    """

    timestamp: Timestamp
    generation: Generation
    race_window_seconds: float | None
    swapped_earlier_at: datetime | None
    lost_row: LostRow | None


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who writes the audit row, and when."""

    hostname: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Everything read before the swap, so that nothing is left to read after it."""

    lives: tuple[LiveBundle, ...]
    timestamp: Timestamp
    cells: tuple[Cell, ...]
    generation: Generation


@dataclass(slots=True)
class VaultRotation:
    """One passphrase rotation of one vault, for one version of the secret. Each method may be repeated."""

    store: ObjectStore
    site: Site
    version_id: str
    not_before: datetime
    staging: Staging
    recorder: Recorder
    _swapped: dict[str, SwappedPointer] = field(default_factory=dict)

    def stage(self) -> tuple[FoundLayout, ...]:
        """Upload the live bundles under the pending passphrase, beside the old ones. No pointer moves.

        Returns:
            The layouts found.

        Raises:
            VaultNotFoundError, BundleCorruptError, SealMismatchError, GenerationError, WrongPassphraseError: before
                anything is written.
            ConcurrentChangeError: other writers hold every timestamp tried.
        """
        found = find_layouts(self.store, self.site)
        # A malformed cell must be known before anything is written; its value is read again when it counts.
        generations.read_cells(self.store, found)
        generations.pointer_gens(found)
        first = [found]
        self.staging.make(lambda: self._open(first.pop() if first else find_layouts(self.store, self.site)))
        return found

    def verify(self) -> None:
        """Open the staged bundles with the pending passphrase; their payload must be the live ones'.

        Raises:
            BundleCorruptError: a staged bundle holds something else.
            PointerMovedError: the vault was pushed to each time it had been staged.
        """
        for _ in range(_TRIES):
            opened = self._open(find_layouts(self.store, self.site))
            staged = self.staging.find([bundle.live for bundle in opened], self.store.open, _info_of_open)
            if staged is None:
                self.stage()
                continue
            timestamp, bundles = staged
            for live, bundle in zip(opened, bundles, strict=True):
                self.staging.require_same_payload(live, bundle, timestamp)
            return
        raise _moved()

    def verify_live(self) -> None:
        """Open every live bundle with the current passphrase and change nothing.

        Raises:
            VaultNotFoundError, BundleCorruptError, SealMismatchError, WrongPassphraseError: as the findings are.
        """
        for bundle in self._open(find_layouts(self.store, self.site)):
            self.staging.require_opens(bundle)

    def publish(
        self, *, before_swap: Callable[[], None], promote: Callable[[], str], monotonic: Callable[[], float]
    ) -> Publication:
        """Swap the pointers and promote the pending version; then count the generation and append the audit row.

        A live bundle that changed since it was staged (a push) is staged again first, so that no push is lost.

        Args:
            before_swap: called right before the first swap; may raise to refuse.
            promote: moves AWSCURRENT; returns the version that holds it afterwards.
            monotonic: seconds, to measure the race window with.

        Raises:
            PointerMovedError: somebody else moved a pointer first, three times.
            ConcurrentChangeError: somebody else promoted a third version; the pointers were put back.
        """
        prepared, began = self._swap(before_swap, monotonic)
        with still_safe(_BETWEEN):
            holder = promote()
        ended = monotonic()
        if holder != self.version_id:
            raise self._undone(prepared, holder)
        return self._recorded(prepared, ended - began if self._swapped else None)

    def complete(self) -> Publication | None:
        """Complete generation and audit row of a rotation whose label has moved; None if it is not to be found."""
        with still_safe(_PUBLISHED):
            prepared = self._published()
            return None if prepared is None else self._recorded(prepared, None)

    def is_recorded(self) -> bool:
        """Whether nothing is left for `complete`: generation and audit row stand, or the rotation is not to be found.

        A damaged audit log takes no row, so that none is missing in it.
        """
        prepared = self._published()
        if prepared is None:
            return True
        if not generations.all_stand(prepared.cells, prepared.generation, prepared.timestamp):
            return False
        return audit_log.holds(self.store, self.site.audit_key, self._row(prepared))

    def _published(self) -> _Prepared | None:
        found = find_layouts(self.store, self.site)
        lives = tuple(
            LiveBundle(layout, info) for layout in found if (info := self.store.head(layout.bundle_key)) is not None
        )
        own = [live for live in lives if self.staging.is_own(live)]
        timestamp = (
            own[0].found.pointer.timestamp
            if own
            else find_published(self.store, found, version_id=self.version_id, not_before=self.not_before)
        )
        if timestamp is None:
            return None
        cells = generations.read_cells(self.store, found)
        if not own and generations.overtaken(cells, timestamp):
            # Pushed to and rotated since: whoever rotated counted on from our cell, or ours was never read.
            return None
        return _Prepared(lives, timestamp, cells, self._plan(lives, timestamp, cells))

    def _swap(self, before_swap: Callable[[], None], monotonic: Callable[[], float]) -> tuple[_Prepared, float]:
        """Swap every pointer; what was prepared, and when the first swap was begun.

        If it certainly cannot be done, pointers swapped so far go back: the label has not moved, so the old bundles
        are the ones that AWSCURRENT opens. If it is not certain (no answer), they stay for the repetition.
        """
        try:
            return self._swap_in_time(before_swap, monotonic)
        except UnreachableError as error:
            if self._swapped:
                error.safe = _BETWEEN
            raise
        except RotationError as error:
            if self._swapped:
                left = self._put_back()
                error.safe = _safe_after_undoing(left)
            raise

    def _swap_in_time(self, before_swap: Callable[[], None], monotonic: Callable[[], float]) -> tuple[_Prepared, float]:
        began = monotonic()
        for _ in range(_TRIES):
            prepared = self._prepare()
            if prepared is None:
                continue
            before_swap()
            if not self._swapped:
                began = monotonic()
            if self._swap_all(prepared):
                return prepared, began
        raise _moved()

    def _put_back(self) -> list[str]:
        """Undo this invocation's swaps, the last first; the pointers that somebody else has moved on meanwhile."""
        return [key for key, swapped in reversed(self._swapped.items()) if not put_back(self.store, swapped)]

    def _prepare(self) -> _Prepared | None:
        lives = self._live()
        staged = self.staging.find(lives, self.store.head, _info_itself)
        if staged is None:
            self.stage()
            self.verify()
            lives = self._live()
            staged = self.staging.find(lives, self.store.head, _info_itself)
        if staged is None:
            return None
        timestamp = staged[0]
        cells = generations.read_cells(self.store, [live.found for live in lives])
        return _Prepared(lives, timestamp, cells, self._plan(lives, timestamp, cells))

    def _plan(self, lives: Sequence[LiveBundle], timestamp: Timestamp, cells: Sequence[Cell]) -> Generation:
        return generations.plan(
            cells,
            timestamp=timestamp,
            own_pointers=[live.found for live in lives if self.staging.is_own(live)],
            other_pointers=[live.found for live in lives if not self.staging.is_own(live)],
        )

    def _swap_all(self, prepared: _Prepared) -> bool:
        for live in prepared.lives:
            if live.found.pointer.timestamp == prepared.timestamp:
                continue
            metadata = generations.with_pointer_gen(live.found.pointer_object.info.metadata, prepared.generation)
            swapped = swap(self.store, live.found, prepared.timestamp, metadata, version_id=self.version_id)
            if swapped is None:
                return False
            key = live.found.layout.pointer_key
            earlier = self._swapped.get(key)
            self._swapped[key] = SwappedPointer(earlier.old if earlier else swapped.old, swapped.etag)
        return True

    def _undone(self, prepared: _Prepared, holder: str) -> ConcurrentChangeError:
        left = self._put_back() + [
            live.found.layout.pointer_key
            for live in prepared.lives
            if self.staging.is_own(live) and live.found.layout.pointer_key not in self._swapped
        ]
        return ConcurrentChangeError(
            f"version {holder} became AWSCURRENT while this rotation was about to promote its own",
            safe=_safe_after_undoing(left),
            remedy="check that AWSCURRENT opens the vault, then rotate again",
        )

    def _recorded(self, prepared: _Prepared, race_window_seconds: float | None) -> Publication:
        generation, timestamp = prepared.generation, prepared.timestamp
        with still_safe(_PUBLISHED):
            generations.record(self.store, prepared.cells, generation, timestamp)
        row = self._row(prepared)
        reason = audit_log.append(self.store, self.site.audit_key, row)
        return Publication(
            timestamp=timestamp,
            generation=generation,
            race_window_seconds=race_window_seconds,
            swapped_earlier_at=None if self._swapped else _newest_swap(prepared.lives),
            lost_row=None if reason is None else LostRow(row.line(), reason),
        )

    def _row(self, prepared: _Prepared) -> RotateRow:
        return RotateRow(
            at=self.recorder.at,
            version_ts=prepared.timestamp,
            hostname=self.recorder.hostname,
            gen=prepared.generation.gen,
            prev_gen=prepared.generation.prev_gen,
        )

    def _live(self) -> tuple[LiveBundle, ...]:
        return tuple(self._head(found) for found in find_layouts(self.store, self.site))

    def _head(self, found: FoundLayout) -> LiveBundle:
        info = self.store.head(found.bundle_key)
        if info is None:
            raise missing_bundle(found)
        return LiveBundle(found, info)

    def _open(self, layouts: Sequence[FoundLayout]) -> tuple[OpenBundle, ...]:
        return tuple(self.staging.open_live(found) for found in layouts)


def _newest_swap(lives: Sequence[LiveBundle]) -> datetime | None:
    return max((live.found.pointer_object.info.last_modified for live in lives), default=None)


def _safe_after_undoing(left: Sequence[str]) -> str:
    if not left:
        return "every pointer is back where it was"
    return f"nothing was lost; somebody else has moved, or an earlier try had: {', '.join(left)}"


def _info_itself(info: ObjectInfo) -> ObjectInfo:
    return info


def _info_of_open(opened: OpenObject) -> ObjectInfo:
    return opened.info


def _moved() -> PointerMovedError:
    return PointerMovedError(
        f"somebody else wrote to the vault first, {_TRIES} times",
        safe="AWSCURRENT is unchanged, and no push was lost",
        remedy="let it be tried again when the pushes have settled",
    )
