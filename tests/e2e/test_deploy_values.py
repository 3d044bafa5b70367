"""Values that will be missing are seen to before anybody is asked, and what is given is read once."""

import json
import os
from threading import Thread

import pytest

from simulator import faults
from simulator.world import World
from tests.e2e.deploy_scenes import Scene, new_scene
from tests.e2e.operators import Operator, Person

HALFWAY = "what survives is deployed; functions and schedules are not; run the same again to go on"


@pytest.fixture
def scene(operator: Operator, world: World) -> Scene:
    return new_scene(operator, world)


def refused_at_once(scene: Scene, *options: str, given: bytes | None = None) -> str:
    """What is wrong, once it is sure that nothing was built."""
    before = scene.operator.writes()
    ran = scene.deploy("--yes", *options, given=given)
    assert (ran.status, scene.checkout.ran) == (2, [])
    assert scene.operator.writes() == before
    assert ran.err.endswith("vsync-rotation deploy: nothing was deployed\n")
    return ran.err


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_file_that_is_not_there_is_told_at_once(scene: Scene, options: tuple[str, ...]) -> None:
    assert "the values cannot be read from" in refused_at_once(scene, "--from", "/nonexistent", *options)


def test_values_of_a_wrong_form_are_told_at_once(scene: Scene) -> None:
    wrong = json.dumps({"acme_web/prod": {"config": "nonsense", "passphrase": ""}})
    line = refused_at_once(scene, "--from", scene.operator.values(wrong))
    assert "acme_web/prod, config: this is neither a blob" in line
    assert "acme_web/prod, passphrase: it is empty" in line
    assert "neither a blob" in refused_at_once(scene, "--from", "-", given=wrong.encode())


def test_a_value_that_is_not_given_is_told_at_once(scene: Scene) -> None:
    some = json.dumps({"acme_web/prod": {"config": scene.location}})
    line = refused_at_once(scene, "--from", scene.operator.values(some))
    assert "acme_web/prod: secret acme_web/prod/VSYNC_PASSPHRASE has no value, and none is given as passphrase" in line


@pytest.mark.parametrize("given", [None, b""])
def test_with_nobody_to_ask_values_must_be_given(scene: Scene, given: bytes | None) -> None:
    line = refused_at_once(scene, given=given)
    assert "acme_web/prod: secret acme_web/prod/VSYNC_CONFIG has no value yet" in line
    assert "there is no terminal to ask at; give missing values with --from FILE" in line


def test_a_secret_that_a_stack_has_made_may_still_be_without_a_value(scene: Scene) -> None:
    assert scene.deploy(given=Person(seen=("y",))).status != 0
    assert scene.operator.labels(scene.vault.config_secret) == {}
    assert "secret acme_web/prod/VSYNC_CONFIG has no value yet" in refused_at_once(scene)


def test_nobody_is_needed_where_every_secret_has_a_value(scene: Scene) -> None:
    scene.deployed()
    assert scene.deploy("--yes").status == 0


def test_what_comes_by_standard_input_is_read_once_and_stored(scene: Scene) -> None:
    document = json.dumps({"acme_web/prod": {"config": json.loads(scene.location), "passphrase": scene.passphrase}})
    ran = scene.deploy("--yes", "--from", "-", given=document.encode())
    assert (ran.status, ran.err) == (0, "")
    assert scene.vault.boot().values["GREETING"] == "hello"


def test_what_comes_through_a_pipe_is_read_once_and_stored(scene: Scene) -> None:
    """As a shell hands over the output of another program: `--from <(decrypt ...)`, here more than a pipe holds."""
    end, start = os.pipe()
    document = {"acme_web/prod": {"config": json.loads(scene.location), "passphrase": scene.passphrase}}
    text = json.dumps(document).replace(", ", "," + 100_000 * " ")

    def write() -> None:
        with os.fdopen(start, "w") as pipe:
            pipe.write(text)

    Thread(target=write).start()
    ran = scene.deploy("--yes", "--from", f"/dev/fd/{end}")
    os.close(end)
    assert (ran.status, ran.err) == (0, "")
    assert scene.vault.boot().values["GREETING"] == "hello"


def test_a_run_that_values_end_says_what_stands(scene: Scene) -> None:
    ran = scene.deploy(given=Person(seen=("y", "n"), unseen=(scene.location, scene.passphrase)))
    assert (ran.status, len(scene.deployments)) == (1, 1)
    assert ran.out.endswith(f"nothing was written\n{HALFWAY}\n")
    with scene.world.watched_by(faults.deny(faults.operation("secretsmanager:PutSecretValue"))):
        ran = scene.deploy("--yes", "--from", scene.values())
    assert ran.status == 1
    assert ran.err.endswith(f"vsync-rotation deploy: {HALFWAY}\n")


def test_functions_that_were_there_before_are_as_before(scene: Scene) -> None:
    scene.deployed()
    scene.world.client("secretsmanager").delete_secret(
        SecretId=scene.vault.passphrase_secret, ForceDeleteWithoutRecovery=True
    )
    scene.world.client("secretsmanager").create_secret(Name=scene.vault.passphrase_secret)
    ran = scene.deploy(given=Person(seen=("y", "n"), unseen=(scene.passphrase,)))
    assert ran.status == 1
    assert "functions and schedules are as before; run the same again to go on" in ran.out
