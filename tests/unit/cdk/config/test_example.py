"""The example is good as it stands, explains every key, and every setting that it leaves out can be switched on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk.config.cautions import warnings
from cdk.config.model import Adopted, Rhythm
from cdk.config.reading import read
from tests.unit.cdk.config.files import Folder, text

EXAMPLE = Path(__file__).parents[4] / "cdk" / "deployments" / "example.toml"
CONTENT = EXAMPLE.read_text(encoding="utf-8")
# A setting that is left out: "#", and at once a key or a table.
LEFT_OUT = re.compile(r"#(\[|[a-z_]+ = )")
# In every table that there is: a key that cannot be.
MAXIMAL = text(
    top="xyz = 1\nnotifications = { xyz = 1, slack = { xyz = 1 } }\nnetwork = { xyz = 1 }",
    vault="xyz = 1\nadopt = { xyz = 1 }\nkey_rotation = { xyz = 1 }\npassphrase_rotation = { xyz = 1 }\nhooks = [{ xyz = 1 }]",
)


def test_the_example_is_good_and_shows_every_kind_of_vault() -> None:
    deployment = read(EXAMPLE)
    rhythms = {vault.passphrase.schedule.rhythm for vault in deployment.vaults if vault.passphrase.schedule}
    assert rhythms == set(Rhythm)
    assert [vault.id for vault in deployment.vaults if isinstance(vault.reader, Adopted)] == ["acme_api/prod"]
    assert [vault.id for vault in deployment.vaults if not vault.store.is_aws] == ["acme_edge/prod"]
    assert [vault.id for vault in deployment.vaults if vault.hooks and vault.consumers] == ["acme_web/prod"]
    assert deployment.notifications.slack is not None


def test_the_example_is_warned_of_its_adopted_vault_alone() -> None:
    lines = warnings(read(EXAMPLE))
    assert [line.split(": ")[1:3] for line in lines] == [
        ["vaults[3] (acme_api/prod)", "bucket_region"],
        ["vaults[3] (acme_api/prod)", "adopt"],
    ]


def test_the_example_gives_readers_no_key() -> None:
    """With a key of the operator's own they need kms:Decrypt besides, which a reader of the file must learn there."""
    [paragraph] = [part for part in CONTENT.split("\n\n") if "\n#kms_key = " in part and "made here" in part]
    assert "kms:Decrypt" in paragraph


def known_keys(folder: Folder) -> set[str]:
    """Every key of every table, as the reader itself tells them when it meets one that it does not know."""
    lines = [line for line in folder.problems(MAXIMAL) if "known here are" in line]
    assert len(lines) == 9
    return {key for line in lines for key in line.partition("known here are ")[2].split(", ")}


def test_every_key_that_the_reader_knows_is_in_the_example(folder: Folder) -> None:
    keys = known_keys(folder)
    assert {
        "account",
        "trail",
        "channel_id",
        "egress",
        "repo",
        "writer_secret",
        "overlap_hours",
        "heal",
        "header",
    } <= keys
    missing = {key for key in keys if not re.search(rf"^#?(\[*[a-z.]*)?{key}(\]| = )", CONTENT, re.MULTILINE)}
    assert missing == set()


def test_every_key_of_the_example_is_explained() -> None:
    """By its name in a comment, or by a comment in the same paragraph."""
    prose = "\n".join(line for line in CONTENT.splitlines() if line.startswith("# "))
    for paragraph in re.split(r"\n(?:#?\n)+", CONTENT):
        for key in re.findall(r"^#?([a-z_]+) = ", paragraph, re.MULTILINE):
            assert re.search(rf"\b{key}\b", prose) or "# " in paragraph, f"{key} is not explained"


def blocks() -> Iterator[tuple[int, int]]:
    """First and last line of each setting that is left out; a table with its keys is one."""
    lines = CONTENT.splitlines()
    number = 0
    while number < len(lines):
        first = number
        while number < len(lines) and LEFT_OUT.match(lines[number]):
            number += 1
        if number > first:
            yield first, number
        number += 1


SWITCHED_ON = {CONTENT.splitlines()[first].lstrip("#"): (first, end) for first, end in blocks()}


@pytest.mark.parametrize(("first", "end"), SWITCHED_ON.values(), ids=SWITCHED_ON)
def test_every_setting_that_is_left_out_can_be_switched_on(folder: Folder, first: int, end: int) -> None:
    lines = CONTENT.splitlines()
    lines[first:end] = [line.removeprefix("#") for line in lines[first:end]]
    content = "\n".join(lines)
    if "private_health_hosts" in lines[end - 1]:
        content = content.replace("https://web.example.com/health", "https://shop.internal.example/health")
    deployment = folder.read(content)
    assert deployment != read(EXAMPLE) or "bucket_region" in lines[first]


def test_something_is_left_out_of_every_kind() -> None:
    assert len(SWITCHED_ON) >= 10


def test_the_example_names_example_accounts_and_hosts_only() -> None:
    assert set(re.findall(r"\b\d{12}\b", CONTENT)) == {"111122223333", "000000000000"}
    hosts = set(re.findall(r"(?:https://|@)([a-z0-9.-]+)", CONTENT))
    assert {host for host in hosts if not host.endswith((".example", "example.com", "amazonaws.com"))} == set()
