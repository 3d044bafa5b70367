"""The memory is input as well: whatever stands there, credentials go nowhere else, and a whole look follows."""

import json

import pytest

from simulator.run import FUNCTION
from simulator.vaults import Layout, make_vault
from tests.contract.check.conftest import Begin
from tests.contract.check.damages import LATER
from tests.contract.check.scene import NOBODYS_PASSPHRASE, CheckScene, parameters
from tests.contract.passphrase_rotation import key_of, pointers
from tests.contract.secret_versions import encoded
from tests.contract.test_passphrase_other_stores import elsewhere, make_writer, signed_by_functions

DRIFT = "Vault Drift Detected"


def tampered(scene: CheckScene, **place: str) -> None:
    """Somebody who may write the parameter changes the place in it."""
    members = json.loads(str(scene.parameter()))
    members["seen"]["place"] |= place
    scene.remember(json.dumps(members))


def test_what_is_remembered_is_place_names_times_and_etags(begin: Begin) -> None:
    scene = begin(Layout.BOTH, **{"consumer:web": "ecs:prod/web"}).settled()
    members = json.loads(str(scene.parameter()))
    assert members.keys() == {"seen", "gen", "version_id", "since"}
    assert members["seen"].keys() == {"place", "settings", "labels", "objects", "config"}
    assert members["seen"]["place"].keys() == {"endpoint", "region", "bucket", "prefix", "env", "repo"}
    assert len(str(scene.parameter())) < 4096, "a standard parameter"


@pytest.mark.parametrize("endpoint", ["https://evil.example", "http://evil.example", "ftp://x", "", "https://"])
def test_an_endpoint_in_the_memory_that_is_not_aws_gets_nothing_and_a_whole_look_follows(
    begin: Begin, endpoint: str
) -> None:
    scene = begin(Layout.RUNTIME).settled()
    scene.push(LATER, "lost", NOBODYS_PASSPHRASE)
    tampered(scene, endpoint=endpoint)
    checked = scene.check()
    assert checked.told() == [(DRIFT, "runtime", "opens-with-none")]
    assert {host for host, _ in signed_by_functions(scene.world)} == {"127.0.0.1"}
    assert scene.world.refused_hosts == []


@pytest.mark.parametrize("missing", ["endpoint", "region", "bucket", "prefix", "env"])
def test_a_memory_that_lacks_a_part_of_the_place_counts_as_none(begin: Begin, missing: str) -> None:
    """As after a release that wrote another form."""
    scene = begin(Layout.RUNTIME).settled()
    scene.push(LATER, "lost", NOBODYS_PASSPHRASE)
    members = json.loads(str(scene.parameter()))
    del members["seen"]["place"][missing]
    scene.remember(json.dumps(members))
    assert scene.check().told() == [(DRIFT, "runtime", "opens-with-none")]


def test_a_writer_s_credentials_go_where_the_config_secret_says_whatever_the_memory_says(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    writer = make_writer(scene.world)
    scene.config.set_current(encoded({**dict(scene.vault.blob().fields), "endpoint": elsewhere(scene.world)}))
    scene.tag(writer_secret="store/writer")
    scene.settled()
    tampered(scene, endpoint=scene.world.endpoint_url, bucket="another-bucket", prefix="other/")
    checked = scene.check()
    asked = [request for request in checked.requests if request.service == "s3"]
    assert asked
    assert {(request.host.partition(":")[0], request.principal) for request in asked} == {("localhost", writer)}
    assert all(key_of(request).startswith("acme_web/prod/") for request in asked)


def test_a_vault_elsewhere_costs_its_config_and_writer_secrets_and_heads(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    make_writer(scene.world)
    scene.config.set_current(encoded({**dict(scene.vault.blob().fields), "endpoint": elsewhere(scene.world)}))
    scene.tag(writer_secret="store/writer", heal="on")
    scene.settled()
    checked = scene.check()
    scene.is_well(checked)
    assert set(checked.operations()) == {"DescribeSecret", "GetParameter", "GetSecretValue", "HeadObject"}
    scene.push(LATER, "stale", scene.previous)
    scene.check()
    assert FUNCTION.access_key_id not in {principal for _, principal in signed_by_functions(scene.world)}
    scene.config.set_current(encoded({**dict(scene.vault.blob().fields), "endpoint": scene.world.endpoint_url}))
    assert scene.opens_everywhere()


def test_a_memory_that_names_another_bucket_hides_a_drift_until_anything_else_changes(begin: Begin) -> None:
    """Who may write the memory can keep a drift from being seen, and nothing else: no rotation believes it."""
    scene = begin(Layout.RUNTIME).settled()
    other = make_vault(scene.world, Layout.RUNTIME, repo="other", bucket="other-bucket")
    for key, body in scene.objects().items():
        scene.vault.laptop.s3.put_object(Bucket=other.bucket, Key=key, Body=body)
    scene.push(LATER, "lost", NOBODYS_PASSPHRASE)
    tampered(scene, bucket=other.bucket)
    scene.is_well(scene.check())
    scene.tag(heal="on")
    assert scene.check().told() == [(DRIFT, "runtime", "opens-with-none")]


JUNK = [
    "null", "{", '{"seen":{}}', '{"gen":1e999}', '{"findings":{"a":["b"]}}', '{"pruned_at":"9999-12-31T23:59:59Z"}',
]  # fmt: skip


def test_whatever_stands_in_the_memory_the_vault_is_looked_at(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.delete(pointers(scene.vault)["runtime"])
    for junk in JUNK:
        scene.remember(junk)
        checked = scene.check()
        assert checked.errors() == [], junk
        assert checked.told() == [(DRIFT, "runtime", "pointer-missing")], junk


def test_a_secret_about_which_nothing_is_worth_remembering_has_no_parameter(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.check_all()
    assert list(parameters(scene.world)) == ["/vsync-rotation/checked/acme_web/prod/VSYNC_PASSPHRASE"]
