"""Several installations of the functions in one account: each retires what is tagged for it, and none another's keys."""

import pytest

from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from tests.contract.log_reading import said
from tests.contract.retire.scene import Make, RetireScene
from tests.contract.retire.test_retire_fleet import more_secrets

DUE = {"overlap_hours": "0", "inactive_hours": "0"}
OURS = "vsync-rotation-1"


def installed(scene: RetireScene, serves: str) -> RetireScene:
    """The function as this installation has it."""
    scene.world.deploy(scene.function, retire_iam_access_keys, environment={"VSYNC_ROTATION_SERVES": serves})
    return scene


def test_a_secret_that_is_tagged_for_this_installation_is_served(rotated: Make) -> None:
    scene = installed(rotated(served_by=OURS, **DUE), OURS)
    more_secrets(scene, ["another-s"], **{"served-by": "vsync-rotation-2"})
    assert scene.deactivates(scene.first)["served"] == 1


@pytest.mark.parametrize("tagged", ["vsync-rotation-2", "vsync-rotation-11", "VSYNC-ROTATION-1", "vsync-rotation-1 "])
def test_a_secret_that_is_tagged_for_another_one_is_not(rotated: Make, tagged: str) -> None:
    scene = installed(rotated(served_by=tagged, **DUE), OURS)
    assert scene.is_left_alone(hours=5000) == {"served": 0, "not_reached": 0, "outcomes": [], "errors": []}
    assert said(scene.world, level="WARNING") == []


@pytest.mark.parametrize("tags", [{}, {"served_by": ""}])
def test_a_secret_that_is_tagged_for_none_is_not_and_that_is_said(rotated: Make, tags: dict[str, str]) -> None:
    scene = installed(rotated(**tags, **DUE), OURS)
    assert scene.is_left_alone(hours=5000)["served"] == 0
    (line,) = said(scene.world, level="WARNING")
    assert (line["count"], line["first"]) == (1, [scene.secret.name])


def test_without_a_name_of_its_own_it_serves_every_secret(rotated: Make) -> None:
    scene = installed(rotated(served_by="vsync-rotation-2", **DUE), "")
    more_secrets(scene, ["untagged"])
    assert scene.deactivates(scene.first)["served"] == 2


def test_a_secret_that_is_named_is_served_whatever_its_tag_says(rotated: Make) -> None:
    scene = installed(rotated(served_by="vsync-rotation-2", **DUE), OURS)
    scene.deactivates(scene.first, secret_id=scene.secret.name)


@pytest.mark.parametrize("other", ["vsync-rotation-2", ""])
def test_a_user_that_another_installation_s_secret_names_too_is_refused(rotated: Make, other: str) -> None:
    """Its AWSCURRENT may hold the key that looks superseded from here."""
    scene = installed(rotated(served_by=OURS, **DUE), OURS)
    more_secrets(scene, ["theirs"], **{"iam-user": scene.account.user, "served-by": other})
    summary = scene.is_left_alone(hours=5000)
    assert summary["served"] == 1
    (error,) = summary["errors"]
    assert (error["secret"], error["error"]) == (scene.secret.name, "SettingsError")
    assert "several secrets name the IAM user" in error["message"]
    assert "several secrets name the IAM user" in str(scene.fails(secret_id=scene.secret.name, revoke=True))


@pytest.mark.parametrize(("serves", "told"), [(OURS, {"served_by": OURS}), ("", {})])
def test_an_event_says_which_installation_sends_it_where_there_are_several(
    rotated: Make, serves: str, told: dict[str, str]
) -> None:
    """So that the rules of another one need not tell its people."""
    scene = installed(rotated(served_by=OURS, **DUE), serves)
    scene.deactivates(scene.first)
    (event,) = scene.events("Key Deactivated")
    assert {key: value for key, value in event.items() if key == "served_by"} == told
