"""Several installations of the functions in one account: each checks what is tagged for it, of both kinds."""

import pytest

from check_vaults.handler import lambda_handler as check_vaults
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.scene import CheckScene
from tests.contract.log_reading import said
from tests.contract.passphrase_rotation import pointers

OURS = "vsync-rotation-1"
DRIFT = ("Vault Drift Detected", "runtime", "pointer-missing")


def drifted(begin: Begin, serves: str, *, passphrase: str | None, key: str | None) -> CheckScene:
    """A vault with something to be told, its two secrets tagged like this, and the function of this installation."""
    scene = begin(Layout.RUNTIME)
    scene.world.deploy("check_vaults", check_vaults, environment={"VSYNC_ROTATION_SERVES": serves})
    for secret, tagged in ((scene.secret, passphrase), (scene.config, key)):
        if tagged is not None:
            secret.tag("served-by", tagged)
    scene.delete(pointers(scene.vault)["runtime"])
    return scene


def test_secrets_of_both_kinds_that_are_tagged_for_this_installation_are_checked(begin: Begin) -> None:
    checked = drifted(begin, OURS, passphrase=OURS, key=OURS).check_all()
    assert (checked.summary["served"], checked.told()) == (2, [DRIFT])


def test_each_secret_counts_by_its_own_tag(begin: Begin) -> None:
    checked = drifted(begin, OURS, passphrase="vsync-rotation-2", key=OURS).check_all()
    assert (checked.summary["served"], checked.told()) == (1, [])
    checked = drifted(begin, OURS, passphrase=OURS, key="vsync-rotation-2").check_all()
    assert (checked.summary["served"], checked.told()) == (1, [DRIFT])


def test_what_is_tagged_for_none_is_left_out_and_that_is_said_once(begin: Begin) -> None:
    scene = drifted(begin, OURS, passphrase=None, key="")
    assert scene.check_all().summary["served"] == 0
    (line,) = said(scene.world, level="WARNING")
    assert (line["count"], line["first"]) == (2, sorted([scene.secret.name, scene.config.name]))


@pytest.mark.parametrize("tagged", [None, "vsync-rotation-2"])
def test_without_a_name_of_its_own_it_checks_every_secret(begin: Begin, tagged: str | None) -> None:
    checked = drifted(begin, "", passphrase=tagged, key=tagged).check_all()
    assert (checked.summary["served"], checked.told()) == (2, [DRIFT])


def test_a_secret_that_is_named_is_checked_whatever_its_tag_says(begin: Begin) -> None:
    assert drifted(begin, OURS, passphrase="vsync-rotation-2", key=OURS).check().told() == [DRIFT]
