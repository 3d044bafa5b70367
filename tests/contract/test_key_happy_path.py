"""An IAM access key is rotated: what changes, what does not, and what is on record afterwards."""

import json
import re
from typing import Any, Final

import pytest

from rotate_iam_access_key.handler import lambda_handler
from simulator.application import boot
from simulator.doors import Incoming
from simulator.exchange import Answer
from simulator.server import server
from simulator.vaults import FIRST_PASSPHRASE, Layout
from simulator.world import World
from tests.contract.key_scene import actions, key_scene, log_records, step_of
from tests.contract.log_reading import measured
from tests.contract.secret_versions import blob_of, blob_text, fields_as_spelt, without_credentials

ISO_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UNKNOWN_FIELDS: Final = (
    '"note":"caf\\u00e9 & é","ratio":1e3,"weight":1.50,"serial":12345678901234567890,'
    '"tags":[1.0,null,true,{"b":2,"a":1}],"accessKeyIdOfBackup":"none","nothing":null'
)


def _odd_spelling(config: str) -> str:
    """The same blob with fields nobody knows, before and after the known ones."""
    text = blob_text(config)
    return blob_of('{"first":0.10,' + text[1:-1] + "," + UNKNOWN_FIELDS + "}")


@pytest.mark.parametrize("layout", list(Layout))
def test_a_rotation_changes_only_the_two_credential_fields(world: World, key_function: str, layout: Layout) -> None:
    scene = key_scene(world, key_function, layout)
    odd = _odd_spelling(scene.first_config)
    scene.secret.set_current(odd)
    scene.rotated()
    before, after = fields_as_spelt(blob_text(odd)), fields_as_spelt(blob_text(scene.secret.value()))
    assert [name for name, _ in after] == [name for name, _ in before]
    assert without_credentials(after) == without_credentials(before)
    assert dict(after)["accessKeyId"] != dict(before)["accessKeyId"]
    assert dict(after)["secretAccessKey"] != dict(before)["secretAccessKey"]
    assert scene.secret.value() == scene.secret.value().strip()


@pytest.mark.parametrize("layout", list(Layout))
def test_both_keys_open_the_vault_and_its_objects_are_untouched(
    world: World, key_function: str, layout: Layout
) -> None:
    scene = key_scene(world, key_function, layout)
    objects, booted = scene.vault.objects(), scene.vault.boot()
    world.enforce_iam()
    scene.rotated()
    assert scene.vault.objects() == objects
    assert scene.vault.boot() == booted
    if layout is not Layout.CLI:
        assert boot(scene.first_config, FIRST_PASSPHRASE) == booted


