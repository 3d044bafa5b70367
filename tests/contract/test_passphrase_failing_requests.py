"""Any single request of a rotation is denied for a whole step: the retry completes it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from simulator import faults
from simulator.choices import Choice
from simulator.exchange import Request
from simulator.faults import Fault
from simulator.vaults import FIRST_TIMESTAMP, Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    NEW_TIMESTAMP,
    audit_rows,
    boots,
    bundles,
    event_for,
    logged_audit_rows,
    numbered_vault,
    payloads,
    rotate,
    succeeded,
    vault_at_noon,
)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass(slots=True)
class OneRequestAndItsRepetitions:
    """Chooses the request with this number in a step, and every repetition of it within the same invocation."""

    step: str
    number: int
    seen: int = 0
    met: tuple[str | None, str, str] | None = None
    chosen: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> bool:
        if request.step != self.step:
            return False
        self.seen += 1
        if self.seen == self.number:
            self.met = (request.invocation, request.action, request.path)
        return (request.invocation, request.action, request.path) == self.met


def assert_rotated_once(vault: Vault, payload_before: dict[str, bytes], where: object) -> None:
    """Complete, and once; a row that could not be appended is on record in the log."""
    assert payloads(vault) == payload_before, where
    assert {(booted.timestamp, booted.gen) for booted in boots(vault).values()} == {(NEW_TIMESTAMP, 1)}, where
    stored = {key for key in vault.objects() if key.endswith(".enc") or "/v=" in key}
    assert stored == {*bundles(vault, FIRST_TIMESTAMP).values(), *bundles(vault, NEW_TIMESTAMP).values()}, where
    assert len(audit_rows(vault)) <= 1, where
    assert audit_rows(vault) or logged_audit_rows(vault), where


@pytest.mark.parametrize("step", STEPS)
def test_a_request_that_is_denied_for_a_whole_step_is_made_good_by_the_retry(
    world: World, passphrase_function: str, step: str
) -> None:
    for number in range(1, 60):
        vault = numbered_vault(world, Layout.BOTH, number)
        before = payloads(vault)
        failing = faults.deny(OneRequestAndItsRepetitions(step, number))
        with world.watched_by(failing):
            succeeded(rotate(vault, passphrase_function))
        assert_rotated_once(vault, before, failing.hits[:1])
        if not failing.hits:
            break
    assert number > 5


@pytest.mark.parametrize("fail", [faults.throttle, faults.deny], ids=["throttled", "denied"])
def test_a_read_of_the_pending_version_that_fails_mints_nothing(
    world: World, passphrase_function: str, fail: Callable[[Choice], Fault]
) -> None:
    """Only the service's own not-found answer means that nothing is pending."""
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    event = event_for(vault, "createSecret", version)
    reads = faults.operation("secretsmanager:GetSecretValue")
    with world.watched_by(fail(reads)), pytest.raises(Exception, match=r"\w"):
        world.invoke(passphrase_function, event)
    assert [request for request in world.requests if request.operation == "PutSecretValue"] == []
