"""What a person and a dashboard learn from a check: failures that are no single secret's, and how each secret stands."""

from datetime import timedelta
from typing import Any

import pytest

from check_vaults.handler import lambda_handler as check_vaults
from simulator import faults
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.scene import HOUR, MINUTE, CheckScene
from tests.contract.check.test_check_rotation_health import due
from tests.contract.log_reading import Line, measured, said
from tests.contract.passphrase_rotation import pointers

SHARED = {"service": "check_vaults", "step": "unknown"}


def failure_line(scene: CheckScene) -> Line:
    (line,) = said(scene.world, level="ERROR")
    assert {"secret", "version_id", "step"} <= line.keys()
    return line


def standing(scene: CheckScene) -> Line:
    """The one line that says how the passphrase secret stands."""
    (line,) = said(scene.world, action="secret.checked", secret=scene.secret.name)
    return line


@pytest.mark.parametrize(
    ("order", "error"),
    [({"secret": "acme"}, "ContractError"), ({"secret_id": "acme_web/prod/NOTHING"}, "ContractError")],
)
def test_a_failure_before_a_secret_is_at_work_is_logged_as_ours(
    begin: Begin, order: dict[str, Any], error: str
) -> None:
    scene = begin(Layout.RUNTIME)
    (message,) = (found["message"] for found in scene.checked(order, 0).summary["errors"])
    line = failure_line(scene)
    assert (line["error"], line["retryable"], line["message"]) == (error, False, message)


def test_a_list_that_is_denied_is_logged_as_ours(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    with scene.world.watched_by(faults.deny(faults.operation("ListSecrets"))):
        checked = scene.check_all()
    assert checked.errors() == ["PermissionDeniedError"]
    line = failure_line(scene)
    assert (line["error"], "ListSecrets" in line["message"]) == ("PermissionDeniedError", True)


def test_every_check_says_how_each_secret_stands(begin: Begin) -> None:
    scene = begin(Layout.BOTH)
    rotated_at = f"{scene.world.clock.now() - timedelta(hours=2):%Y-%m-%dT%H:%M}"
    for _ in range(2):
        scene.check_all()
        lines = said(scene.world, action="secret.checked")
        assert {line["secret"]: line["kind"] for line in lines} == {
            scene.secret.name: "vault-passphrase",
            scene.config.name: "iam-access-key",
        }
        line = standing(scene)
        assert (line["gen"], line["drift"], line["rotation"]) == (1, [], [])
        assert line["last_rotated_at"].startswith(rotated_at)
        (key_line,) = (line for line in lines if line["kind"] == "iam-access-key")
        assert not {"last_rotated_at", "gen"} & key_line.keys()  # what is not known is left out of a line


def test_drift_is_counted_when_it_is_new_and_measured_as_long_as_it_lasts(begin: Begin) -> None:
    """An alarm on what is new would be over after one period, whatever the vault is like."""
    scene = begin(Layout.RUNTIME)
    scene.check()
    assert measured(scene.world, "VaultInDrift") == []
    pointer = pointers(scene.vault)["runtime"]
    held = scene.objects()[pointer]
    scene.delete(pointer)
    for new in ([(SHARED, [1.0])], [], []):
        scene.check()
        assert measured(scene.world, "VaultDrift") == new
        assert measured(scene.world, "VaultInDrift") == [(SHARED, [1.0])]
        assert standing(scene)["drift"] == ["runtime: pointer-missing"]
    scene.put(pointer, held)
    scene.check()
    assert measured(scene.world, "VaultInDrift") == []
    assert standing(scene)["drift"] == []


def test_a_rotation_that_is_stuck_or_overdue_is_measured_as_long_as_it_lasts(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    due(scene, "passphrase", hours=1)
    scene.world.begin_rotation(scene.secret.name)
    scene.check(seconds=2 * HOUR)
    for _ in range(2):
        assert measured(scene.world, "RotationStuck") == [(SHARED, [1.0])]
        assert measured(scene.world, "RotationOverdue") == [(SHARED, [1.0])]
        assert standing(scene)["rotation"] == ["overdue", "stuck"]
        scene.check()
    scene.secret.remove_label("AWSPENDING")
    scene.check()
    assert measured(scene.world, "RotationStuck") == []
    assert standing(scene)["next_rotation_at"] is not None


def test_a_rotation_that_a_check_completes_is_on_record_as_finished_once(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    crash = faults.crash_before(faults.operation("UpdateSecretVersionStage"))
    with scene.world.watched_by(crash), pytest.raises(faults.FunctionCrashed):
        scene.world.invoke(
            scene.rotate_function,
            {
                "Step": "finishSecret",
                "SecretId": scene.secret.arn,
                "ClientRequestToken": str(scene.secret.holder("AWSPENDING")),
            },
        )
    scene.check(seconds=HOUR)
    assert measured(scene.world, "RotationFinished") == [(SHARED, [1.0])]
    (line,) = said(scene.world, action="secret.rotate.completed")
    assert (line["gen"], line["prev_gen"], line["actor"]) == (2, 1, "check_vaults")
    scene.check()
    assert measured(scene.world, "RotationFinished") == []


def test_a_promotion_that_is_announced_again_for_its_consumers_is_not_another_rotation(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, **{"consumer:web": "ecs:main/web"})
    scene.check()
    checked = scene.check(seconds=20 * MINUTE)
    assert ("Rotation Finished",) in checked.told()
    assert measured(scene.world, "RotationFinished") == []
    assert said(scene.world, action="secret.rotate.completed") == []


def test_metrics_for_each_secret_are_besides_those_for_all(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.world.deploy("check_vaults", check_vaults, environment={"VSYNC_ROTATION_PER_VAULT_METRICS": "on"})
    scene.delete(pointers(scene.vault)["runtime"])
    scene.check_all()
    apart = SHARED | {"secret": scene.secret.name}
    assert measured(scene.world, "VaultInDrift") == [(SHARED, [1.0]), (apart, [1.0])]