def test_labels_keys_and_tags_are_exactly_those_of_a_finished_rotation(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    first_version = scene.secret.holder("AWSCURRENT")
    record = scene.rotated()
    labels = scene.secret.labels()
    assert labels.keys() == {first_version, record.version_id}
    assert labels[str(first_version)] == ["AWSPREVIOUS"]
    assert labels[record.version_id] in (["AWSCURRENT"], ["AWSCURRENT", "AWSPENDING"])
    scene.ended_well()
    assert ISO_UTC.fullmatch(scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first_key}"])


def test_the_event_tells_who_what_and_when(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    first_version = scene.secret.holder("AWSCURRENT")
    record = scene.rotated()
    (event,) = [event for event in world.events if event.source == "vsync.rotation"]
    assert (event.detail_type, event.bus) == ("Rotation Finished", "default")
    assert ISO_UTC.fullmatch(str(event.detail.pop("at")))
    assert event.detail == {
        "secret_arn": scene.secret.arn,
        "secret_name": "acme_web/prod/VSYNC_CONFIG",
        "kind": "iam-access-key",
        "repo": "acme_web",
        "env": "prod",
        "version_id": record.version_id,
        "previous_version_id": first_version,
        "iam_user": scene.account.user,
        "access_key_id": scene.key_in(),
        "superseded_access_key_id": scene.first_key,
    }


def test_the_audit_entry_is_one_log_line(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    record = scene.rotated()
    entries = [line for line in log_records(world.log_lines) if line.get("action") == "secret.rotate.completed"]
    (entry,) = entries
    assert entry["iam_user"] == scene.account.user
    assert entry["method"] == "programmatic"
    assert entry["actor"]
    assert {scene.first_key, scene.key_in()} <= {value for value in entry.values() if isinstance(value, str)}
    assert entry["version_id"] == record.version_id
    assert entry["step"] == "finishSecret"
    shared = {"service": "rotate_iam_access_key", "step": "finishSecret"}
    assert measured(world, "RotationFinished") == [(shared, [1.0])]


def test_every_log_line_names_secret_version_and_step(world: World, key_function: str) -> None:
    record = key_scene(world, key_function).rotated()
    for step in record.steps:
        for line in log_records(step.output):
            if "_aws" not in line:  # metrics have a shape of their own
                assert (line["step"], line["version_id"]) == (step.step, record.version_id)
                assert line["secret"]


def test_set_secret_only_looks_at_the_secret(world: World, key_function: str) -> None:
    record = key_scene(world, key_function).rotated()
    assert {action.split(":")[0] for action in actions(step_of(record, "setSecret"))} == {"secretsmanager"}
    assert "secretsmanager:PutSecretValue" not in actions(step_of(record, "setSecret"))


def test_the_vault_is_read_in_test_secret_only_and_written_never(world: World, key_function: str) -> None:
    record = key_scene(world, key_function, Layout.BOTH).rotated()
    for step in record.steps:
        of_s3 = {request.operation for request in step.requests if request.service == "s3"}
        assert of_s3 == ({"HeadObject"} if step.step == "testSecret" else set())


def test_a_role_that_may_read_no_passphrase_is_enough(world: World) -> None:
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    passphrases = {
        "Effect": "Deny",
        "Action": "secretsmanager:*",
        "Resource": "arn:aws:secretsmanager:*:*:*PASSPHRASE*",
    }
    policy = {"Version": "2012-10-17", "Statement": [allowed, passphrases]}
    scene = key_scene(world, world.deploy("rotate_key_elsewhere", lambda_handler, policies=(policy,)))
    world.enforce_iam()
    scene.rotated()
    assert world.gate.denied == []


def test_the_rotation_token_goes_into_put_secret_value_and_nowhere_else(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    world.rotation_service.send_rotation_tokens = True
    version_id = scene.order()
    token, seen = world.rotation_service.tokens.of(version_id), list[str]()

    def watch(incoming: Incoming) -> Answer | None:
        if token in f"{incoming.raw_path}?{incoming.query_string} {incoming.headers} {incoming.body!r}":
            seen.append(incoming.headers.get("x-amz-target", incoming.service))
        return None

    server().doors.append(watch)
    world.secrets.add(token)  # the leak check of the fixture looks for it in logs, events and errors
    scene.run()
    scene.ended_well()
    assert seen == ["secretsmanager.PutSecretValue"]


def test_without_a_context_a_default_deadline_holds(world: World) -> None:
    def without_context(event: Any, context: Any) -> Any:
        return lambda_handler(event, None)

    scene = key_scene(world, world.deploy("without_context", without_context))
    scene.rotated()
    scene.ended_well()


@pytest.mark.parametrize("indent", [pytest.param(None, id="compact"), pytest.param(4, id="pretty-printed")])
def test_the_first_key_is_made_from_a_location(world: World, key_function: str, indent: int | None) -> None:
    scene = key_scene(world, key_function)
    scene.account.delete_key(scene.first_key)
    location = json.dumps({**json.loads(scene.location()), "extra": {"kept": [1, 2]}}, indent=indent)
    location = location + "\n" if indent else location
    scene.secret.set_current(location)
    scene.rotated()
    minted = fields_as_spelt(blob_text(scene.secret.value()))
    assert without_credentials(minted) == fields_as_spelt(location)
    assert scene.account.statuses() == {scene.key_in(): "Active"}
    assert scene.account.tags().keys() <= {
        f"vsync-rotation:{mark}:{scene.key_in()}" for mark in ("made", "promoted-at")
    }
    assert scene.secret.value("AWSPREVIOUS") == location
    scene.vault.boot()
    (finished,) = scene.events("Rotation Finished")
    assert (finished["access_key_id"], finished["superseded_access_key_id"]) == (scene.key_in(), None)
