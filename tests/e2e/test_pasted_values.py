"""A blob or a passphrase in any option's place, of a command that could otherwise do its work, is never shown again."""

import json

import pytest

from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from tests.e2e.checkouts import Checkout
from tests.e2e.operators import NAME, Operator, emptied, vault_table
from tests.e2e.rotation_scenes import Waiting
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.deploy.command import run as run_deploy

# As we make them: 44 characters of base64, which has slashes or not.
WORDS = {
    "blob": "vsync-cfg-v1:" + "H4sIAAAAAAAA" * 8,
    "passphrase": "kX3/q9vTz0pYwLr8sJmN+4cUe7aGhB2dFoVi/1xRtQk=",
    "plain passphrase": "kX3_q9vTz0pYwLr8sJmN+4cUe7aGhB2dFoVi-1xRtQk=",
}


@pytest.fixture(params=WORDS.values(), ids=tuple(WORDS))
def word(request: pytest.FixtureRequest, world: World) -> str:
    """Whatever is printed is searched for it."""
    pasted: str = request.param
    world.secrets.add(pasted)
    return pasted


@pytest.fixture
def vault(world: World) -> Vault:
    return make_vault(world, Layout.RUNTIME)


@pytest.mark.parametrize("option", ["--vault", "--from", "--profile"])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_seed(operator: Operator, vault: Vault, option: str, dry: tuple[str, ...], word: str) -> None:
    emptied(vault)
    ran = operator.run("seed", "--deployment", operator.file(vault_table(vault)), option, word, *dry)
    assert ran.status in (1, 2)


def test_adopt(operator: Operator, vault: Vault, word: str) -> None:
    file = operator.file(vault_table(vault))
    assert operator.run("adopt", "--deployment", file, "--profile", word).status == 1
    assert operator.run("adopt", "--deployment", word).status == 2


@pytest.mark.parametrize("option", ["--secret-id", "--region", "--profile", "--timeout"])
@pytest.mark.parametrize("command", ["rotate", "decode"])
def test_rotate_and_decode(operator: Operator, vault: Vault, command: str, option: str, word: str) -> None:
    named = () if option == "--secret-id" else ("--secret-id", vault.config_secret)
    assert operator.run(command, *named, option, word).status in (1, 2)


@pytest.mark.parametrize("option", ["--deployment", "--forget", "--from", "--profile", "--drop-replica"])
def test_deploy(operator: Operator, world: World, vault: Vault, option: str, word: str) -> None:
    emptied(vault)
    checkout = Checkout(world, operator.folder / "checkout")
    text = operator.folder / f"{NAME}.toml"
    operator.file(vault_table(vault))
    (checkout.deployments / f"{NAME}.toml").write_text(text.read_text())
    world.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="21", Type="String")
    named = () if option == "--deployment" else ("--deployment", NAME)

    def deploys() -> int:
        arguments = parse(["deploy", *named, option, word, "--yes", "--no-rotate"])
        return run_deploy(arguments, Waiting(lambda: None), checkout.tools)

    assert operator.run_command(deploys).status in (1, 2)


def test_a_file_of_values_with_a_value_for_a_vaults_name(operator: Operator, vault: Vault, word: str) -> None:
    emptied(vault)
    given = json.dumps({word: {"config": "any"}}).encode()
    file = operator.file(vault_table(vault))
    assert operator.run("seed", "--deployment", file, "--from", "-", given=given).status == 2
