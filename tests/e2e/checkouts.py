"""A checkout whose other programs are played: packaging, synthesis, npm and the CDK's command line.

What the CDK would deploy really comes to be in the embedded AWS, from the templates it is given: stacks, users and keys by
moto, secrets and rotation schedules, which moto's CloudFormation does not know, by their own services.
"""

import json
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdk import names
from cdk.config.model import Adopted, Deployment, Made, Vault
from cdk.config.reading import read
from cdk.placement import placed
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from simulator.world import World
from vsync_rotation_cli.deploy.tools import Tools

KEPT = {"DeletionPolicy": "Retain"}
LOCK = Path(__file__).parent.parent.parent / "package-lock.json"


@dataclass
class Checkout:
    """`ran` lists what was started, by a word or two; a word in `fails` makes that program fail.

    `afterwards` is what happens once such a program has ended.
    """

    world: World
    folder: Path
    ran: list[str] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)
    stacks: dict[str, Any] = field(default_factory=dict)
    afterwards: Callable[[str], None] = lambda _word: None

    def __post_init__(self) -> None:
        (self.folder / "cdk" / "deployments").mkdir(parents=True)
        (self.folder / "package-lock.json").write_text(LOCK.read_text())

    @property
    def tools(self) -> Tools:
        return Tools(self.folder, self.run)

    @property
    def deployments(self) -> Path:
        return self.folder / "cdk" / "deployments"

    def made_from(self, file: str) -> None:
        """As if every stack had been deployed from a file of this name."""
        for stack, template in list(self.stacks.items()):
            self.stacks[stack] = {**template, "Outputs": {names.DEPLOYMENT_FILE: {"Value": file}}}
            self._record(stack, self.stacks[stack])

    def run(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
        assert folder == self.folder
        assert "CDK_OUTDIR" not in environment
        word, act = self._meaning(list(command))
        self.ran.append(word)
        if word in self.fails:
            return 1
        act()
        self.afterwards(word)
        return 0

    def _meaning(self, command: list[str]) -> tuple[str, Any]:
        if command[0] == sys.executable:
            assert command[1] == "-m"
            if command[2] == "cdk.packaging":
                assert command[3:] == ["--demand-bytecode", "--architecture", "arm64"]
                return "package", lambda: None
            assert command[2] == "cdk.app"
            return f"synthesize {command[3]}", lambda: self._synthesize(command[3])
        if Path(command[0]).name == "npm":
            return "npm ci", self._install
        verb, assembly = command[2], command[4]
        assert command[1:4] == [str(self.folder / "node_modules/aws-cdk/bin/cdk"), verb, "--app"]
        if verb == "diff":
            return "diff", lambda: None
        stacks = command[7 : command.index("--exclusively")]
        return f"deploy {' '.join(stacks)}", lambda: self._deploy(Path(assembly), stacks)

    def _install(self) -> None:
        package = self.folder / "node_modules" / "aws-cdk"
        package.mkdir(parents=True)
        version = json.loads(LOCK.read_text())["packages"]["node_modules/aws-cdk"]["version"]
        (package / "package.json").write_text(json.dumps({"version": version}))

    def _synthesize(self, name: str) -> None:
        deployment = read(self.deployments / f"{name}.toml")
        folder = self.folder / "build" / "cdk" / name
        folder.mkdir(parents=True, exist_ok=True)
        artifacts = {}
        for stack, template in templates_of(deployment).items():
            (folder / f"{stack}.template.json").write_text(json.dumps(template))
            properties = {"templateFile": f"{stack}.template.json", "requiresBootstrapStackVersion": 6}
            artifacts[stack] = {"type": "aws:cloudformation:stack", "properties": properties}
        artifacts["Tree"] = {"type": "cdk:tree", "properties": {"file": "tree.json"}}
        (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))

    def _deploy(self, assembly: Path, stacks: Sequence[str]) -> None:
        for stack in stacks:
            self.update(stack, json.loads((assembly / f"{stack}.template.json").read_text()))

    def update(self, stack: str, template: Mapping[str, Any]) -> None:
        """What CloudFormation does: nothing where nothing has changed; what is new first, then away with what is old."""
        before = self.stacks.get(stack, {"Resources": {}}) if self._is_there(stack) else {"Resources": {}}
        if before == template:
            return
        self._record(stack, template)
        for resource in template["Resources"].values():
            self._make(resource)
        for logical_id in before["Resources"].keys() - template["Resources"].keys():
            self._remove(before["Resources"][logical_id])
        self.stacks[stack] = template

    def _is_there(self, stack: str) -> bool:
        found = self.world.client("cloudformation").list_stacks()["StackSummaries"]
        return any(other["StackName"] == stack and other["StackStatus"] != "DELETE_COMPLETE" for other in found)

    def _record(self, stack: str, template: Mapping[str, Any]) -> None:
        client, body = self.world.client("cloudformation"), json.dumps(template)
        with warnings.catch_warnings(action="ignore"):  # moto's, about types it does not know
            if self._is_there(stack):
                client.update_stack(StackName=stack, TemplateBody=body)
            else:
                protected = "Survives" in template["Description"]
                client.create_stack(StackName=stack, TemplateBody=body, EnableTerminationProtection=protected)

    def _make(self, resource: Mapping[str, Any]) -> None:
        manager = self.world.client("secretsmanager")
        properties = resource["Properties"]
        if resource["Type"] == "AWS::SecretsManager::Secret":
            try:
                manager.create_secret(Name=properties["Name"], Tags=properties["Tags"])
            except manager.exceptions.ResourceExistsException:
                return
        if resource["Type"] == "AWS::SecretsManager::RotationSchedule":
            arn = self.world.deploy(properties["RotationLambdaARN"], rotate_iam_access_key)
            manager.rotate_secret(SecretId=properties["SecretId"], RotationLambdaARN=arn, RotateImmediately=False)
            self.world.rotation_service.run()

    def _remove(self, resource: Mapping[str, Any]) -> None:
        if resource["Type"] == "AWS::SecretsManager::RotationSchedule":
            self.world.client("secretsmanager").cancel_rotate_secret(SecretId=resource["Properties"]["SecretId"])


