"""What people and accidents do to a vault: one layout at a time, each with what a check must call it."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.vault_bytes import derive, encrypt, seal
from simulator.vaults import SALT
from tests.contract.check.scene import NOBODYS_PASSPHRASE, CheckScene
from tests.contract.passphrase_rotation import cells, pointers, push_to

LATER: Final = "20260310-080000"
SOONER: Final = "20260309-080000"

Damage = Callable[[CheckScene, str], object]


def _short(scene: CheckScene, layout: str) -> None:
    scene.put(scene.live_bundles()[layout], b"RQE1" + bytes(27))


def _changed(scene: CheckScene, layout: str) -> None:
    key = scene.live_bundles()[layout]
    body = scene.objects()[key]
    scene.put(key, body[:-1] + bytes([body[-1] ^ 1]))


def _other_version(scene: CheckScene, layout: str) -> None:
    key = scene.live_bundles()[layout]
    scene.put(key, b"RQE2" + scene.objects()[key][4:])


def sealed_as(timestamp: str, named: str) -> Damage:
    """A CLI bundle that lies under one timestamp and is sealed with another."""

    def act(scene: CheckScene, layout: str) -> None:
        assert layout == "cli"
        key = derive(scene.secret.value(), SALT, 1000)
        root = pointers(scene.vault)["cli"].removesuffix("latest")
        scene.put(f"{root}versions/{named}.enc", encrypt(key, seal(timestamp, b"zip")))
        scene.put(pointers(scene.vault)["cli"], named.encode())

    return act


ANYWHERE: Final[Mapping[str, tuple[Damage, str]]] = {
    "pushed with the previous passphrase": (
        lambda scene, layout: push_to(scene.vault, layout, LATER, "stale", scene.previous),
        "opens-with-previous",
    ),
    "pushed with a passphrase nobody stored": (
        lambda scene, layout: push_to(scene.vault, layout, LATER, "lost", NOBODYS_PASSPHRASE),
        "opens-with-none",
    ),
    "bundle shorter than an envelope": (_short, "opens-with-none"),
    "bundle changed in a byte": (_changed, "opens-with-none"),
    "bundle of another version": (_other_version, "opens-with-none"),
    "bundle deleted": (lambda scene, layout: scene.delete(scene.live_bundles()[layout]), "bundle-missing"),
    "pointer deleted": (lambda scene, layout: scene.delete(pointers(scene.vault)[layout]), "pointer-missing"),
    "pointer damaged": (lambda scene, layout: scene.put(pointers(scene.vault)[layout], b"junk"), "pointer-missing"),
    "pointer empty": (lambda scene, layout: scene.put(pointers(scene.vault)[layout], b""), "pointer-missing"),
    "pointer to nothing": (
        lambda scene, layout: scene.put(
            pointers(scene.vault)[layout], seal(LATER) if layout == "runtime" else LATER.encode()
        ),
        "bundle-missing",
    ),
    "cell damaged": (lambda scene, layout: scene.put(cells(scene.vault)[layout], b'{"gen":'), "generation-malformed"),
    "cell with a text": (
        lambda scene, layout: scene.put(cells(scene.vault)[layout], b'{"gen":"7"}'),
        "generation-malformed",
    ),
}
SEALS: Final[Mapping[str, tuple[Damage, str]]] = {
    "sealed before its name": (sealed_as(SOONER, LATER), "seal-mismatch"),
    "sealed after its name": (sealed_as(LATER, SOONER), "seal-mismatch"),
}
