"""`python -m tests.scale`: run every storm, print the tables and write them into docs/scale.md. Under a minute."""

import sys

from simulator.world import World
from tests.scale import assumptions, scenarios, tables
from tests.scale.outcome import Outcome
from tests.scale.scenarios import Storm
from tests.scale.traces import Trace, record_traces


def main() -> int:
    with World() as world:
        traces = record_traces(world)
        quotas = assumptions.account_quotas()
        blocks = {
            "requests": tables.requests_table(traces, quotas),
            "capacity": tables.capacity_table(traces, quotas),
            "emergency": tables.emergency_table(traces, quotas, assumptions.SHARE_OF_QUOTA),
            "iam": tables.iam_table(traces, assumptions.WRITES_PER_SECOND),
            "real": tables.comparison_table(_small(world, traces)),
        }
    fleet = [(storm, scenarios.replayed(traces, storm, scenarios.FLEET)) for storm in scenarios.fleet_storms(traces)]
    passphrases = [
        (storm, scenarios.replayed(traces, storm, scenarios.FLEET)) for storm in scenarios.passphrase_storms()
    ]
    blocks["fleet"] = f"{tables.storm_table(fleet)}\n\n{tables.failure_chart(fleet)}"
    blocks["passphrases"] = tables.storm_table(passphrases)
    page = tables.PAGE.read_text()
    for name, text in blocks.items():
        print(f"## {name}\n\n{text}\n")
        page = tables.replace_block(page, name, text)
    tables.PAGE.write_text(page)
    return 0


def _small(world: World, traces: dict[str, Trace]) -> list[tuple[Storm, Outcome, Outcome]]:
    rows = []
    for storm in scenarios.small_storms(traces):
        _, real = scenarios.real(world, storm, scenarios.VAULTS)
        replay = scenarios.replayed(
            traces, storm, scenarios.VAULTS, quotas=scenarios.quotas_divided_by({}, scenarios.DIVISOR)
        )
        rows.append((storm, real, replay))
    return rows


if __name__ == "__main__":
    sys.exit(main())
