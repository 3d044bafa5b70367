"""When an application may boot during a rotation: at every boundary between two requests but the race window."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from simulator.application import Booted, boot, pull
from simulator.exchange import Answer, Request
from simulator.vault_bytes import BootError
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    boots,
    current_version,
    key_of,
    live,
    pointers,
    rotate,
    succeeded,
    vault_at_noon,
)

READERS = {"cli": pull, "runtime": boot}


def opens(reader: Callable[[str, str], Booted], config: str, passphrase: str) -> bool:
    """Whether an application starts."""
    try:
        return reader(config, passphrase).payload != b""
    except BootError:
        return False


@dataclass(slots=True)
class ApplicationsBoot:
    """Boots an application of each layout before every request of a function; an observer.

    Attributes:
        failed: operation, object and layouts that could not boot just before it.
    """

    vault: Vault
    boundaries: int = 0
    failed: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)

    def before(self, request: Request) -> Answer | None:
        if request.function is not None:
            self.boundaries += 1
            config, passphrase = (
                live(self.vault, self.vault.config_secret),
                live(self.vault, self.vault.passphrase_secret),
            )
            readers = {layout: reader for layout, reader in READERS.items() if layout in pointers(self.vault)}
            locked_out = frozenset(name for name, reader in readers.items() if not opens(reader, config, passphrase))
            if locked_out:
                self.failed.append((request.operation, key_of(request), locked_out))
        return None

    def after(self, request: Request) -> None: ...


MOVE = "UpdateSecretVersionStage"
RACE_WINDOW = {
    Layout.RUNTIME: [(MOVE, "", frozenset({"runtime"}))],
    Layout.CLI: [(MOVE, "", frozenset({"cli"}))],
    Layout.BOTH: [
        ("PutObject", "acme_web/prod/manifest", frozenset({"cli"})),
        (MOVE, "", frozenset({"cli", "runtime"})),
    ],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_application_boots_at_every_boundary_but_between_pointer_swap_and_label_move(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    applications = ApplicationsBoot(vault)
    with world.watched_by(applications):
        record = succeeded(rotate(vault, passphrase_function))
    assert applications.failed == RACE_WINDOW[layout]
    assert applications.boundaries == sum(step.calls for step in record.steps)
    assert set(boots(vault)) == set(pointers(vault))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_between_the_first_pointer_swap_and_the_label_move_is_only_the_other_pointer_swap(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    record = succeeded(rotate(vault, passphrase_function))
    steps = {step.step: [(request.operation, key_of(request)) for request in step.requests] for step in record.steps}
    swaps = [("PutObject", key) for key in pointers(vault).values()]
    finish = steps["finishSecret"]
    first = finish.index(swaps[0])
    assert finish[first : first + len(swaps) + 1] == [*swaps, (MOVE, "")]
    assert [request for request in finish if request in [*swaps, (MOVE, "")]] == [*swaps, (MOVE, "")]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_pointer_and_no_awscurrent_moves_before_finish_secret(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    keys = pointers(vault).values()
    before = {key: vault.objects()[key] for key in keys}, current_version(vault)
    seen: dict[str, object] = {}

    def look(step: str, _attempt: int) -> None:
        seen[step] = ({key: vault.objects()[key] for key in keys}, current_version(vault))

    world.rotation_service.before_step = look
    succeeded(rotate(vault, passphrase_function))
    assert seen == dict.fromkeys(("createSecret", "setSecret", "testSecret", "finishSecret"), before)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_read_is_done_before_the_first_swap(world: World, passphrase_function: str, layout: Layout) -> None:
    """An application that boots in the race window waits for one request per pointer, not for a slow bundle."""
    vault = vault_at_noon(world, layout)
    record = succeeded(rotate(vault, passphrase_function))
    requests = record.steps[-1].requests
    swap = next(
        request.index for request in requests if key_of(request) in pointers(vault).values() and request.method == "PUT"
    )
    bundles = [request.index for request in requests if key_of(request).endswith(".enc") or "/v=" in key_of(request)]
    assert bundles
    assert max(bundles) < swap
