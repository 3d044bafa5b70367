"""Which requests and key derivations each step costs: pinned, and the same in docs/performance.md.

A request more is time, money and one more place to fail. Whoever adds one changes this table and says there why.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault, make_vault
from simulator.world import World
from tests.benchmarks.requests_per_step import Steps, race_window, requests_of
from tests.contract.key_scene import actions
from tests.contract.passphrase_rotation import push_everywhere
from vsync_rotation.crypto import key_derivation

PAGE: Final = Path(__file__).parents[2] / "docs/performance.md"
LAYOUTS: Final = tuple(Layout)
STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
EVERY: Final = frozenset(LAYOUTS)
CLI: Final = frozenset({Layout.CLI, Layout.BOTH})
RUNTIME: Final = frozenset({Layout.RUNTIME, Layout.BOTH})
CLI_ALONE: Final = frozenset({Layout.CLI})

Table = dict[str, list[tuple[str, frozenset[Layout]]]]

PROOF: Final = [("GetCallerIdentity", EVERY), ("HeadObject manifest", RUNTIME), ("HeadObject latest", CLI_ALONE)]
ACCESS_KEY: Final[Table] = {
    "createSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("ListAccessKeys", EVERY),
        ("ListUserTags", EVERY),
        ("TagUser", EVERY),
        ("CreateAccessKey", EVERY),
        ("TagUser", EVERY),
        ("PutSecretValue", EVERY),
        ("UntagUser", EVERY),
    ],
    "setSecret": [("DescribeSecret", EVERY)],
    "testSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetCallerIdentity", EVERY),
        ("HeadObject manifest", EVERY),
        ("HeadObject latest", CLI_ALONE),
        *PROOF,
        *PROOF,
    ],
    "finishSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("TagUser", EVERY),
        ("UpdateSecretVersionStage", EVERY),
        ("TagUser", EVERY),
        ("PutEvents", EVERY),
    ],
}
PASSPHRASE: Final[Table] = {
    "createSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("GetObject latest", EVERY),
        ("GetObject manifest", EVERY),
        ("PutSecretValue", EVERY),
    ],
    "setSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("GetObject latest", EVERY),
        ("GetObject manifest", EVERY),
        ("GetObject latest.manifest", CLI),
        ("GetObject latest.meta", RUNTIME),
        ("GetObject live CLI bundle", CLI),
        ("GetObject live runtime bundle", RUNTIME),
        ("PutObject staged CLI bundle", CLI),
        ("PutObject staged runtime bundle", RUNTIME),
    ],
    "testSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("GetObject latest", EVERY),
        ("GetObject manifest", EVERY),
        ("GetObject live CLI bundle", CLI),
        ("GetObject live runtime bundle", RUNTIME),
        ("GetObject staged CLI bundle", CLI),
        ("GetObject staged runtime bundle", RUNTIME),
    ],
    "finishSecret": [
        ("DescribeSecret", EVERY),
        ("GetSecretValue", EVERY),
        ("GetSecretValue", EVERY),
        ("GetObject latest", EVERY),
        ("GetObject manifest", EVERY),
        ("HeadObject live CLI bundle", CLI),
        ("HeadObject live runtime bundle", RUNTIME),
        ("HeadObject staged CLI bundle", CLI),
        ("HeadObject staged runtime bundle", RUNTIME),
        ("GetObject latest.manifest", CLI),
        ("GetObject latest.meta", RUNTIME),
        ("PutObject latest", CLI),
        ("PutObject manifest", RUNTIME),
        ("UpdateSecretVersionStage", EVERY),
        ("PutObject latest.manifest", CLI),
        ("PutObject latest.meta", RUNTIME),
        ("GetObject audit.csv", EVERY),
        ("PutObject audit.csv", EVERY),
        ("PutEvents", EVERY),
    ],
}
TABLES: Final = {"IAM access key": ACCESS_KEY, "vault passphrase": PASSPHRASE}
# Of one passphrase and one salt each: AWSCURRENT opens what is live, AWSPENDING what is staged.
DERIVATIONS: Final = {"createSecret": 0, "setSecret": 2, "testSecret": 2, "finishSecret": 0}
RACE_WINDOW: Final = {Layout.RUNTIME: 1, Layout.CLI: 1, Layout.BOTH: 2}

HANDLERS: Final[dict[str, tuple[Callable[[Any, Any], None], Callable[[Vault], str]]]] = {
    "IAM access key": (rotate_iam_access_key, lambda vault: vault.config_secret),
    "vault passphrase": (rotate_vault_passphrase, lambda vault: vault.passphrase_secret),
}


def pinned(kind: str, layout: Layout) -> Steps:
    return {step: [name for name, layouts in rows if layout in layouts] for step, rows in TABLES[kind].items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", TABLES)
def test_every_step_sends_exactly_the_requests_of_its_table(world: World, kind: str, layout: Layout) -> None:
    assert requests_of(world, HANDLERS[kind][0], layout, HANDLERS[kind][1]) == pinned(kind, layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_race_window_is_one_round_trip_for_each_pointer(world: World, layout: Layout) -> None:
    handler, secret = HANDLERS["vault passphrase"]
    assert race_window(list(requests_of(world, handler, layout, secret)["finishSecret"])) == RACE_WINDOW[layout]


@pytest.mark.parametrize("kind", TABLES)
def test_the_page_lists_exactly_these_requests_and_a_reason_for_each(kind: str) -> None:
    documented = {step: [row[1:3] for row in rows if row[0] == step] for rows in [_rows(kind)] for step in STEPS}
    assert documented == {
        step: [(name, _spelled(layouts)) for name, layouts in rows] for step, rows in TABLES[kind].items()
    }
    assert [row for row in _rows(kind) if not row[3]] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_step_derives_as_many_keys_as_stated(
    world: World, monkeypatch: pytest.MonkeyPatch, layout: Layout
) -> None:
    counted = _counting_derivations(monkeypatch)
    by_step: dict[str, int] = {}

    def look(step: str, _attempt: int) -> None:
        by_step[step] = len(counted)

    world.rotation_service.before_step = look
    handler, secret = HANDLERS["vault passphrase"]
    requests_of(world, handler, layout, secret)
    ends = [*list(by_step.values())[1:], len(counted)]
    assert {step: end - by_step[step] for step, end in zip(by_step, ends, strict=True)} == DERIVATIONS


def test_the_access_key_derives_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = _counting_derivations(monkeypatch)
    handler, secret = HANDLERS["IAM access key"]
    requests_of(world, handler, Layout.BOTH, secret)
    assert counted == []


def test_a_push_between_the_steps_costs_both_keys_once_more_and_the_current_value_only_then(
    world: World, passphrase_function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = make_vault(world, Layout.BOTH)
    counted = _counting_derivations(monkeypatch)

    def push(step: str, _attempt: int) -> None:
        if step == "finishSecret":
            push_everywhere(vault, "20260102-000000", "pushed meanwhile", FIRST_PASSPHRASE)
            counted.clear()

    world.rotation_service.before_step = push
    world.client("secretsmanager").rotate_secret(
        SecretId=vault.passphrase_secret, RotationLambdaARN=passphrase_function
    )
    (record,) = world.rotation_service.run()
    values_read = actions(record.steps[-1]).count("secretsmanager:GetSecretValue")
    assert (record.attempts, record.error, values_read, len(counted)) == (1, None, 3, 2)


def _counting_derivations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The iteration count of every derivation from now on, which is carried out as ever."""
    counted: list[int] = []
    real = PBKDF2HMAC

    def counting(**details: Any) -> Any:
        counted.append(details["iterations"])
        return real(**details)

    monkeypatch.setattr(key_derivation, "PBKDF2HMAC", counting)
    return counted


def _spelled(layouts: frozenset[Layout]) -> str:
    return "all" if layouts == EVERY else ", ".join(layout for layout in LAYOUTS if layout in layouts)


def _rows(kind: str) -> list[tuple[str, str, str, str]]:
    """The rows of the table under the page's heading for this kind: step, request, layouts, reason."""
    return list(_table_under(f"### Requests of the {kind}"))


def _table_under(heading: str) -> Iterator[tuple[str, str, str, str]]:
    section = PAGE.read_text().partition(f"{heading}\n")[2].partition("\n#")[0]
    for line in section.splitlines():
        cells = re.fullmatch(r"\| (\w+Secret) \| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", line)
        if cells:
            step, name, layouts, reason = cells.groups()
            yield step, name, layouts.strip(), reason.strip()
