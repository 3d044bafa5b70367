"""The health gate: consumers are asked until they show the new credentials; while it is open the old key stays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from simulator import faults
from simulator.functions import FunctionCrashed
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.scene import HOUR, MINUTE, Checked, CheckScene
from tests.contract.iam_account import IamAccount
from tests.contract.passphrase_rotation import event_for
from tests.contract.secret_versions import SecretVersions
from tests.unit.web.authority import Authority
from tests.unit.web.endpoint import Endpoint, serving
from vsync_rotation.aws.clock import SystemClock
from vsync_rotation.consumers import HealthUrl
from vsync_rotation.gates import Health, HealthAnswer, NoAnswer
from vsync_rotation.web.health import HealthEndpoints

STRAGGLING = "Consumer Straggling"


@dataclass
class Consumers:
    """What each consumer answers, by the first part of its host's name; who is not named does not answer."""

    answers: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def ask(self, url: HealthUrl) -> Health:
        self.asked.append(url.name)
        name = url.host.partition(".")[0]
        return HealthAnswer.of(*self.answers[name]) if name in self.answers else NoAnswer.UNREACHABLE

    def now_asked(self) -> list[str]:
        asked, self.asked[:] = list(self.asked), []
        return asked


@pytest.fixture
def consumers(monkeypatch: pytest.MonkeyPatch) -> Consumers:
    """In place of the network."""
    found = Consumers()
    monkeypatch.setattr("check_vaults.handler._probe", lambda: found)
    return found


def subject(scene: CheckScene, kind: str) -> SecretVersions:
    return scene.secret if kind == "passphrase" else scene.config


def check(scene: CheckScene, kind: str, seconds: float = 15 * MINUTE) -> Checked:
    return scene.checked({"secret_id": subject(scene, kind).name}, seconds)


def rotate_key(scene: CheckScene) -> None:
    arn = scene.world.deploy("rotate_iam_access_key", rotate_iam_access_key)
    scene.config.manager.rotate_secret(SecretId=scene.config.name, RotationLambdaARN=arn)
    (record,) = scene.world.rotation_service.run()
    assert record.error is None


def declared(begin: Begin, kind: str, *names: str) -> CheckScene:
    """Rotated a moment ago, with these consumers' health declared."""
    scene = begin(Layout.RUNTIME)
    for name in names:
        subject(scene, kind).tag(f"health:{name}", f"https://{name}.example/health")
    if kind == "key":
        rotate_key(scene)
    else:
        scene.rotated()
    return scene


# What a consumer says with the superseded credentials, and with the new ones: the vault's second rotation is gen 2.
ANSWERS: Mapping[str, tuple[tuple[str, int | None], tuple[str, int | None]]] = {
    "passphrase": (("fresh", 1), ("stale", 2)),
    "key": (("stale", 9), ("fresh", None)),
}
both_kinds = pytest.mark.parametrize("kind", ["passphrase", "key"])


@both_kinds
def test_a_consumer_is_asked_until_it_shows_the_new_credentials_and_then_no_more(
    begin: Begin, consumers: Consumers, kind: str
) -> None:
    before, after = ANSWERS[kind]
    scene = declared(begin, kind, "web", "worker")
    consumers.answers.update(web=before, worker=after)
    check(scene, kind, 16 * MINUTE)  # a passphrase's gen counts when finishSecret can no longer be at work
    assert consumers.now_asked() == ["web", "worker"]
    check(scene, kind, 5 * MINUTE)
    assert consumers.now_asked() == ["web"]
    consumers.answers.update(web=after, worker=before)
    check(scene, kind, MINUTE)
    assert consumers.now_asked() == ["web"]
    checked = check(scene, kind)
    assert (consumers.now_asked(), checked.told()) == ([], [])
    scene.is_well(checked)


@both_kinds
def test_a_straggler_is_named_once_a_quarter_of_an_hour_after_the_promotion_was_seen(
    begin: Begin, consumers: Consumers, kind: str
) -> None:
    before, after = ANSWERS[kind]
    scene = declared(begin, kind, "web", "worker", "silent")
    consumers.answers.update(web=before, worker=after)
    assert check(scene, kind, MINUTE).told() == []
    assert check(scene, kind, 14 * MINUTE).told() == []
    checked = check(scene, kind, MINUTE)
    assert checked.told() == [(STRAGGLING, "silent"), (STRAGGLING, "web")]
    silent, web = (detail for _, detail in checked.details)
    assert (silent["status"], silent["gen"]) == (None, None)
    assert (web["status"], web["gen"]) == before
    assert web["version_id"] == subject(scene, kind).holder("AWSCURRENT")
    assert checked.actions() == [("straggling", "silent"), ("straggling", "web")]
    assert check(scene, kind).told() == []


