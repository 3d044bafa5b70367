"""The tables of docs/scale.md, and putting them there: each stands between two marks and is replaced as a whole."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from simulator.quotas import Quota
from tests.scale.outcome import Outcome
from tests.scale.plan import capacity, sustainable
from tests.scale.scenarios import Storm
from tests.scale.traces import KEY, PASSPHRASE, STEPS, Trace

PAGE: Final = Path(__file__).parents[2] / "docs" / "scale.md"
_BAR: Final = 20


def requests_table(traces: dict[str, Trace], quotas: Sequence[Quota]) -> str:
    """Requests of one undisturbed rotation by quota and step."""
    rows = []
    for kind, trace in traces.items():
        for quota in quotas:
            counts = [trace.count(quota.covers, step) for step in STEPS]
            if sum(counts):
                rows.append([kind, quota.name, *map(_count, counts), str(sum(counts))])
        totals = [len(trace.first[step]) for step in STEPS]
        rows.append([kind, "**all**", *map(_count, totals), f"**{sum(totals)}**"])
    return _table(["rotation", "counts towards", *STEPS, "together"], rows)


def capacity_table(traces: dict[str, Trace], quotas: Sequence[Quota]) -> str:
    """Rotations that each quota allows, the narrowest first."""
    rows = []
    for kind, trace in traces.items():
        for name, per_second in sorted(capacity(trace, quotas).items(), key=lambda found: found[1]):
            rate = next(quota.per_second for quota in quotas if quota.name == name)
            count = f"{rate:,.0f} / {rate / per_second:.0f}"
            rows.append(
                [kind, name, count, f"{per_second:,.1f}", f"{per_second * 3600:,.0f}", _span(10_000 / per_second)]
            )
    return _table(["rotation", "quota", "rate / requests", "rotations/s", "an hour", "10,000 take"], rows)


def iam_table(traces: dict[str, Trace], writes: float) -> str:
    """What keys come to at other IAM rates; `writes` is the quota that is known, a second."""
    requests = traces[KEY].count(lambda action: action.startswith("iam:"))
    per_rotation = writes / 2
    rows = []
    for rate in (5, 10, 20, 50, 100, 200):
        per_second = min(rate / requests, per_rotation)
        first = "IAM" if rate / requests < per_rotation else "Secrets Manager writes"
        spans = [_span(count / per_second) for count in (100, 1_000, 5_000)]
        rows.append([str(rate), f"{per_second:.1f}", f"{per_second * 3600:,.0f}", first, *spans])
    return _table(["IAM requests/s", "keys/s", "keys an hour", "limits first", "100 keys", "1,000", "5,000"], rows)


def emergency_table(traces: dict[str, Trace], quotas: Sequence[Quota], share: float) -> str:
    """How long both kinds take side by side, paced at this share of the quotas."""
    rates = sustainable(traces, quotas, share)
    rows = []
    for count in (100, 1_000, 5_000, 10_000):
        seconds = {kind: count / rate for kind, rate in rates.items()}
        rows.append([f"{count:,}", _span(seconds[KEY]), _span(seconds[PASSPHRASE]), _span(max(seconds.values()))])
    return _table(["vaults", "keys", "passphrases", "both, side by side"], rows)


def storm_table(rows: Iterable[tuple[Storm, Outcome]]) -> str:
    """Outcomes side by side."""
    head = ["starts", "SDK waits", "settings", "failed", "more than one attempt", "time", "requests", "throttled",
            "most at once", "longest race window", "torn"]  # fmt: skip
    return _table(head, [[*_named(storm), *_numbers(outcome)] for storm, outcome in rows])


def comparison_table(rows: Iterable[tuple[Storm, Outcome, Outcome]]) -> str:
    """Real handlers and replay, one below the other."""
    cells = []
    for storm, real, replay in rows:
        cells.append([*_named(storm), "real handlers", *_numbers(real)])
        cells.append([*_named(storm), "replay", *_numbers(replay)])
    head = ["starts", "SDK waits", "settings", "by", "failed", "more than one attempt", "time", "requests",
            "throttled", "most at once", "longest race window", "torn"]  # fmt: skip
    return _table(head, cells)


def failure_chart(rows: Iterable[tuple[Storm, Outcome]]) -> str:
    """The share of rotations that failed, as bars."""
    lines = []
    for storm, outcome in rows:
        share = outcome.failed / outcome.rotations
        # A bar is never empty where something failed, nor full where something did not.
        length = 0 if not share else min(max(1, round(share * _BAR)), _BAR if share == 1 else _BAR - 1)
        name = ", ".join(_named(storm))
        lines.append(f"{name:<66} |{'#' * length:<{_BAR}}| {share:7.2%} failed")
    return "\n".join(["```text", *lines, "```"])


def replace_block(page: str, name: str, text: str) -> str:
    """The page with what stands between the marks of this name replaced.

    Raises:
        ValueError: the page has no such marks.
    """
    opening, closing = f"<!-- {name}: written by make storm -->\n", f"<!-- end of {name} -->"
    before, found, rest = page.partition(opening)
    _old, ended, after = rest.partition(closing)
    if not found or not ended:
        raise ValueError(f"no marks of {name}")
    return f"{before}{opening}\n{text}\n\n{closing}{after}"


def _named(storm: Storm) -> list[str]:
    return [storm.starts, str(storm.waits), storm.variant.name]


def _numbers(outcome: Outcome) -> list[str]:
    return [
        f"{outcome.failed:,} of {outcome.rotations:,}",
        f"{outcome.repeated:,}",
        _span(outcome.seconds),
        f"{outcome.requests:,}",
        f"{outcome.throttled:,}",
        f"{outcome.peak_concurrency:,}",
        f"{outcome.longest_window_seconds:.1f} s",
        f"{outcome.torn:,}",
    ]


def _count(number: int) -> str:
    return str(number) if number else "."


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


__all__ = [
    "KEY", "PAGE", "PASSPHRASE", "capacity_table", "comparison_table", "emergency_table", "failure_chart", "iam_table",
    "replace_block", "requests_table", "storm_table",
]  # fmt: skip
