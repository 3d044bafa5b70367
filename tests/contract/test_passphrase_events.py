"""What a rotation announces, and that announcing never stands in its way; and the handler without a context."""

import json
from dataclasses import dataclass, field

import pytest

from rotate_vault_passphrase.handler import lambda_handler
from simulator import faults
from simulator.exchange import Answer, Request
from simulator.world import World
from tests.contract.passphrase_rotation import (
    boots,
    event_for,
    logged,
    moving_the_label,
    operator,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

PUT_EVENTS = faults.operation("events:PutEvents")


@dataclass(slots=True)
class TheBusTakesNothing:
    """PutEvents answers 200 and says in its body that the entry failed; an observer."""

    hits: list[Request] = field(default_factory=list)

    def before(self, request: Request) -> Answer | None:
        if not PUT_EVENTS(request):
            return None
        self.hits.append(request)
        entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}
        body = json.dumps({"FailedEntryCount": 1, "Entries": [entry]}).encode()
        return Answer(200, {"Content-Type": "application/x-amz-json-1.1"}, body)

    def after(self, request: Request) -> None: ...


def alarming_lines(world: World, record_version: str) -> list[str]:
    lines = [line for line in world.log_lines if record_version in line]
    return [line for line in lines if json.loads(line).get("level") in {"WARNING", "ERROR"} and "event" in line.lower()]


@pytest.mark.parametrize(
    "fail", [faults.deny, faults.throttle, faults.fail_inside, faults.lose_request, faults.lose_answer]
)
def test_a_bus_that_cannot_be_reached_fails_no_step(world: World, passphrase_function: str, fail: object) -> None:
    vault = vault_at_noon(world)
    assert callable(fail)
    failing = fail(PUT_EVENTS)
    with world.watched_by(failing):
        record = succeeded(rotate_once(vault, passphrase_function))
    assert failing.hits
    assert alarming_lines(world, record.version_id)
    assert {booted.gen for booted in boots(vault).values()} == {1}


def test_an_entry_the_bus_did_not_take_is_logged_and_fails_no_step(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    bus = TheBusTakesNothing()
    with world.watched_by(bus):
        record = succeeded(rotate_once(vault, passphrase_function))
    assert bus.hits
    assert world.events == []
    assert alarming_lines(world, record.version_id)


def test_a_bus_that_cannot_be_reached_does_not_hide_why_a_step_failed(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    operator("secretsmanager", world).put_secret_value(
        SecretId=vault.passphrase_secret, SecretString="a-passphrase-that-opens-nothing"
    )
    with world.watched_by(faults.deny(PUT_EVENTS)):
        record = rotate_once(vault, passphrase_function)
    assert record.error == "WrongPassphraseError"


def test_a_failed_step_is_announced_with_the_exact_facts(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    operator("secretsmanager", world).put_secret_value(
        SecretId=vault.passphrase_secret, SecretString="a-passphrase-that-opens-nothing"
    )
    record = rotate_once(vault, passphrase_function)
    (event,) = world.events
    assert (event.source, event.detail_type, event.bus) == ("vsync.rotation", "Rotation Step Failed", "default")
    assert event.detail == {
        "secret_arn": record.secret_arn,
        "secret_name": "acme_web/prod/VSYNC_PASSPHRASE",
        "kind": "vault-passphrase",
        "repo": "acme_web",
        "env": "prod",
        "at": "2026-03-01T12:00:00Z",
        "version_id": record.version_id,
        "step": "setSecret",
        "error": "WrongPassphraseError",
        "message": record.message,
        "retryable": False,
    }


def test_a_message_names_secret_version_step_what_is_safe_and_what_to_do(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world, passphrase_tags={"vsync-rotation:paused": "yes"})
    record = rotate_once(vault, passphrase_function)
    message = str(record.message)
    assert "acme_web/prod/VSYNC_PASSPHRASE" in message
    assert record.version_id in message
    assert "createSecret" in message
    assert "safe" in message.lower()
    assert "vsync-rotation:paused" in message


def test_a_failure_that_passes_is_announced_as_retryable(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    store = faults.both(faults.in_step("setSecret"), lambda request: request.service == "s3")
    with world.watched_by(faults.deny(store)):
        record = rotate_once(vault, passphrase_function)
    (event,) = world.events
    assert (record.error, event.detail["retryable"]) == ("PermissionDeniedError", True)


def test_every_failed_attempt_is_announced_and_then_the_success(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    attempts: list[int] = []
    world.rotation_service.before_step = lambda _step, attempt: attempts.append(attempt)
    denied = faults.deny(lambda request: moving_the_label(request) and attempts[-1] <= 2)
    with world.watched_by(denied):
        succeeded(rotate(vault, passphrase_function))
    types = [event.detail_type for event in world.events]
    assert types == ["Rotation Step Failed", "Rotation Step Failed", "Rotation Finished"]
    assert world.events[-1].detail["gen"] == 1
    assert type(world.events[-1].detail["race_window_ms"]) is int


def test_the_race_window_is_the_time_between_swap_and_move(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    with world.watched_by(faults.meanwhile(moving_the_label, lambda: world.clock.advance(0.25))):
        succeeded(rotate_once(vault, passphrase_function))
    assert world.events[-1].detail["race_window_ms"] in {250, 251}


def test_every_line_names_secret_version_and_step(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    record = succeeded(rotate_once(vault, passphrase_function))
    lines = [line for line in logged(vault) if "message" in line]
    assert lines
    assert {(line["secret"], line["version_id"]) for line in lines} == {(vault.passphrase_secret, record.version_id)}
    assert {line["step"] for line in lines} == {"createSecret", "setSecret", "testSecret", "finishSecret"}


def test_the_handler_works_without_a_context(
    world: World, passphrase_function: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        lambda_handler(event_for(vault, step, version), None)
    assert {booted.gen for booted in boots(vault).values()} == {1}
    written = "".join(capsys.readouterr())
    assert world.secrets.find("standard output", written) == []
