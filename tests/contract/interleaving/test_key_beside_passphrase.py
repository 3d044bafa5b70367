"""The key and the passphrase of one vault rotated at once: all schedules with at most one preemption."""

from simulator.interleaving import Actor, Play
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.scenes import Scene, assert_key_rotated, assert_passphrase_rotated, starting


def test_a_key_rotation_beside_a_passphrase_rotation(world: World, search: Search) -> None:
    def judge(scene: Scene, _play: Play) -> None:
        assert_passphrase_rotated(scene)
        assert_key_rotated(scene, foreign=[scene.first_key])
        finished = [event.detail for event in world.events if event.detail_type == "Rotation Finished"]
        assert {event["secret_name"] for event in finished} == {
            scene.vault.config_secret,
            scene.vault.passphrase_secret,
        }
        assert [event for event in world.events if event.detail_type == "Rotation Step Failed"] == []

    search(
        starting(world, Layout.RUNTIME, passphrase_steps=(), key_steps=()),
        lambda scene: [Actor("key", scene.key.carry_out), Actor("passphrase", scene.passphrase.carry_out)],
        judge,
        preemptions=1,
    )
