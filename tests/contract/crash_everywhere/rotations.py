"""Every rotation there is, in every situation that makes it send other requests: the table of the crash suite.

A new rotation, or a new situation of an old one, gets the whole suite by one more line in ROTATIONS.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from check_vaults.handler import lambda_handler as check_vaults
from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.application import Booted
from simulator.rotation_records import RotationRecord
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.checkpoint import Checkpoint, taken
from tests.contract.iam_account import IamAccount
from tests.contract.key_scene import KeyScene, key_scene
from tests.contract.passphrase_rotation import NOON, boots, vault_at_noon
from tests.contract.secret_versions import SecretVersions, blob_text

KEY: Final = "rotate_iam_access_key"
PASSPHRASE: Final = "rotate_vault_passphrase"
CHECK: Final = "check_vaults"
RETIRE: Final = "retire_iam_access_keys"
HANDLERS: Final = {
    KEY: rotate_iam_access_key,
    PASSPHRASE: rotate_vault_passphrase,
    CHECK: check_vaults,
    RETIRE: retire_iam_access_keys,
}


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation about to be ordered, in a world of its own.

    Attributes:
        secret: the one that rotates.
        first_config: the vault's blob as it was made, also where the secret has held something else since.
        started: what an application in each layout got when the vault was made.
        may_delete: the access keys it has to remove: a superseded one, or what a crashed rotation left.
        rolls_a_generation: it re-encrypts the vault, so that gen, bundles and audit log move with it.
    """

    world: World
    vault: Vault
    secret: SecretVersions
    account: IamAccount
    function: str
    first_config: str = field(repr=False)
    started: Mapping[str, Booted] = field(repr=False)
    may_delete: frozenset[str] = frozenset()
    rolls_a_generation: bool = False

    def run(self) -> RotationRecord:
        """Order it and let the service work, retries included."""
        self.secret.manager.rotate_secret(SecretId=self.secret.name, RotationLambdaARN=self.function)
        (record,) = self.world.rotation_service.run()
        return record


Prepare = Callable[[World], Rotation]


def _scene(world: World, layout: Layout = Layout.RUNTIME) -> tuple[KeyScene, Rotation]:
    world.clock.stand_still(NOON)
    scene = key_scene(world, world.deploy(KEY, HANDLERS[KEY]), layout)
    started = boots(scene.vault)
    return scene, Rotation(world, scene.vault, scene.secret, scene.account, scene.function, scene.first_config, started)


def _key(layout: Layout, world: World) -> Rotation:
    return _scene(world, layout)[1]


def _first_key_of_a_location(world: World) -> Rotation:
    """AWSCURRENT says where the vault is and holds no key yet; the user has none."""
    scene, rotation = _scene(world)
    scene.secret.set_current(scene.location())
    scene.account.delete_key(scene.first_key)
    return rotation


def _key_in_a_plain_pair(world: World) -> Rotation:
    """AWSCURRENT is a JSON object with the pair and another field: a service that uses no vsync."""
    scene, rotation = _scene(world)
    blob = json.loads(blob_text(scene.first_config))
    pair = {"AWS_ACCESS_KEY_ID": blob["accessKeyId"], "AWS_SECRET_ACCESS_KEY": blob["secretAccessKey"], "note": "kept"}
    scene.secret.set_current(json.dumps(pair))
    return rotation


def _key_beside_a_superseded_one(world: World) -> Rotation:
    """Both slots are taken; the superseded key has been Inactive for its hours and may go."""
    scene, rotation = _scene(world)
    scene.rotated()
    scene.account.deactivated(scene.first_key)
    world.clock.advance(25 * 3600)
    return replace(rotation, may_delete=frozenset({scene.first_key}))


def _key_beside_an_orphan(world: World) -> Rotation:
    """Both slots are taken; one key was made by a rotation that died before it could store it."""
    scene, rotation = _scene(world)
    scene.account.intend((scene.first_key,))
    return replace(rotation, may_delete=frozenset({scene.account.add_key().access_key_id}))


def _passphrase(layout: Layout, world: World) -> Rotation:
    vault = vault_at_noon(world, layout)
    secret, account = SecretVersions(world, vault.passphrase_secret), IamAccount(world, vault.iam_user)
    function = world.deploy(PASSPHRASE, HANDLERS[PASSPHRASE])
    config, started = vault.config(), boots(vault)
    return Rotation(world, vault, secret, account, function, config, started, rolls_a_generation=True)


ROTATIONS: Final[Mapping[str, Prepare]] = {
    "key of a runtime vault": partial(_key, Layout.RUNTIME),
    "key of a CLI vault": partial(_key, Layout.CLI),
    "key of a vault in both layouts": partial(_key, Layout.BOTH),
    "first key of a location": _first_key_of_a_location,
    "key in a plain pair": _key_in_a_plain_pair,
    "key beside a superseded one": _key_beside_a_superseded_one,
    "key beside an orphan": _key_beside_an_orphan,
    "passphrase of a runtime vault": partial(_passphrase, Layout.RUNTIME),
    "passphrase of a CLI vault": partial(_passphrase, Layout.CLI),
    "passphrase of a vault in both layouts": partial(_passphrase, Layout.BOTH),
}


@dataclass(frozen=True, slots=True)
class Start:
    """A prepared rotation, and the world at that moment to begin every history from."""

    rotation: Rotation
    checkpoint: Checkpoint

    @classmethod
    def of(cls, world: World, name: str) -> "Start":
        """The rotation by its name in the table, in an emptied world."""
        world.reset()
        rotation = ROTATIONS[name](world)
        return cls(rotation, taken(world))

    def again(self) -> Rotation:
        """The rotation, about to be ordered, in a world that has no record yet."""
        return self.at(self.checkpoint)

    def at(self, checkpoint: Checkpoint) -> Rotation:
        """The rotation as far as it had come by then, in a world that has no record and no order of it."""
        checkpoint.restore()
        for name, handler in HANDLERS.items():
            self.rotation.world.deploy(name, handler)
        return self.rotation
