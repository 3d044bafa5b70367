"""An account, a checkout and an operator who deploys, with a vault that nothing was made for yet."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from tests.e2e.checkouts import Checkout
from tests.e2e.operators import NAME, Operator, Person, Ran, vault_table
from tests.e2e.rotation_scenes import Waiting, works
from tests.e2e.test_adopt import arns, untagged
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.deploy.command import run

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


@dataclass(frozen=True)
class Scene:
    """An account, a checkout with a deployment file, and a vault in its bucket that has neither user nor secrets yet."""

    operator: Operator
    checkout: Checkout
    vault: Vault
    location: str
    passphrase: str
    further: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.operator.world

    def write(self, *tables: str, head: str = "") -> None:
        text = Path(self.operator.file(*tables, head=head)).read_text()
        (self.checkout.deployments / f"{NAME}.toml").write_text(text)

    def deploy(self, *options: str, given: bytes | Person | None = None, slowness: float = 1.0) -> Ran:
        arguments = parse(["deploy", "--deployment", NAME, *options])
        self.checkout.ran.clear()
        clock = Waiting(works(self.world), slowness)
        return self.operator.run_command(lambda: run(arguments, clock, self.checkout.tools), given)

    def values(self) -> str:
        """A file of the values of this vault and of `another`."""
        everything = {self.vault.repo: (self.location, self.passphrase), **self.further}
        document = {
            f"{repo}/prod": {"config": location, "passphrase": passphrase}
            for repo, (location, passphrase) in everything.items()
        }
        return self.operator.values(json.dumps(document))

    def another(self, repo: str = "acme_api") -> Vault:
        """A further vault that nothing was made for yet, for a file that names both."""
        vault = make_vault(self.world, Layout.RUNTIME, repo=repo, bucket=f"{repo.replace('_', '-')}-bucket")
        self.further[vault.repo] = unmade(vault)
        return vault

    def adoptable(self, repo: str = "beta") -> Vault:
        """A further vault whose user and secrets were there before."""
        vault = make_vault(self.world, Layout.RUNTIME, repo=repo, bucket=f"{repo}-bucket")
        untagged(vault)
        return vault

    def adopted(self, vault: Vault, *, repo: str | None = None, more: str = "") -> str:
        """It as a deployment file has it, perhaps by another name."""
        table = vault_table(vault, adopt=arns(self.operator, vault), more=more)
        return table.replace(f'repo = "{vault.repo}"', f'repo = "{repo or vault.repo}"')

    def adopt(self) -> None:
        file = str(self.checkout.deployments / f"{NAME}.toml")
        assert self.operator.run("adopt", "--deployment", file, "--yes").status == 0

    def rotates(self, secret: str) -> bool:
        return bool(self.world.client("secretsmanager").describe_secret(SecretId=secret).get("RotationEnabled"))

    def deployed(self) -> None:
        """Everything but first rotations, without a word to anybody."""
        assert self.deploy("--yes", "--no-rotate", "--from", self.values()).status == 0

    def refusal(self, *options: str, status: int = 1) -> str:
        """What stands in the way, once it is sure that nothing was deployed or written."""
        before = self.operator.writes()
        ran = self.deploy("--yes", *options, given=Person())
        assert (ran.status, self.deployments) == (status, [])
        assert self.operator.writes() == before
        return ran.err

    @property
    def deployments(self) -> list[str]:
        return [word for word in self.checkout.ran if word.startswith("deploy ")]


def unmade(vault: Vault) -> tuple[str, str]:
    """Leave the bucket alone and take away user and secrets. Returns location and passphrase."""
    passphrase = vault.passphrase()
    fields = {
        name: value for name, value in vault.blob().fields.items() if name not in {"accessKeyId", "secretAccessKey"}
    }
    manager, iam = vault.world.client("secretsmanager"), vault.world.client("iam")
    for secret in (vault.config_secret, vault.passphrase_secret):
        manager.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    for key in iam.list_access_keys(UserName=vault.iam_user)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=vault.iam_user, AccessKeyId=key["AccessKeyId"])
    for policy in iam.list_user_policies(UserName=vault.iam_user)["PolicyNames"]:
        iam.delete_user_policy(UserName=vault.iam_user, PolicyName=policy)
    iam.delete_user(UserName=vault.iam_user)
    return json.dumps(fields), passphrase


def new_scene(operator: Operator, world: World) -> Scene:
    vault = make_vault(world, Layout.RUNTIME)
    world.client("ssm").put_parameter(Name=BOOTSTRAP, Value="21", Type="String")
    found = Scene(operator, Checkout(world, operator.folder / "checkout"), vault, *unmade(vault))
    found.write(vault_table(vault))
    return found
