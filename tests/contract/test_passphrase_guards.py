"""What the function refuses before it looks at any vault: the guards every rotation passes first."""

import pytest

from simulator.rotation_records import Outcome
from simulator.vaults import FIRST_PASSPHRASE, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    boots,
    event_for,
    operator,
    order,
    picture,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
every_step = pytest.mark.parametrize("step", STEPS)


def refusal(vault: Vault, function: str, event: object) -> str:
    """Invoke a step that must be refused and must change nothing. Returns the error's class name."""
    before, requests = picture(vault), len(vault.world.requests)
    with pytest.raises(Exception, match=r"\w") as raised:
        vault.world.invoke(function, event)
    asked = [request for request in vault.world.requests[requests:] if request.function is not None]
    assert [request.action for request in asked if request.service == "s3"] == []
    assert picture(vault) == before
    assert set(boots(vault)) == {"cli", "runtime"}
    return type(raised.value).__name__


def tag(vault: Vault, name: str, value: str) -> None:
    tags = [{"Key": f"vsync-rotation:{name}", "Value": value}]
    operator("secretsmanager", vault.world).tag_resource(SecretId=vault.passphrase_secret, Tags=tags)


def untag(vault: Vault, name: str) -> None:
    operator("secretsmanager", vault.world).untag_resource(
        SecretId=vault.passphrase_secret, TagKeys=[f"vsync-rotation:{name}"]
    )


@every_step
def test_a_secret_whose_rotation_was_cancelled_is_refused(world: World, passphrase_function: str, step: str) -> None:
    vault = vault_at_noon(world)
    order(vault, passphrase_function)
    version = operator("secretsmanager", world).cancel_rotate_secret(SecretId=vault.passphrase_secret)["VersionId"]
    assert refusal(vault, passphrase_function, event_for(vault, step, version)) == "ContractError"


@every_step
@pytest.mark.parametrize("value", ["on", "true", "incident 4711", "OFF", ""])
def test_a_paused_secret_is_refused(world: World, passphrase_function: str, step: str, value: str) -> None:
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    tag(vault, "paused", value)
    assert refusal(vault, passphrase_function, event_for(vault, step, version)) == "PausedError"


def test_a_rotation_paused_between_two_steps_is_completed_when_the_pause_is_over(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world)

    def pause(step: str, attempt: int) -> None:
        if (step, attempt) == ("testSecret", 1):
            tag(vault, "paused", "yes")
        if (step, attempt) == ("createSecret", 3):
            tag(vault, "paused", "off")

    world.rotation_service.before_step = pause
    record = succeeded(rotate(vault, passphrase_function))
    assert [step.error for step in record.steps if step.error] == ["PausedError", "PausedError"]
    assert {booted.gen for booted in boots(vault).values()} == {1}


@every_step
@pytest.mark.parametrize("kind", ["iam-access-key", "Vault-Passphrase", "vault-passphrase ", "", None])
def test_a_secret_of_another_kind_is_refused(
    world: World, passphrase_function: str, step: str, kind: str | None
) -> None:
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    if kind is None:
        untag(vault, "kind")
    else:
        tag(vault, "kind", kind)
    assert refusal(vault, passphrase_function, event_for(vault, step, version)) == "ContractError"


@pytest.mark.parametrize("step", ["create_secret", "CreateSecret", "rollbackSecret", "", None, 4])
def test_an_unknown_step_is_refused(world: World, passphrase_function: str, step: object) -> None:
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    event = {**event_for(vault, "createSecret", version), "Step": step}
    assert refusal(vault, passphrase_function, event) == "ContractError"


@pytest.mark.parametrize("missing", ["Step", "SecretId", "ClientRequestToken"])
def test_an_event_without_a_field_is_refused(world: World, passphrase_function: str, missing: str) -> None:
    vault = vault_at_noon(world)
    event = event_for(vault, "createSecret", world.begin_rotation(vault.passphrase_secret))
    del event[missing]
    assert refusal(vault, passphrase_function, event) == "ContractError"


@every_step
def test_a_token_the_secret_does_not_know_is_refused(world: World, passphrase_function: str, step: str) -> None:
    vault = vault_at_noon(world)
    world.begin_rotation(vault.passphrase_secret)
    event = event_for(vault, step, "99999999-9999-4999-8999-999999999999")
    assert refusal(vault, passphrase_function, event) == "ContractError"


