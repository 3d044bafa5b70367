"""Every read of a passphrase rotation answers late, step by step; and the reads of a retry after a crash."""

from collections.abc import Callable
from typing import Final

import pytest

from rotate_vault_passphrase.handler import lambda_handler
from simulator import faults
from simulator.exchange import Request
from simulator.faults import Choice
from simulator.rotation_records import RotationRecord
from simulator.staleness import by_label_alone
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.eventual_consistency.late_reads import (
    ATTEMPTS,
    READ_COUNTS,
    LateRead,
    failed_harmlessly_or_not_at_all,
    in_step,
    in_the_retry,
    reads_of,
)
from tests.contract.key_scene import STEPS
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    audit_rows,
    boots,
    bundles,
    key_of,
    moving_the_label,
    order,
    payloads,
    pointers,
    rotate,
    vault_at_noon,
)

Record = Callable[[str, object], None]


def _fresh(world: World, layout: Layout) -> tuple[Vault, str]:
    world.reset()
    vault = vault_at_noon(world, layout)
    world.rotation_service.attempts = ATTEMPTS
    return vault, world.deploy("rotate_vault_passphrase", lambda_handler)


def _swapping_a_pointer(request: Request) -> bool:
    return request.operation == "PutObject" and key_of(request).endswith(("/latest", "/manifest"))


CRASHES: Final[dict[str, Choice]] = {
    "PutSecretValue": faults.operation("PutSecretValue"),
    "the pointer swap": _swapping_a_pointer,
    "the label move": moving_the_label,
}


def _ended_well(vault: Vault, record: RotationRecord, payload: dict[str, bytes], rotations: int = 1) -> None:
    """Every layout boots with the same payload, gen rose by one and the audit has one row, per rotation."""
    failed_harmlessly_or_not_at_all(vault.world, record)
    assert payloads(vault) == payload
    started = boots(vault)
    assert set(started) == set(pointers(vault))
    assert {booted.gen for booted in started.values()} == {rotations}
    assert len([row for row in audit_rows(vault) if row["action"] == "rotate"]) == rotations
    _what_was_promoted_was_tested(vault, record)


def _what_was_promoted_was_tested(vault: Vault, record: RotationRecord) -> None:
    """testSecret fetched the very bundles that are live now."""
    tested = {key_of(request) for step in record.steps if step.step == "testSecret" for request in step.requests}
    live = {key for booted in boots(vault).values() for key in bundles(vault, booted.timestamp).values()}
    assert live <= tested


@pytest.fixture(scope="module")
def reads(running_world: World) -> dict[str, list[str]]:
    """The reads of a rotation nobody hinders, by step."""
    vault, function = _fresh(running_world, Layout.BOTH)
    found = reads_of(rotate(vault, function))
    running_world.clock.run_freely()
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_late_read_in_any_step_loses_nothing(
    world: World, reads: dict[str, list[str]], record_property: Record, step: str
) -> None:
    histories = 0
    for action in reads[step]:
        made = max(READ_COUNTS) + 1
        for count in READ_COUNTS:
            if count >= made:
                continue  # no more reads are made than were late already: the same history
            vault, function = _fresh(world, LAYOUTS[histories % len(LAYOUTS)])
            payload = payloads(vault)
            with in_step(world, LateRead(step, action, count, writes=None)):
                record = rotate(vault, function)
            _ended_well(vault, record, payload)
            made, histories = len(world.staleness.answers), histories + 1
    assert histories > 0
    record_property("histories", histories)


@pytest.mark.parametrize("crash", CRASHES)
def test_a_retry_after_a_crash_believes_no_late_read(world: World, record_property: Record, crash: str) -> None:
    histories = 0
    for action in ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"):
        made = max(READ_COUNTS) + 1
        for count in (max(READ_COUNTS), 1):
            if count >= made:
                continue
            vault, function = _fresh(world, Layout.BOTH)
            payload = payloads(vault)
            died = faults.crash_after(faults.nth(1, CRASHES[crash]))
            with world.watched_by(died), in_the_retry(world, action, count, writes=1):
                record = rotate(vault, function)
            assert len(died.hits) == 1
            _ended_well(vault, record, payload)
            made, histories = len(world.staleness.answers), histories + 1
    record_property("histories", histories)


@pytest.mark.parametrize("step", STEPS[1:])  # createSecret does not read the passphrase
def test_a_rotation_right_after_another_believes_no_label_that_is_read_late(
    world: World, record_property: Record, step: str
) -> None:
    """AWSCURRENT read by label alone is still the passphrase before the last: it opens nothing any more."""
    counts = (max(READ_COUNTS), 1)
    for count in counts:
        vault, function = _fresh(world, Layout.RUNTIME)
        payload = payloads(vault)
        action = "secretsmanager:GetSecretValue"
        with in_step(world, LateRead(step, action, count, writes=None), where=by_label_alone):
            rotate(vault, function)
            order(vault, function)
            (record,) = world.rotation_service.run()
        _ended_well(vault, record, payload, rotations=2)
    record_property("histories", len(counts))
