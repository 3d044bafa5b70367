"""Ten thousand histories of keys, drawn anew for each number and the same every time: no key ends before it may.

The real function runs whenever time has passed or a person has done what only its hourly look can tell; the judge is
the small world's IAM.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Final

import pytest

from retire_iam_access_keys import looking
from retire_iam_access_keys.retiring import Retirement
from tests.contract.retire.moves import MOVES, SEEN_BY_THE_NEXT_RUN, begun
from tests.contract.retire.small_world import SECRET, PromiseBroken, SmallWorld
from vsync_rotation import possession
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports
from vsync_rotation.errors import ContractError, RotationError
from vsync_rotation.events import parse_iso_utc
from vsync_rotation.formats.key_secret import KeySecret, parse_key_secret
from vsync_rotation.keys import marks
from vsync_rotation.redacted import SecretText

HISTORIES: Final = 10_000
# A test each, so that they are spread over the processes of a run.
PARTS: Final = 4
MOVES_EACH: Final = 6
REVOKING: Final = 0.03


def run(world: SmallWorld, order: Mapping[str, object], happened: Counter[str]) -> None:
    """One invocation of the real function. What it raises is of its family, and only where it says so."""
    world.begin_run()
    ports = Ports(world, world, world, world)
    retirement = Retirement(world, world, world, ports, Deadline(world, 900.0), serves=None)
    try:
        summary = retirement.carry_out(order, world)
    except ContractError:
        assert "revoke" in order or "AWSCURRENT" not in world.labels, "a run that nobody gave a reason to fail"
        happened["refused"] += 1
    else:
        happened.update(outcome["action"] for outcome in summary["outcomes"])


def history(number: int, happened: Counter[str]) -> None:
    random = Random(number)  # noqa: S311 - a history, no secret
    world = begun(random)
    told = []
    try:
        for _ in range(MOVES_EACH):
            move = random.choice(MOVES)
            told.append(move.__name__)
            move(world, random)
            if random.random() < REVOKING:
                told.append("person revokes")
                revoke(world, happened)
            if move in SEEN_BY_THE_NEXT_RUN:
                run(world, {"secret_id": SECRET}, happened)
    except (PromiseBroken, RotationError) as error:
        error.add_note(f"history {number}: {', '.join(told)}")
        raise


def revoke(world: SmallWorld, happened: Counter[str]) -> None:
    """A leak: whatever is superseded goes at once."""
    current, pending = world.key_under("AWSCURRENT"), world.key_under("AWSPENDING")
    for key in world.keys.values():
        if key.was_current and key is not current and key is not pending:
            key.revoked, key.by_a_person = True, False
    run(world, {"secret_id": SECRET, "revoke": True}, happened)


@pytest.fixture
def pure_functions_remember(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parsers are asked the same all the time here, and are most of what a history costs."""
    parsed = cache(lambda text: parse_key_secret(SecretText(text)))

    def remembered(text: SecretText) -> KeySecret:
        return parsed(text.reveal())

    for module in (looking, possession):
        monkeypatch.setattr(module, "parse_key_secret", remembered)
    monkeypatch.setattr(marks, "parse_iso_utc", cache(parse_iso_utc))


@pytest.mark.usefixtures("pure_functions_remember")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_key_ends_before_it_may(record_property: Callable[[str, object], None], part: int) -> None:
    happened: Counter[str] = Counter()
    numbers = range(part, HISTORIES, PARTS)
    for number in numbers:
        history(number, happened)
    # What never happens is not judged either.
    for action in ("deactivated", "deleted", "marked", "held", "waiting", "revoked", "left alone", "refused"):
        assert happened[action] > len(numbers) // 200, happened
    record_property("histories", len(numbers))
