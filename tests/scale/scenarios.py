"""The storms that are run, and what each of them is called in the tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from unittest.mock import patch

from rotate_iam_access_key import minting
from simulator.quotas import Quota
from simulator.world import World
from tests.scale import assumptions
from tests.scale.outcome import Outcome
from tests.scale.plan import Spread, Starts, Waits, starts, sustainable
from tests.scale.real_storm import RealStorm
from tests.scale.replay import Replay
from tests.scale.step_model import Settings
from tests.scale.traces import PASSPHRASE, Trace
from vsync_rotation.engine import promotion

# The load of four times as many vaults on the whole quotas; below that, bursts of single requests rule the outcome.
DIVISOR: Final = 4
VAULTS: Final = 12
FLEET: Final = 10_000


@dataclass(frozen=True, slots=True)
class Variant:
    """Settings and what the tables call them."""

    name: str
    settings: Settings


SHIPPED: Final = Variant("shipped", Settings())
# Contrasts: what each of two settings is there for.
CREATED_ONCE: Final = Variant("CreateAccessKey asked once", Settings(times_to_create=1))
MOVED_ONCE: Final = Variant("label move asked once", Settings(times_to_move=1))


@dataclass(frozen=True, slots=True)
class Storm:
    """A row of a table."""

    starts: str
    waits: Waits
    plan: dict[str, Starts]
    variant: Variant = SHIPPED


@contextmanager
def product_with(settings: Settings) -> Iterator[None]:
    """Inside the block the real handlers repeat requests as often as these settings say."""
    with (
        patch.object(minting, "_TRIES_TO_CREATE", settings.times_to_create),
        patch.object(promotion, "_TRIES", settings.times_to_move),
    ):
        yield


def small_storms(traces: dict[str, Trace]) -> tuple[Storm, ...]:
    """For the real handlers and, to compare, the replay."""
    quotas = quotas_divided_by({}, DIVISOR)
    rates = sustainable(traces, quotas, assumptions.SHARE_OF_QUOTA)
    once = starts(Spread.AT_ONCE, rates)
    return (
        Storm("paced, 80 %", Waits.SHIPPED, starts(Spread.SLOTS, rates)),
        Storm("at once", Waits.SHIPPED, once),
        Storm("at once", Waits.NONE, once),
    )


def quotas_divided_by(divisors: Mapping[str, float], others: float = 1) -> list[Quota]:
    """The account's quotas, each made smaller by the divisor of its name."""
    return [quota.divided_by(divisors.get(quota.name, others)) for quota in assumptions.account_quotas()]


def real(
    world: World, storm: Storm, vault_count: int, *, quotas: Sequence[Quota] | None = None, seed: int = 1
) -> tuple[RealStorm, Outcome]:
    """The storm with the real handlers, in a world that is reset for it; by default under the quotas of a small one."""
    world.reset()
    world.clock.stand_still()
    fleet = RealStorm(world, vault_count, quotas_divided_by({}, DIVISOR) if quotas is None else quotas, seed)
    with product_with(storm.variant.settings):
        return fleet, fleet.run(storm.plan, storm.waits)


def replayed(
    traces: dict[str, Trace],
    storm: Storm,
    vault_count: int,
    *,
    quotas: Sequence[Quota] | None = None,
    seed: int = 1,
) -> Outcome:
    """The same as a replay; by default under the whole quotas."""
    whole = assumptions.account_quotas() if quotas is None else quotas
    return Replay(traces, whole, storm.waits, settings=storm.variant.settings, seed=seed).run(storm.plan, vault_count)


def fleet_storms(traces: dict[str, Trace]) -> tuple[Storm, ...]:
    """Keys and passphrases of the whole fleet."""
    quotas = assumptions.account_quotas()
    eighty = sustainable(traces, quotas, assumptions.SHARE_OF_QUOTA)
    return (
        Storm("paced, 80 %", Waits.SHIPPED, starts(Spread.SLOTS, eighty)),
        Storm("window, 80 %", Waits.SHIPPED, starts(Spread.WINDOW, eighty)),
        Storm("window, 80 %", Waits.SHIPPED, starts(Spread.WINDOW, eighty), CREATED_ONCE),
        Storm("window, 80 %", Waits.NONE, starts(Spread.WINDOW, eighty), CREATED_ONCE),
        Storm("at once", Waits.SHIPPED, starts(Spread.AT_ONCE, eighty)),
        Storm("at once", Waits.NONE, starts(Spread.AT_ONCE, eighty), CREATED_ONCE),
    )


def passphrase_storms() -> tuple[Storm, ...]:
    """Passphrases alone: no IAM in the way, so the label's move meets the quota of writes."""
    ordered = {PASSPHRASE: Starts(Spread.SLOTS, assumptions.ORDERS_PER_SECOND)}
    once = {PASSPHRASE: Starts(Spread.AT_ONCE)}
    return (
        Storm("50 orders/s", Waits.SHIPPED, ordered),
        Storm("at once", Waits.SHIPPED, once),
        Storm("at once", Waits.SHIPPED, once, MOVED_ONCE),
    )