@every_step
@pytest.mark.parametrize("label", ["AWSPREVIOUS", "mine"])
def test_a_version_that_is_not_awspending_is_refused(
    world: World, passphrase_function: str, step: str, label: str
) -> None:
    vault = vault_at_noon(world)
    sm = operator("secretsmanager", world)
    previous = sm.describe_secret(SecretId=vault.passphrase_secret)["VersionIdsToStages"]
    if label == "AWSPREVIOUS":
        (version,) = previous
        sm.put_secret_value(SecretId=vault.passphrase_secret, SecretString=FIRST_PASSPHRASE)
    else:
        version = sm.put_secret_value(
            SecretId=vault.passphrase_secret, SecretString="a-value-put-by-hand", VersionStages=[label]
        )["VersionId"]
    world.begin_rotation(vault.passphrase_secret)
    assert refusal(vault, passphrase_function, event_for(vault, step, version)) == "ContractError"


@every_step
def test_a_version_that_is_awscurrent_already_is_a_success_that_changes_nothing(
    world: World, passphrase_function: str, step: str
) -> None:
    vault = vault_at_noon(world)
    record = succeeded(rotate(vault, passphrase_function))
    before = picture(vault)
    world.invoke(passphrase_function, event_for(vault, step, record.version_id))
    assert picture(vault) == before


@every_step
def test_a_value_that_no_rotation_made_current_is_left_alone(world: World, passphrase_function: str, step: str) -> None:
    """The first version of a vault never rotated: current, so nothing to do, and nothing missing either."""
    vault = vault_at_noon(world)
    (version,) = operator("secretsmanager", world).describe_secret(SecretId=vault.passphrase_secret)[
        "VersionIdsToStages"
    ]
    world.begin_rotation(vault.passphrase_secret)
    before = picture(vault)
    world.invoke(passphrase_function, event_for(vault, step, version))
    assert picture(vault) == before


@pytest.mark.parametrize("step", ["setSecret", "finishSecret"])
def test_a_step_that_needs_the_pending_value_refuses_when_there_is_none(
    world: World, passphrase_function: str, step: str
) -> None:
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    assert refusal(vault, passphrase_function, event_for(vault, step, version)) == "ContractError"


def test_the_test_only_call_tests_awscurrent_and_changes_nothing(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    before = picture(vault)
    order(vault, passphrase_function, RotateImmediately=False)
    (record,) = world.rotation_service.run()
    succeeded(record)
    assert [step.step for step in record.steps] == ["testSecret"]
    assert picture(vault) == before


def test_the_test_only_call_says_when_awscurrent_does_not_open_the_vault(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world)
    operator("secretsmanager", world).put_secret_value(
        SecretId=vault.passphrase_secret, SecretString="a-passphrase-that-opens-nothing"
    )
    before = picture(vault)
    order(vault, passphrase_function, RotateImmediately=False)
    (record,) = world.rotation_service.run()
    assert (record.outcome, record.error) == (Outcome.FAILED, "WrongPassphraseError")
    assert picture(vault) == before


def test_after_a_refusal_only_the_empty_pending_version_remains_and_the_next_rotation_works(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world, passphrase_tags={"vsync-rotation:paused": "yes"})
    before = picture(vault)
    record = rotate_once(vault, passphrase_function)
    assert picture(vault).without_version(record.version_id) == before
    sm = operator("secretsmanager", world)
    with pytest.raises(sm.exceptions.ResourceNotFoundException):
        sm.get_secret_value(SecretId=vault.passphrase_secret, VersionId=record.version_id)
    untag(vault, "paused")
    with pytest.raises(sm.exceptions.InvalidRequestException, match="A previous rotation isn't complete"):
        order(vault, passphrase_function)
    (again,) = world.rotation_service.run()
    assert (again.version_id, again.outcome) == (record.version_id, Outcome.SUCCEEDED)
    assert {booted.gen for booted in boots(vault).values()} == {1}


def test_a_second_order_while_a_rotation_is_under_way_is_refused_and_harmless(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world)
    refused: list[str] = []

    def order_again(step: str, _attempt: int) -> None:
        if step != "createSecret":
            with pytest.raises(operator("secretsmanager", world).exceptions.InvalidRequestException):
                order(vault, passphrase_function)
            refused.append(step)

    world.rotation_service.before_step = order_again
    succeeded(rotate(vault, passphrase_function))
    assert refused == ["setSecret", "testSecret", "finishSecret"]
    assert {booted.gen for booted in boots(vault).values()} == {1}
    assert len(world.rotation_service.records) == 1
