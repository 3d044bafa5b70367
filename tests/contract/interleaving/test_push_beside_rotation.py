"""A laptop pushes while the vault is rotated, in each layout, with every push's bytes what boots in the end.

All schedules with at most two preemptions between the push and the rotation's finishSecret, with at most one between
the push and the whole rotation. The laptop holds the first passphrase, or asks for AWSCURRENT and reads the pointer
first; its timestamp is later than the staged bundle's or the very same second.

What may not be: that the push is lost, or that a push which came in time does not open with AWSCURRENT. In time is
a push whose pointer was written before the rotation's last swap of that pointer. A later one, with the previous
passphrase, is a stale laptop's: no rotation can follow it, `check_vaults` reports it, and AWSPREVIOUS opens it. For a
push in the staged bundle's very second its bundle counts, which takes the staged one's place: it is in time before
finishSecret has looked at the staged bundle for the last time.
"""

from dataclasses import replace

import pytest

from simulator.exchange import Request
from simulator.interleaving import Actor, Play
from simulator.laptop import zip_of
from simulator.vault_bytes import WrongPassphrase
from simulator.vaults import FIRST_PASSPHRASE, Layout
from simulator.world import World
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.rotations import STEPS
from tests.contract.interleaving.scenes import (
    Scene,
    assert_counted,
    assert_key_rotated,
    assert_labels_legal,
    assert_quiet,
    assert_vault_opens,
    starting,
)
from tests.contract.passphrase_rotation import LAYOUTS, NEW_TIMESTAMP, boots, bundles, key_of, pointers

LATER = "20260301-130000"
PAYLOADS = {
    "cli": zip_of({"infra/vault/prod/.env.prod": b"GREETING=pushed\n"}),
    "runtime": b'{"kv":{"GREETING":"pushed"},"assets":{}}',
}


class Push:
    """What the laptop does, once per history."""

    def __init__(self, timestamp: str, *, asking: bool) -> None:
        self.timestamp = timestamp
        self._asking = asking

    def actor(self, scene: Scene) -> Actor:
        return Actor("laptop", lambda: self._push_everywhere(scene))

    def _push_everywhere(self, scene: Scene) -> None:
        for layout, pointer in pointers(scene.vault).items():
            self._push(scene, layout, pointer)

    def _push(self, scene: Scene, layout: str, pointer: str) -> None:
        vault, passphrase = scene.vault, FIRST_PASSPHRASE
        if self._asking:
            vault.laptop.s3.get_object(Bucket=vault.bucket, Key=pointer)
            passphrase = scene.passphrases.value()
        holder = vault.laptop_with(passphrase)
        push = holder.push_payload if layout == "cli" else holder.publish_payload
        push(self.timestamp, PAYLOADS[layout])

    def late(self, scene: Scene, play: Play) -> set[str]:
        """The layouts in which it came too late to be followed."""
        return {layout for layout in pointers(scene.vault) if self._is_late(scene, play, layout)}

    def _is_late(self, scene: Scene, play: Play, layout: str) -> bool:
        pointer, bundle = pointers(scene.vault)[layout], bundles(scene.vault, self.timestamp)[layout]
        behind_the_swap = last(play, "laptop", pointer, writes=True) > last(play, "service", pointer, writes=True)
        if self.timestamp != NEW_TIMESTAMP:
            return behind_the_swap
        return behind_the_swap or last(play, "laptop", bundle, writes=True) > last(
            play, "service", bundle, writes=False
        )


def last(play: Play, actor: str, key: str, *, writes: bool) -> int:
    """The place in the history of the actor's last request about this object, or of its last write of it."""
    places = (
        place
        for place, (who, request) in enumerate(play.sent)
        if who == actor and key_of(request) == key and (not writes or wrote(request))
    )
    return max(places, default=-1)


def wrote(request: Request) -> bool:
    return request.operation == "PutObject" and request.status == 200


def assert_followed(scene: Scene, play: Play, push: Push) -> None:
    """The push is what every layout holds: under AWSCURRENT where it came in time, else AWSPREVIOUS may be needed."""
    expected = {layout: PAYLOADS[layout] for layout in pointers(scene.vault)}
    locked = {layout for layout in expected if not opens_with_current(scene, layout)}
    assert locked <= push.late(scene, play)
    assert_vault_opens(scene, expected, previous=locked)
    assert_counted(scene, 1)
    assert_labels_legal(scene.passphrases)
    assert_quiet(scene)
    assert scene.passphrases.holder("AWSCURRENT") == scene.passphrase.version_id


def opens_with_current(scene: Scene, layout: str) -> bool:
    try:
        boots(scene.vault, layouts=[layout])
    except WrongPassphrase:
        return False
    return True


PUSHES = [
    *(pytest.param(layout, Push(LATER, asking=False), id=f"{layout}, later") for layout in LAYOUTS),
    pytest.param(Layout.RUNTIME, Push(NEW_TIMESTAMP, asking=False), id="runtime, same second"),
    pytest.param(Layout.CLI, Push(LATER, asking=True), id="cli, asking first"),
]


@pytest.mark.parametrize(("layout", "push"), PUSHES)
def test_a_push_beside_finish_secret(world: World, search: Search, layout: Layout, push: Push) -> None:
    search(
        starting(world, layout, passphrase_steps=STEPS[:3]),
        lambda scene: [scene.passphrase.finishing(), push.actor(scene)],
        lambda scene, play: assert_followed(scene, play, push),
        preemptions=2,
    )


def test_a_push_beside_the_whole_rotation(world: World, search: Search) -> None:
    push = Push(LATER, asking=False)
    search(
        starting(world, Layout.BOTH, passphrase_steps=()),
        lambda scene: [scene.passphrase.again(), push.actor(scene)],
        lambda scene, play: assert_followed(scene, play, push),
        preemptions=1,
    )


def test_a_push_beside_a_key_rotation(world: World, search: Search) -> None:
    def judge(scene: Scene, _play: Play) -> None:
        assert_key_rotated(replace(scene, payloads=PAYLOADS), foreign=[scene.first_key])

    search(
        starting(world, Layout.BOTH, key_steps=()),
        lambda scene: [scene.key.again(), Push(LATER, asking=False).actor(scene)],
        judge,
        preemptions=1,
    )