def test_another_rotation_opens_the_gate_again(begin: Begin, consumers: Consumers) -> None:
    scene = declared(begin, "passphrase", "web")
    consumers.answers.update(web=("fresh", 2))
    check(scene, "passphrase")
    consumers.now_asked()
    scene.rotated()
    check(scene, "passphrase")
    check(scene, "passphrase")
    assert consumers.now_asked() == ["web", "web"]
    consumers.answers.update(web=("fresh", 3))
    check(scene, "passphrase")
    check(scene, "passphrase")
    assert consumers.now_asked() == ["web"]


def test_a_gen_that_was_not_raised_yet_lets_nobody_through(begin: Begin, consumers: Consumers) -> None:
    """finishSecret died behind the label: the cells still show the gen that an application with the old value shows."""
    scene = begin(Layout.RUNTIME, **{"health:web": "https://web.example/health"}).settled()
    consumers.answers.update(web=("fresh", 1))
    version = scene.staged()
    moving = faults.crash_after(faults.operation("UpdateSecretVersionStage"))
    with scene.world.watched_by(moving), pytest.raises(FunctionCrashed):
        scene.world.invoke(scene.rotate_function, event_for(scene.vault, "finishSecret", version))
    check(scene, "passphrase", MINUTE)
    check(scene, "passphrase", 20 * MINUTE)
    consumers.now_asked()
    check(scene, "passphrase")
    assert consumers.now_asked() == ["web"], "it still runs on the superseded passphrase"
    consumers.answers.update(web=("fresh", 2))
    check(scene, "passphrase")
    consumers.now_asked()
    check(scene, "passphrase")
    assert consumers.now_asked() == []


def test_a_value_that_no_rotation_brought_asks_nobody(begin: Begin, consumers: Consumers) -> None:
    scene = begin(Layout.RUNTIME, rotations=0, **{"health:web": "https://web.example/health"})
    for _ in range(2):
        scene.is_well(scene.check())
    assert consumers.now_asked() == []


def test_without_time_nobody_is_asked_and_the_next_check_asks(begin: Begin, consumers: Consumers) -> None:
    scene = declared(begin, "key", "web")
    scene.world.invoke(scene.check_function, {"secret_id": scene.config.name}, remaining_ms=6_500)
    assert consumers.now_asked() == []
    check(scene, "key")
    assert consumers.now_asked() == ["web"]


@pytest.mark.parametrize("fresh", [True, False])
def test_the_superseded_key_is_held_while_the_gate_is_open(begin: Begin, consumers: Consumers, fresh: bool) -> None:
    scene = begin(Layout.RUNTIME)
    scene.config.tag("health:web", "https://web.example/health")
    scene.config.tag("overlap-hours", "1")
    first = str(scene.vault.blob()["accessKeyId"])
    scene.world.deploy("retire_iam_access_keys", retire_iam_access_keys)
    rotate_key(scene)
    consumers.answers.update(web=("fresh" if fresh else "stale", None))
    check(scene, "key")
    scene.world.clock.advance(2 * HOUR)
    scene.world.invoke("retire_iam_access_keys", {"secret_id": scene.config.name})
    statuses = IamAccount(scene.world, scene.vault.iam_user).statuses()
    assert statuses[first] == ("Inactive" if fresh else "Active")
    held = [event.detail for event in scene.world.events if event.detail_type == "Superseded Key Held"]
    assert [detail["consumers"] for detail in held] == ([] if fresh else [["web"]])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "trusted")


@pytest.fixture
def endpoint(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A consumer behind TLS on the loopback interface, to which `web.example` leads."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    monkeypatch.setenv("VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS", "web.example")
    probe = HealthEndpoints(SystemClock(), resolve=lambda *_: ["127.0.0.1"])
    monkeypatch.setattr("check_vaults.handler._probe", lambda: probe)
    with serving(authority.certificate("web.example")) as found:
        yield found


def test_a_consumer_behind_tls_is_asked_and_nothing_else_of_its_answer_is_kept(
    begin: Begin, endpoint: Endpoint
) -> None:
    scene = begin(Layout.RUNTIME)
    scene.config.tag("health:web", f"https://web.example:{endpoint.port}/health")
    rotate_key(scene)
    scene.world.clock.run_freely()  # a certificate is valid in the machine's time
    for status, asked in (("stale", 1), ("fresh", 2), ("fresh", 2)):
        endpoint.answers(b'{"status":"%s","gen":1,"note":"do-not-repeat-this"}' % status.encode())
        scene.world.invoke(scene.check_function, {"secret_id": scene.config.name})
        assert len(endpoint.requests) == asked
    said = "".join([*scene.world.log_lines, str(scene.parameter(scene.config.name))])
    assert "fresh" in said
    assert "do-not-repeat-this" not in said
