"""The embedded AWS as a deployment leaves it: its secrets, users, keys and buckets, and the five functions' roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk.config.model import Deployment
from cdk.rendered_identities import Document, Identity
from cdk.rendering import Rendering
from check_vaults.handler import lambda_handler as check_vaults
from restart_consumers.handler import lambda_handler as restart_consumers
from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.functions import Handler
from simulator.rotation_records import Outcome, RotationRecord
from simulator.vaults import Vault
from simulator.world import World
from tests.contract.restart.cluster import LocalCluster

HANDLERS: Final[Mapping[str, Handler]] = {
    "rotate_iam_access_key": rotate_iam_access_key,
    "rotate_vault_passphrase": rotate_vault_passphrase,
    "retire_iam_access_keys": retire_iam_access_keys,
    "check_vaults": check_vaults,
    "restart_consumers": restart_consumers,
}


@dataclass(frozen=True, slots=True)
class Account:
    """What was deployed.

    Attributes:
        rendering: the templates, with the ARNs that secrets and keys have in the embedded AWS.
        roles: of the functions, by folder.
        readers: of the vaults' users that the stacks make, by the user's name.
        vaults: by their ids.
        cluster: the API of the EKS cluster that is among the consumers.
    """

    world: World = field(repr=False)
    deployment: Deployment
    rendering: Rendering
    roles: Mapping[str, Identity]
    readers: Mapping[str, Identity]
    vaults: Mapping[str, Vault]
    cluster: LocalCluster = field(repr=False)

    def deploy(self, replaced: Mapping[str, Sequence[Document]] | None = None) -> None:
        """The functions, each under its role, and policies count from now on. `replaced`: other policies by folder.

        A step that fails is not tried again, so that a denial costs one try; whoever needs a second one says so.
        """
        self.world.rotation_service.attempts = 1
        settings = {made.properties["FunctionName"]: made for made in self.rendering.resources("AWS::Lambda::Function")}
        for folder, role in self.roles.items():
            made = settings[role.name].properties
            self.world.deploy(
                role.name,
                HANDLERS[folder],
                timeout_seconds=made["Timeout"],
                environment=made["Environment"]["Variables"],
                policies=tuple((replaced or {}).get(folder, role.documents)),
            )
        self.world.enforce_iam()

    def operator(self, service: str) -> Any:
        """A client that may do everything."""
        return self.world.client(service)

    def invoke(self, folder: str, event: Any, **details: Any) -> Any:
        """Run a function; what it raises is raised."""
        return self.world.invoke(self.roles[folder].name, event, **details)

    def rotate(self, secret: str, folder: str) -> RotationRecord:
        """RotateSecret, as a schedule asks for it, carried out."""
        arn = f"{self.world.functions.arn_prefix}{self.roles[folder].name}"
        self.operator("secretsmanager").rotate_secret(SecretId=secret, RotationLambdaARN=arn)
        (record,) = self.world.rotation_service.run()
        return record

    def rotated(self, secret: str, folder: str) -> RotationRecord:
        """A rotation that has to succeed."""
        record = self.rotate(secret, folder)
        assert (record.outcome, record.error, record.message) == (Outcome.SUCCEEDED, None, None)
        return record

    def key_rotated(self, vault: str) -> RotationRecord:
        return self.rotated(self.vaults[vault].config_secret, "rotate_iam_access_key")

    def passphrase_rotated(self, vault: str) -> RotationRecord:
        return self.rotated(self.vaults[vault].passphrase_secret, "rotate_vault_passphrase")

    def arn_of(self, secret: str) -> str:
        return str(self.operator("secretsmanager").describe_secret(SecretId=secret)["ARN"])

    def told(self, detail_type: str) -> list[Mapping[str, Any]]:
        """The details of the events of this type that arrived on the bus."""
        return [event.detail for event in self.world.events if event.detail_type == detail_type]

    def user_tags(self, user: str) -> dict[str, str]:
        """This software's marks on a user, without their prefix."""
        tags = self.operator("iam").list_user_tags(UserName=user)["Tags"]
        return {tag["Key"].removeprefix("vsync-rotation:"): tag["Value"] for tag in tags}

    def keys(self, user: str) -> dict[str, str]:
        """The user's access keys with their status."""
        listed = self.operator("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def key_in(self, vault: str) -> str:
        """The key in AWSCURRENT."""
        return str(self.vaults[vault].blob()["accessKeyId"])

    def tag(self, secret: str, **tags: str) -> None:
        """Names without their prefix, underscores for dashes."""
        listed = [{"Key": f"vsync-rotation:{name.replace('_', '-')}", "Value": value} for name, value in tags.items()]
        self.operator("secretsmanager").tag_resource(SecretId=secret, Tags=listed)

    def parameter(self, name: str) -> str | None:
        """What a function remembers, read by an operator."""
        found = self.operator("ssm").get_parameters(Names=[f"/vsync-rotation/{name}"])["Parameters"]
        return str(found[0]["Value"]) if found else None

    def hours_later(self, hours: float) -> None:
        self.world.clock.advance(hours * 3600)
