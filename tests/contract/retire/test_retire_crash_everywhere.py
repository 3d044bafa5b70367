"""Cut off or throttled at any request of a run, nothing wrong is done, and the next runs complete it.

Enumerated: every request that can matter in each situation. A history that changed nothing is judged at once, being
where it began.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.faults import Fault
from simulator.functions import FunctionCrashed
from simulator.replicas import is_read
from tests.contract.checkpoint import Checkpoint, taken
from tests.contract.retire.scene import Make, RetireScene
from tests.contract.retire.tripwire import Deed

Record = Callable[[str, object], None]
DUE: Final = {"overlap_hours": "0", "inactive_hours": "1"}


def nothing_more(_scene: RetireScene) -> None:
    """The superseded key's overlap is over."""


def deactivated(scene: RetireScene) -> None:
    """The superseded key has been Inactive for its hours."""
    scene.deactivates(scene.first)
    scene.after(1)


def unmarked(scene: RetireScene) -> None:
    """Since when it is superseded is not on record, and tags of a key that is gone are."""
    scene.account.untag(f"superseded-at:{scene.first}")
    scene.account.tag("made:AKIAGONE", "2020-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is due, and the order that does it."""

    prepare: Callable[[RetireScene], None]
    order: Mapping[str, Any]


SITUATIONS: Final[Mapping[str, Situation]] = {
    "deactivates": Situation(nothing_more, {}),
    "deletes": Situation(deactivated, {}),
    "marks and tidies": Situation(unmarked, {}),
    "revokes": Situation(nothing_more, {"secret_id": "acme_web/prod/VSYNC_CONFIG", "revoke": True}),
}


@dataclass(frozen=True, slots=True)
class Start:
    """A situation, prepared once, to begin every history from."""

    begin: Callable[..., RetireScene]
    checkpoint: Checkpoint
    statuses: Mapping[str, str]
    tags: Mapping[str, str]
    order: Mapping[str, Any]

    def again(self) -> RetireScene:
        scene = self.begin(self.checkpoint, {})
        allowed(scene)
        return scene

    def requests(self) -> list[Request]:
        """What a run sends that nobody hinders."""
        scene = self.again()
        scene.run(**self.order)
        return scene.world.functions.invocations[-1].requests


@pytest.fixture
def start(rotated: Make, begin: Callable[..., RetireScene]) -> Callable[[str], Start]:
    """A situation of the table by its name."""

    def prepared(name: str) -> Start:
        situation = SITUATIONS[name]
        scene = rotated(**DUE)
        situation.prepare(scene)
        return Start(begin, taken(scene.world), scene.statuses(), scene.account.tags(), situation.order)

    return prepared


def allowed(scene: RetireScene) -> None:
    """From here on a run may come to any of it, and to nothing with another key."""
    for deed in Deed:
        scene.tripwire.allow(deed, scene.first)


def goes_on(scene: RetireScene) -> None:
    """No label's key was touched, the runs that follow end the superseded key's life, and nothing is left of it."""
    assert scene.statuses()[scene.current] == "Active"
    for _ in range(3):
        if scene.first in scene.statuses():
            assert scene.run()["errors"] == []
            scene.after(1)
    assert scene.statuses() == {scene.current: "Active"}
    assert scene.marks_of(scene.first) <= {"superseded-at", "deactivated-at", "revoked-at", "promoted-at"}
    if scene.marks_of(scene.first):
        scene.after(25).run()
    assert scene.marks_of(scene.first) == set()


def _from_there_on(number: int) -> Callable[[Request], bool]:
    """That request and every later one, so that the SDK's own retries do not help."""
    seen = 0

    def choose(request: Request) -> bool:
        nonlocal seen
        seen += request.function is not None
        return request.function is not None and seen >= number

    return choose


def judged(scene: RetireScene, begun: Start, trouble: str, told: str) -> None:
    """A history that changed nothing is where it began; what any other one said was true, and it goes on from there."""
    changed = scene.statuses() != begun.statuses or scene.account.tags() != begun.tags
    try:
        assert not (changed and "nothing was changed" in told), told
        if changed:
            goes_on(scene)
    except AssertionError as error:
        error.add_note(trouble)
        raise


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_run_that_dies_at_any_request_costs_time_only(
    start: Callable[[str], Start], record_property: Record, name: str
) -> None:
    """Before the first request, and after each that is no read: what follows up to the next one leaves the same."""
    begun = start(name)
    requests = begun.requests()
    points = [1, *(number + 1 for number, request in enumerate(requests, 1) if not is_read(request.operation))]
    for number in points:
        scene = begun.again()
        crash = faults.crash_before(faults.nth(number)) if number <= len(requests) else _at_the_end(len(requests))
        with scene.world.watched_by(crash), pytest.raises(FunctionCrashed):
            scene.world.invoke(scene.function, dict(begun.order))
        judged(scene, begun, f"{name}, crash before request {number}: {crash.hits[0].action}", "")
    record_property("histories", len(points))


def _at_the_end(number: int) -> Fault:
    return faults.crash_after(faults.nth(number))


@pytest.mark.parametrize("name", ["deactivates", "deletes"])
def test_a_run_that_is_throttled_from_any_request_on_does_nothing_wrong(
    start: Callable[[str], Start], record_property: Record, name: str
) -> None:
    """All along the first look nothing has been done, so its beginning stands for it."""
    begun = start(name)
    requests = begun.requests()
    looks = [number for number, request in enumerate(requests, 1) if request.operation == "DescribeSecret"]
    points = [1, *range(looks[1], len(requests) + 1)]
    for number in points:
        scene = begun.again()
        throttled = faults.throttle(_from_there_on(number))
        with scene.world.watched_by(throttled):
            told = _answer(scene, begun.order)
        judged(scene, begun, f"{name}, throttled from request {number} on: {throttled.hits[0].action}", told)
    record_property("histories", len(points))


def _answer(scene: RetireScene, order: Mapping[str, Any]) -> str:
    """What the function answers or raises."""
    try:
        return str(scene.run(**order))
    except Exception as error:  # noqa: BLE001 - judged by what it says
        return str(error)


@pytest.mark.parametrize(
    ("name", "action", "deed"),
    [("deactivates", "UpdateAccessKey", Deed.DEACTIVATED), ("deletes", "DeleteAccessKey", Deed.DELETED)],
)
def test_a_write_whose_answer_is_lost_is_sent_again(
    start: Callable[[str], Start], name: str, action: str, deed: Deed
) -> None:
    scene = start(name).again()
    lost = faults.lose_answer(faults.nth(1, faults.operation(action)))
    with scene.world.watched_by(lost):
        assert scene.run()["errors"] == []
    assert lost.hits
    assert scene.statuses().get(scene.first) == (None if deed is Deed.DELETED else "Inactive")
