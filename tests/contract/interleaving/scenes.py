"""One vault with its two secrets and both functions, and what holds of it after every history."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from simulator.application import Booted
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault
from simulator.world import World
from tests.contract.checkpoint import taken
from tests.contract.glance import Side, glance, secret_seen
from tests.contract.iam_account import IamAccount
from tests.contract.interleaving.environments import deploy_care, deploy_key_function, deploy_passphrase_function
from tests.contract.interleaving.rotations import Rotation, begun
from tests.contract.passphrase_rotation import audit_rows, boots, cells, vault_at_noon
from tests.contract.secret_versions import SecretVersions, blob_text

_BUG: Final = "unexpected exception"


@dataclass(frozen=True, slots=True)
class Scene:
    """A vault, its passphrase's and its key's rotation where one has begun, and what the vault held at first."""

    world: World
    vault: Vault
    passphrase: Rotation
    key: Rotation
    payloads: Mapping[str, bytes] = field(repr=False)
    first_key: str

    @property
    def passphrases(self) -> SecretVersions:
        return SecretVersions(self.world, self.vault.passphrase_secret)

    @property
    def configs(self) -> SecretVersions:
        return SecretVersions(self.world, self.vault.config_secret)

    @property
    def account(self) -> IamAccount:
        return IamAccount(self.world, self.vault.iam_user)


def starting(
    world: World,
    layout: Layout,
    *,
    passphrase_steps: Sequence[str] | None = None,
    key_steps: Sequence[str] | None = None,
    prepare: Callable[[Vault], object] = lambda _: None,
    **details: Any,
) -> Callable[[], Scene]:
    """How to begin each history: with these steps of a rotation done; None: it has not even begun.

    `prepare` changes the vault before any rotation; `details` go to `make_vault`.
    """
    world.reset()
    vault = vault_at_noon(world, layout, **details)
    found = {name: booted.payload for name, booted in boots(vault).items()}
    first_key = str(vault.blob()["accessKeyId"])
    prepare(vault)
    functions = deploy_passphrase_function(world), deploy_key_function(world)
    rotations = []
    orders = (vault.passphrase_secret, passphrase_steps), (vault.config_secret, key_steps)
    for function, (secret, steps) in zip(functions, orders, strict=True):
        rotation = begun(world, function, secret) if steps is not None else Rotation(world, function, secret, "")
        rotation.steps(steps or ())
        rotations.append(rotation)
    return continuing(Scene(world, vault, rotations[0], rotations[1], found, first_key))


def continuing(scene: Scene) -> Callable[[], Scene]:
    """How to begin each history from where the scene has come to."""
    world = scene.world
    checkpoint = taken(world)

    def start() -> Scene:
        checkpoint.restore()
        deploy_passphrase_function(world)
        deploy_key_function(world)
        deploy_care(world)
        return scene

    return start


def completed(scene: Scene, secret: SecretVersions, function: str, or_else: str | None = None) -> bool:
    """Whether something still was pending, which the service has taken up again with the next order, and completed.

    Args:
        or_else: what the refusal must say where the service may fail; the answer is False then.
    """
    pending = secret.holder("AWSPENDING")
    if pending is None or pending == secret.holder("AWSCURRENT"):
        return False
    with pytest.raises(ClientError, match="previous rotation isn't complete"):
        secret.manager.rotate_secret(SecretId=secret.name, RotationLambdaARN=function)
    (record,) = scene.world.rotation_service.run()
    assert record.message is None or (or_else is not None and or_else in record.message), record.message
    return record.message is None


def assert_quiet(scene: Scene) -> None:
    """No secret material anywhere, and nobody met anything but errors of the one family."""
    assert scene.world.leaks() == []
    assert [line for line in scene.world.log_lines if _BUG in line] == []


def assert_labels_legal(secret: SecretVersions) -> None:
    """AWSCURRENT once, AWSPENDING on the same version or nowhere: the next rotation is not refused."""
    labels = secret_seen(secret.world, secret.name).labels
    current = {version for version, found in labels.items() if "AWSCURRENT" in found}
    assert len(current) == 1
    assert {version for version, found in labels.items() if "AWSPENDING" in found} <= current, labels


def assert_vault_opens(
    scene: Scene, payloads: Mapping[str, bytes] | None = None, previous: Collection[str] = ()
) -> dict[str, Booted]:
    """Every layout boots with AWSCURRENT and holds this payload, by default the first one.

    The layouts in `previous` were pushed to with the previous passphrase when it was too late to follow: there the
    payload must be the push's all the same, and AWSPREVIOUS must open it.
    """
    expected = scene.payloads if payloads is None else payloads
    seen = glance(scene.vault)
    config = seen.secrets[Side.KEY].value("AWSCURRENT")
    started = boots(scene.vault, seen.passphrase, config, set(expected) - set(previous))
    if previous:
        value = seen.secrets[Side.PASSPHRASE].value("AWSPREVIOUS")
        started |= boots(scene.vault, value, config, previous)
    assert {layout: booted.payload for layout, booted in started.items()} == dict(expected)
    return started


def assert_counted(scene: Scene, rotations: int) -> None:
    """gen rose by one per completed passphrase rotation, in every layout, and each has its one row in the audit."""
    objects = scene.vault.objects()
    gens = {
        layout: json.loads(objects[key])["gen"] if key in objects else 0 for layout, key in cells(scene.vault).items()
    }
    assert gens == dict.fromkeys(gens, rotations)
    rows = [row["version_ts"] for row in audit_rows(scene.vault)]
    assert len(rows) == len(set(rows)) == rotations


def assert_passphrase_rotated(scene: Scene, rotations: int = 1) -> None:
    """Everything that holds after so many completed passphrase rotations, beside which nobody pushed."""
    assert_vault_opens(scene)
    assert_counted(scene, rotations)
    assert_labels_legal(scene.passphrases)
    assert_quiet(scene)
    assert (scene.passphrases.value() == FIRST_PASSPHRASE) is (rotations == 0)


def key_in(value: str) -> str | None:
    """The access key in a value; None in a location."""
    text = value if value.startswith("{") else blob_text(value)
    return None if (found := json.loads(text).get("accessKeyId")) is None else str(found)


def assert_keys_sound(scene: Scene, foreign: Collection[str] = ()) -> None:
    """At most two keys, the current one Active; neither the first one nor a foreign one was touched."""
    seen = glance(scene.vault)
    statuses = seen.statuses()
    assert len(statuses) <= 2
    assert statuses.get(key_in(str(seen.secrets[Side.KEY].value("AWSCURRENT"))) or "") == "Active"
    assert {key: statuses.get(key) for key in foreign} == dict.fromkeys(foreign, "Active")


def assert_key_rotated(scene: Scene, foreign: Collection[str] = ()) -> None:
    """Everything that holds after a completed key rotation."""
    assert_keys_sound(scene, foreign)
    seen = glance(scene.vault)
    assert key_in(str(seen.secrets[Side.KEY].value("AWSCURRENT"))) != scene.first_key
    assert_vault_opens(scene)
    assert_labels_legal(scene.configs)
    assert_quiet(scene)
    assert "vsync-rotation:minting" not in seen.user_tags
