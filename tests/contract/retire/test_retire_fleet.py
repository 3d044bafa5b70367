"""Many secrets in one run: all pages of them, a bad one among them, and too little time for all."""

import json

from moto.secretsmanager.models import secretsmanager_backends

from simulator import faults
from simulator.world import ACCOUNT_ID
from tests.contract.retire.scene import Make, RetireScene
from tests.contract.retire.tripwire import Deed

DUE = {"overlap_hours": "0", "inactive_hours": "0"}
PAIR = json.dumps({"AWS_ACCESS_KEY_ID": "AKIA0000000000000001", "AWS_SECRET_ACCESS_KEY": "x" * 40})


def more_secrets(scene: RetireScene, names: list[str], **tags: str) -> None:
    """Made beside the API: each over it would cost as much as a request of the function."""
    backend = secretsmanager_backends[ACCOUNT_ID][scene.world.region]
    for name in names:
        described = {"kind": "iam-access-key", "iam-user": f"nobody-{name}"} | tags
        backend.create_secret(
            name=f"acme/{name}/PAIR",
            secret_string=PAIR,
            secret_binary=None,
            description=None,
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
            tags=[{"Key": f"vsync-rotation:{key}", "Value": value} for key, value in described.items()],
        )


def operations(scene: RetireScene) -> list[str]:
    return [request.operation for request in scene.world.functions.invocations[-1].requests]


def test_secrets_of_every_page_are_served(rotated: Make) -> None:
    """The one that is due comes on the first page of three; the others are paused, which costs no request."""
    scene = rotated(**DUE)
    more_secrets(scene, [f"service-{number:03}" for number in range(250)], paused="on")
    summary = scene.deactivates(scene.first)
    assert (summary["served"], summary["not_reached"], summary["errors"]) == (251, 0, [])
    assert len({outcome["secret"] for outcome in summary["outcomes"]}) == 251
    assert operations(scene).count("ListSecrets") == 3


def test_one_bad_secret_of_many_never_stops_the_others(rotated: Make) -> None:
    scene = rotated(**DUE)
    more_secrets(scene, ["no-user", "also-no-user"])
    more_secrets(scene, ["malformed"], **{"overlap-hours": "a day"})
    more_secrets(scene, ["nameless"], **{"iam-user": ""})
    summary = scene.deactivates(scene.first)
    assert summary["served"] == 5
    assert {error["secret"] for error in summary["errors"]} == {
        f"acme/{name}/PAIR" for name in ("no-user", "also-no-user", "malformed", "nameless")
    }
    assert {error["error"] for error in summary["errors"]} == {"SettingsError"}


def test_a_secret_that_the_function_may_not_read_stops_no_other(rotated: Make) -> None:
    """Whichever comes first meets the denial; after one more run both have had theirs."""
    scene = rotated(**DUE)
    more_secrets(scene, ["closed"])
    scene.tripwire.allow(Deed.DEACTIVATED, scene.first)
    with scene.world.watched_by(faults.deny(faults.nth(1, faults.operation("GetSecretValue")))):
        summary = scene.run()
    assert summary["served"] == 2
    assert "PermissionDeniedError" in {error["error"] for error in summary["errors"]}
    scene.run()
    assert scene.statuses()[scene.first] == "Inactive"


def test_without_the_list_of_secrets_nothing_is_done(rotated: Make) -> None:
    scene = rotated(**DUE)
    with scene.world.watched_by(faults.deny(faults.operation("ListSecrets"))):
        error = scene.fails()
    assert type(error).__name__ == "PermissionDeniedError"
    assert scene.writes() == []


def test_when_time_runs_out_the_rest_is_left_and_gets_its_turn_in_later_runs(rotated: Make) -> None:
    scene = rotated(**DUE)
    more_secrets(scene, ["a", "b", "c", "d"])
    slow = faults.meanwhile(faults.operation("DescribeSecret"), lambda: scene.world.clock.advance(60))
    served_first = set()
    scene.tripwire.allow(Deed.DEACTIVATED, scene.first)
    scene.tripwire.allow(Deed.DELETED, scene.first)
    with scene.world.watched_by(slow):
        for _ in range(8):
            summary = scene.world.invoke(scene.function, {}, remaining_ms=100_000)
            assert summary["served"] + summary["not_reached"] == 5
            assert summary["not_reached"] > 0
            served_first.add((summary["errors"] or summary["outcomes"])[0]["secret"])
            scene.after(1)
    assert len(served_first) > 2
    assert any("time is over" in line for line in scene.world.log_lines)


def test_one_secret_may_be_named_by_its_arn(rotated: Make) -> None:
    scene = rotated(**DUE)
    more_secrets(scene, ["no-user"])
    summary = scene.deactivates(scene.first, secret_id=scene.secret.arn)
    assert (summary["served"], summary["errors"]) == (1, [])