def templates_of(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Of each stack what the command looks at, under the logical ids that the stacks have."""
    numbers = placed(deployment)
    rotations: dict[str, dict[str, Any]] = {}
    for vault in deployment.vaults:
        stack = names.rotation_stack(deployment, numbers[vault.id])
        rotations.setdefault(stack, {}).update(_schedules(deployment, vault, numbers[vault.id]))
    described = "vsync rotation: "
    foundation, watch = names.foundation_stack(deployment), names.watch_stack(deployment)
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}}
    secrets_key = {} if deployment.kms_key else {"SecretsKey": {**key, **KEPT}}
    everything = {foundation: (f"{described}the key of the secrets. Survives.", {**secrets_key, "TopicsKey": key})}
    for vault in deployment.vaults:
        if made := _surviving(deployment, vault, numbers):
            description = f"{described}vault {vault.id}. Survives; holds no secret value."
            everything[names.vault_stack(deployment, vault)] = (description, made)
    for name, schedules in rotations.items():
        everything[name] = (f"{described}functions and schedules. Replaceable.", schedules)
    everything[watch] = (f"{described}what people are told. Replaceable.", _topic())
    if deployment.notifications.slack is not None:
        everything[names.chat_stack(deployment)] = (f"{described}a chat channel. Replaceable.", _topic())
    return {
        name: {
            "Description": description,
            "Resources": resources,
            "Outputs": {names.DEPLOYMENT_FILE: {"Value": deployment.name}},
        }
        for name, (description, resources) in everything.items()
    }


def _topic() -> dict[str, Any]:
    return {"People": {"Type": "AWS::SNS::Topic", "Properties": {}}}


def _surviving(deployment: Deployment, vault: Vault, numbers: Mapping[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    served_by = names.rotation_stack(deployment, numbers[vault.id])
    secrets = (
        ("ConfigSecret", vault.config_secret, config_secret_tags(vault, served_by)),
        ("PassphraseSecret", vault.passphrase_secret, passphrase_secret_tags(vault, served_by)),
    )
    for logical_id, secret, wanted in secrets:
        if isinstance(secret, Made):
            listed = [{"Key": tag, "Value": value} for tag, value in wanted.items()]
            properties: dict[str, Any] = {"Name": secret.name, "Tags": listed}
            if vault.replica_regions:
                properties["ReplicaRegions"] = [{"Region": region} for region in vault.replica_regions]
            if deployment.kms_key is not None:
                properties["KmsKeyId"] = deployment.kms_key
            found[logical_id] = {"Type": "AWS::SecretsManager::Secret", "Properties": properties, **KEPT}
    if isinstance(vault.reader, Made):
        user = {"UserName": vault.reader.name, "Path": "/vsync/"}
        found["ReaderUser"] = {"Type": "AWS::IAM::User", "Properties": user, **KEPT}
    return found


def _schedules(deployment: Deployment, vault: Vault, number: int) -> dict[str, Any]:
    name = "".join(part.capitalize() for part in names.slug(vault).split("-"))
    config = vault.config_secret
    properties = {
        "SecretId": config.arn if isinstance(config, Adopted) else config.name,
        "RotateImmediatelyOnUpdate": False,
        "RotationLambdaARN": names.function_name(deployment, number, names.ROTATE_KEY),
    }
    return {f"Key{name}Rotation": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": properties}}
