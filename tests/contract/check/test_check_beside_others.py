"""Two checks at once, and a check beside finishSecret: each in an environment of its own, one in the middle of the other.

Both checks are the same program, so that one that runs as a whole before a write of the other stands for both orders.
"""

from collections.abc import Callable
from functools import cache, partial

import check_vaults.handler
from simulator import faults
from simulator.exchange import Request
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.check.conftest import Begin
from tests.contract.check.damages import LATER
from tests.contract.check.scene import WRITES, CheckScene
from tests.contract.check.test_check_torn import is_complete, publishes, torn
from tests.contract.interleaving.environments import Environments
from tests.contract.passphrase_rotation import event_for, greetings
from vsync_rotation.errors import RotationError


@cache
def environments() -> Environments:
    return Environments(check_vaults.handler)


def check(scene: CheckScene) -> None:
    """A check that met something on the move refuses, and is repeated a quarter of an hour later."""
    try:
        scene.world.invoke("check_vaults", {"secret_id": scene.vault.passphrase_secret})
    except RotationError:
        return


def one_within_another(
    start: Callable[[], CheckScene], judge: Callable[[CheckScene], None], record: Callable[[str, object], None]
) -> None:
    """A whole check before each write of another one."""
    number, met = 0, True
    while met:
        number += 1
        scene = start()
        scene.world.deploy("check_vaults", environments(), timeout_seconds=300)
        outer = faults.nth(number, lambda request: request.function == "check_vaults" and request.operation in WRITES)
        second = faults.meanwhile(outer, partial(check, scene))
        with scene.world.watched_by(second):
            check(scene)
        met = bool(second.hits)
        judge(scene)
        assert [line for line in scene.world.log_lines if "unexpected exception" in line] == []
    record("histories", number - 1)
    assert number > 2


def test_two_checks_that_heal_at_once(begin: Begin, record_property: Callable[[str, object], None]) -> None:
    def start() -> CheckScene:
        scene = begin(Layout.RUNTIME, heal="on")
        scene.push(LATER, "stale", scene.previous)
        return scene

    def judge(scene: CheckScene) -> None:
        scene.check()
        assert greetings(scene.vault) == {"stale"}
        assert (set(scene.gens().values()), len(scene.rows())) == ({1}, 1)

    one_within_another(start, judge, record_property)


def test_two_checks_that_complete_at_once(begin: Begin, record_property: Callable[[str, object], None]) -> None:
    def start() -> CheckScene:
        scene = begin(Layout.RUNTIME, with_staged=True)
        torn(scene)
        scene.world.clock.advance(1_000)
        return scene

    def judge(scene: CheckScene) -> None:
        scene.check()
        is_complete(scene, str(scene.secret.holder("AWSCURRENT")))

    one_within_another(start, judge, record_property)


def at_a_write_of_finish_secret(request: Request) -> bool:
    return publishes(request) and request.function == "rotate_vault_passphrase"


def test_a_check_in_the_middle_of_a_late_finish_secret(
    world: World, begin: Begin, record_property: Callable[[str, object], None]
) -> None:
    """Of a rotation so old that the check takes what it meets for torn."""
    writes = 4  # swap, label, cell, row
    for number in range(1, writes + 1):
        scene = begin(Layout.RUNTIME, with_staged=True)
        version = str(scene.secret.holder("AWSPENDING"))
        world.clock.advance(20 * 60)
        meanwhile = faults.meanwhile(faults.nth(number, at_a_write_of_finish_secret), partial(check, scene))
        with world.watched_by(meanwhile):
            world.invoke(scene.rotate_function, event_for(scene.vault, "finishSecret", version))
        assert meanwhile.hits
        is_complete(scene, version)
        told = {event.detail_type for event in world.events}
        assert told <= {"Rotation Finished", "Torn Rotation Completed"}
    record_property("histories", writes)
