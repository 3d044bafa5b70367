"""Measure everything in docs/performance.md, print the table and write it there: `python -m tests.benchmarks`."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.benchmarks.cold_start import RUNS, cold_start
from tests.benchmarks.machine import machine
from tests.benchmarks.page import Row, table, write
from tests.benchmarks.passphrase_cpu import DERIVATIONS, ITERATIONS, passphrase_cpu
from tests.benchmarks.requests_per_step import race_window, requests_of
from tests.benchmarks.resealing_cost import MEGABYTE, SIZES_MB, cost_of

COLD_START_GOAL: Final = 1.10
PASSPHRASE_GOAL: Final = 1.25
RESEALING_GOAL: Final = 5.0  # at the largest size
FLAT_MB: Final = 16  # more at any size means that something grows with the bundle
HANDLERS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "rotate_iam_access_key": rotate_iam_access_key,
    "rotate_vault_passphrase": rotate_vault_passphrase,
}
SECRETS: Final[dict[str, Callable[[Vault], str]]] = {
    "rotate_iam_access_key": lambda vault: vault.config_secret,
    "rotate_vault_passphrase": lambda vault: vault.passphrase_secret,
}


def main() -> None:
    """Measure, print, write."""
    rows = []
    for row in _rows():
        rows.append(row)
        print(f"{row.result:>14}  {row.what}", file=sys.stderr, flush=True)
    text = table(rows, machine())
    print(text)
    write(text)


def _rows() -> Iterator[Row]:
    for function in HANDLERS:
        yield from _cold_start(function)
    yield from _passphrase()
    yield from _resealing()
    yield from _requests()


def _cold_start(function: str) -> Iterator[Row]:
    found = cold_start(function)
    ratio = found.own[0] / found.plain[0]
    yield Row(
        f"{ratio:.2f} x",
        f"`{function}`: import and first construction of its clients, against `import boto3` and the same clients",
        f"at most {COLD_START_GOAL:.2f} x",
        ratio <= COLD_START_GOAL,
        f"CPU ms, least and median of {RUNS}: {_ms(found.own)} against {_ms(found.plain)}",
    )
    yield Row(
        f"{found.own[0] / found.plain_uncollected[0]:.2f} x",
        f"`{function}`: the same, boto3 too imported without the garbage collector",
        "none",
        None,
        f"CPU ms: {_ms(found.own)} against {_ms(found.plain_uncollected)}",
    )


def _passphrase() -> Iterator[Row]:
    found = passphrase_cpu()
    ratio = found.rotation / found.bare
    yield Row(
        f"{ratio:.2f} x",
        f"CPU of a passphrase rotation of both layouts, without the SDK's, against {DERIVATIONS} bare derivations",
        f"at most {PASSPHRASE_GOAL:.2f} x",
        ratio <= PASSPHRASE_GOAL,
        f"CPU ms: {found.rotation * 1000:.0f} against {DERIVATIONS} x {found.bare / DERIVATIONS * 1000:.0f}",
    )
    yield Row(
        f"{found.by_hashlib / found.by_cryptography:.2f} x",
        f"one derivation of {ITERATIONS:,} iterations: `hashlib` against `cryptography`, which is used",
        "none",
        None,
        f"CPU ms: {found.by_hashlib * 1000:.0f} against {found.by_cryptography * 1000:.0f}",
    )


def _resealing() -> Iterator[Row]:
    for size_mb in SIZES_MB:
        stream, naive = cost_of("stream", size_mb), cost_of("naive", size_mb)
        ratio, peak_mb = naive.seconds / stream.seconds, stream.peak_bytes / MEGABYTE
        flat = peak_mb <= FLAT_MB
        goal = f"at least {RESEALING_GOAL:g} x; memory flat" if size_mb == SIZES_MB[-1] else "memory flat"
        yield Row(
            f"{ratio:.1f} x",
            f"throughput of re-encrypting a bundle of {size_mb} MB, against reading it all",
            goal,
            flat and (size_mb != SIZES_MB[-1] or ratio >= RESEALING_GOAL),
            f"{stream.megabytes_per_second(size_mb):.0f} MB/s and {peak_mb:.1f} MB more memory, against "
            f"{naive.megabytes_per_second(size_mb):.0f} MB/s and {naive.peak_bytes / MEGABYTE:.0f} MB",
        )


def _requests() -> Iterator[Row]:
    with World() as world:
        for layout in Layout:
            for function, handler in HANDLERS.items():
                world.reset()
                world.clock.stand_still()
                steps = requests_of(world, handler, layout, SECRETS[function])
                counts = {step: len(requests) for step, requests in steps.items()}
                yield Row(
                    f"{sum(counts.values())} requests",
                    f"`{function}`, vault layout {layout}, by step",
                    "each justified below",
                    None,
                    ", ".join(f"{step} {count}" for step, count in counts.items()),
                )
                if function == "rotate_vault_passphrase":
                    yield _race_window(layout, race_window(steps["finishSecret"]))


def _race_window(layout: Layout, trips: int) -> Row:
    goal = 2 if layout is Layout.BOTH else 1
    return Row(
        f"{trips} round trip{'s' if trips > 1 else ''}",
        f"race window, vault layout {layout}: from the first pointer's swap to the label's move",
        f"{goal}",
        trips == goal,
        "counted, not timed; every rotation reports its own length as `race_window_ms`",
    )


def _ms(least_and_median: tuple[float, float]) -> str:
    return f"{least_and_median[0] * 1000:.0f} and {least_and_median[1] * 1000:.0f}"


if __name__ == "__main__":
    main()
