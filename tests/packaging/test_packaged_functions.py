"""The zips that are deployed, under AWS's own runtime client: a life of a vault, judged by what became of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk import names
from cdk.packaging.interpreter import Interpreter
from simulator.rotation_records import Outcome, RotationRecord
from simulator.vault_bytes import Blob
from simulator.world import World
from tests.packaging.life import Life, environment_of, lived
from tests.packaging.packaged_function import PackagedFunction, Surroundings
from tests.packaging.runtime_supplies import RuntimeSupplies
from tests.packaging.unpacked import Unpacked

BARE = "import boto3\n\n\ndef lambda_handler(event, context):\n    return boto3.__name__\n"
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


@pytest.fixture(scope="module")
def surroundings(
    running_world: World,
    interpreter: Interpreter,
    supplies: RuntimeSupplies,
    tmp_path_factory: pytest.TempPathFactory,
) -> Surroundings:
    logs = tmp_path_factory.mktemp("logs")
    return Surroundings(interpreter, supplies, environment_of(running_world), logs)


@pytest.fixture(scope="module")
def life(running_world: World, unpacked: Unpacked, surroundings: Surroundings) -> Life:
    """Lived once for all tests here."""
    return lived(running_world, unpacked, surroundings)


def _went_well(record: RotationRecord) -> None:
    assert [(step.step, step.error, step.message) for step in record.steps] == [(step, None, None) for step in STEPS]
    assert record.outcome is Outcome.SUCCEEDED


def test_an_access_key_rotates(life: Life) -> None:
    _went_well(life.key)
    before, after = (Blob.decode(values[0]).fields for values in (life.values_before, life.values_after))
    assert after["accessKeyId"] in life.keys[1].keys() - life.keys[0].keys()
    assert {name for name, value in before.items() if value != after[name]} == {"accessKeyId", "secretAccessKey"}


def test_a_passphrase_rotates(life: Life) -> None:
    _went_well(life.passphrase)
    assert life.values_after[1] != life.values_before[1]
    assert life.booted.gen == life.first.gen + 1


def test_an_application_boots_from_the_new_pair_to_what_it_had(life: Life) -> None:
    assert life.booted.timestamp > life.first.timestamp
    assert life.booted.payload == life.first.payload
    assert life.booted.values


def test_consumers_are_told_which_version_to_take_up(life: Life) -> None:
    assert life.restarted["restarted"] == ["web"]
    assert [json.loads(message)["version_id"] for message in life.told] == [life.key.version_id]


def test_the_superseded_key_is_deactivated_and_the_new_one_is_not(life: Life) -> None:
    (superseded,) = life.keys[0]
    (made,) = life.keys[1].keys() - life.keys[0].keys()
    assert life.keys[1] == {superseded: "Inactive", made: "Active"}
    assert [outcome["action"] for outcome in life.retired["outcomes"]] == ["deactivated"]


def test_drift_is_noticed(life: Life) -> None:
    (drift,) = [event.detail for event in life.events if event.detail_type == "Vault Drift Detected"]
    assert (drift["layout"], drift["reason"]) == ("runtime", "opens-with-previous")
    assert [outcome["action"] for outcome in life.checked["outcomes"]] == ["drift"]


def test_each_function_announces_its_work(life: Life) -> None:
    assert [event.detail_type for event in life.events] == [
        "Rotation Finished",
        "Rotation Finished",
        "Consumers Restarted",
        "Key Deactivated",
        "Vault Drift Detected",
    ]


def test_a_refusal_is_reported_by_its_class(life: Life) -> None:
    assert life.refused == "ContractError"


def test_every_step_is_logged_as_json_for_the_function_that_ran(life: Life) -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in life.log_lines if line.startswith("{")]
    done = [(line["service"], line["step"]) for line in lines if line.get("message") == "step done"]
    assert done == [(function, step) for function in (names.ROTATE_KEY, names.ROTATE_PASSPHRASE) for step in STEPS]


def test_no_secret_leaves_and_nobody_else_is_asked(life: Life) -> None:
    assert (life.leaks, life.strangers) == ([], [])


def test_every_function_ran_and_nothing_was_compiled(life: Life) -> None:
    """Python writes what it compiles where it can; what is packaged was there, and was taken as it was."""
    assert life.cold_starts.keys() == set(names.FUNCTIONS)
    assert life.changed == set()


def test_a_cold_start_is_measured_against_a_handler_that_only_imports_the_sdk(
    life: Life,
    unpacked: Unpacked,
    surroundings: Surroundings,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Recorded, not judged: here is one start of each on a busy machine."""
    (tmp_path / "bare.py").write_text(BARE)
    handler = ("bare", "bare.lambda_handler", tmp_path, unpacked.imported_from_layer)
    with PackagedFunction(*handler, surroundings) as function:
        bare = function.started()
    for name, own in life.cold_starts.items():
        assert own.wall_seconds > 0
        if own.cpu_seconds is not None and bare.cpu_seconds is not None:
            record_property(f"cold_start_ratio_{name}", round(own.cpu_seconds / bare.cpu_seconds, 2))
            print(
                f"{name}: {own.cpu_seconds:.3f} s of CPU until it asks, against {bare.cpu_seconds:.3f} s of the SDK's"
            )
