"""The stage without the CDK: everything that the stacks make and a run needs, made by hand in the embedded AWS.

moto's CloudFormation knows no secrets and no schedules; stacks hold what it does know, the rest is made beside them, by
other credentials than the run's own, so that what the run asks for can be told apart.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk import names
from cdk.config.model import Deployment, Vault
from cdk.config.reading import read
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.run import ACCOUNT_ID, FUNCTION
from simulator.world import World
from tests.acceptance.embedded_aws import Turns
from tests.acceptance.probes import rotation_probe
from tests.acceptance.probes.function import NAME as PROBE
from tests.acceptance.run import Run
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.rotate.command import run as rotate
from vsync_rotation_cli.seed import values_file
from vsync_rotation_cli.seed.missing import Slot

# The fewest that the formats accept: 600,000 would make every test wait for the key.
ITERATIONS: Final = 1_000
HANDLERS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    names.ROTATE_KEY: rotate_iam_access_key,
    names.ROTATE_PASSPHRASE: rotate_vault_passphrase,
}
LONG_TERM_OVER_TLS: Final = {"Bool": {"aws:SecureTransport": "true"}, "Null": {"aws:TokenIssueTime": "true"}}


@dataclass
class ByHand:
    """Implements `Operator`. Before each thing it makes, `before` is told its name; deploying again does what `again` does.

    `rotates`: whether the vault's functions are there to rotate; without them nothing but names is of use.
    """

    world: World
    folder: Path
    run: Run
    clock: Turns
    before: Callable[[str], None] = lambda _name: None
    again: Callable[["ByHand", Deployment], int] | None = None
    rotates: bool = True
    deployments: int = 0

    def deploy(self, deployment_file: str, values_file_text: str) -> int:
        path = self.folder / f"{self.run.prefix}.toml"
        path.write_text(deployment_file)
        deployment = read(path)
        self.deployments += 1
        if self.deployments > 1:
            return self.again(self, deployment) if self.again else 0
        [vault] = deployment.vaults
        for name, make in self._everything(deployment, vault, values_file_text):
            self.before(name)
            make()
        return 0

    def rotate(self, secret_name: str) -> int:
        self.before(f"rotation of {secret_name}")
        return rotate(parse(["rotate", "--follow", "--secret-id", secret_name]), self.clock)

    def client(self, service: str) -> Any:
        return self.world.client(service, FUNCTION)

    def _everything(
        self, deployment: Deployment, vault: Vault, values: str
    ) -> Iterator[tuple[str, Callable[[], object]]]:
        yield "foundation", lambda: self.stack("foundation", FOUNDATION, {"PeopleTopic": {"Value": {"Ref": "People"}}})
        yield "vault", lambda: self.stack("vault-of-the-run", surviving(vault))
        yield "reader", lambda: self._reader(vault)
        yield "secrets", lambda: self._secrets(deployment, vault)
        yield "values", lambda: self._seed(vault, values)
        yield "rotation", lambda: self.stack("rotation-1", ROTATION)
        yield "functions", lambda: self._functions(vault)
        yield "schedule", self._schedule
        yield "watch", lambda: self.stack("watch", WATCH)
        if self.rotates:
            yield "first rotation", lambda: self.rotate(self.run.config_secret)

    def stack(self, name: str, resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None) -> None:
        template = json.dumps({"Resources": resources, "Outputs": outputs or {}})
        with warnings.catch_warnings(action="ignore"):  # moto's, about types it does not know
            self.client("cloudformation").create_stack(StackName=f"{self.run.prefix}-{name}", TemplateBody=template)

    def _reader(self, vault: Vault) -> None:
        """Beside the stack: moto's gives a user no policy."""
        bucket, place = f"arn:aws:s3:::{vault.store.bucket}", f"{vault.store.prefix}*"
        statements = [
            _allow("s3:GetObject", f"{bucket}/{place}", LONG_TERM_OVER_TLS),
            _allow("s3:ListBucket", bucket, {"StringLike": {"s3:prefix": place}, **LONG_TERM_OVER_TLS}),
        ]
        iam, user = self.client("iam"), self.run.reader
        iam.create_user(UserName=user, Path=names.USER_PATH)
        iam.put_user_policy(UserName=user, PolicyName="read-vault", PolicyDocument=document(*statements))

    def _secrets(self, deployment: Deployment, vault: Vault) -> None:
        manager, served_by = self.client("secretsmanager"), names.rotation_stack(deployment, 1)
        roles = [f"arn:aws:iam::{ACCOUNT_ID}:role/{self.run.function(folder)}" for folder in names.FUNCTIONS]
        root = f"arn:aws:iam::{ACCOUNT_ID}:root"
        denied = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": [root, *deployment.admins, *roles]}},
        }
        for name, tags in (
            (self.run.config_secret, config_secret_tags(vault, served_by)),
            (self.run.passphrase_secret, passphrase_secret_tags(vault, served_by)),
        ):
            manager.create_secret(Name=name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
            manager.put_resource_policy(SecretId=name, ResourcePolicy=document(denied))

    def _seed(self, vault: Vault, values: str) -> None:
        """By the command's own reader, but for the endpoint: the vault lies in the embedded AWS."""
        path = self.folder / "values.json"
        path.touch(mode=0o600)
        path.write_text(values)
        given = values_file.read(str(path), {vault.id: vault})
        location = json.loads(given[vault.id, Slot.CONFIG].reveal()) | {"endpoint": self.world.endpoint_url}
        manager = self.client("secretsmanager")
        manager.put_secret_value(SecretId=self.run.config_secret, SecretString=json.dumps(location))
        passphrase = given[vault.id, Slot.PASSPHRASE].reveal()
        manager.put_secret_value(SecretId=self.run.passphrase_secret, SecretString=passphrase)

    def _functions(self, vault: Vault) -> None:
        bucket, place = f"arn:aws:s3:::{vault.store.bucket}", f"{vault.store.prefix}*"
        allowed = {
            names.ROTATE_KEY: [
                _allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT_ID}:user/vsync/{self.run.reader}")
            ],
            names.ROTATE_PASSPHRASE: [
                _allow("s3:GetObject", f"{bucket}/{place}"),
                _allow("s3:ListBucket", bucket, {"StringLikeIfExists": {"s3:prefix": [place]}}),
            ],
            names.RETIRE: [
                _allow("iam:GetAccessKeyLastUsed", f"arn:aws:iam::{ACCOUNT_ID}:user/vsync/{self.run.reader}")
            ],
        }
        iam, manager = self.client("iam"), self.client("secretsmanager")
        for folder, statements in allowed.items():
            role = self.run.function(folder)
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=document())
            iam.put_role_policy(RoleName=role, PolicyName=folder, PolicyDocument=document(*statements))
        secrets = {names.ROTATE_KEY: self.run.config_secret, names.ROTATE_PASSPHRASE: self.run.passphrase_secret}
        for folder, secret in secrets.items() if self.rotates else ():
            arn = self.world.deploy(self.run.function(folder), HANDLERS[folder])
            manager.rotate_secret(SecretId=secret, RotationLambdaARN=arn, RotateImmediately=False)
        self.world.deploy(self.run.probe(PROBE), rotation_probe.lambda_handler)
        self.world.rotation_service.run()

    def _schedule(self) -> None:
        """As `cdk/constructs/clockwork.py` makes it."""
        scheduler, group = self.client("scheduler"), f"{self.run.prefix}-rotation-1-Clockwork"
        secret = self.client("secretsmanager").describe_secret(SecretId=self.run.passphrase_secret)["ARN"]
        token = "rotation-by-schedule-<aws.scheduler.execution-id>"
        [dead_letters] = self.client("sqs").list_queues(QueueNamePrefix=f"{self.run.prefix}-rotation-1")["QueueUrls"]
        queue = f"arn:aws:sqs:{self.world.region}:{ACCOUNT_ID}:{dead_letters.rpartition('/')[2]}"
        scheduler.create_schedule_group(Name=group)
        scheduler.create_schedule(
            Name=f"{self.run.prefix}-rotation-1-Planned",
            GroupName=group,
            ScheduleExpression="cron(0 3 1 1 ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": "arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret",
                "RoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/{self.run.prefix}-rotation-1-Role",
                "Input": json.dumps({"SecretId": secret, "ClientRequestToken": token}),
                "DeadLetterConfig": {"Arn": queue},
            },
        )


FOUNDATION: Final = {"People": {"Type": "AWS::SNS::Topic", "Properties": {}}}
ROTATION: Final = {
    "DeadLetters": {"Type": "AWS::SQS::Queue", "Properties": {}},
    "Log": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"RetentionInDays": 1}},
}
WATCH: Final = {"DeadLetters": {"Type": "AWS::SQS::Queue", "Properties": {}}}


def surviving(vault: Vault) -> Mapping[str, Any]:
    """The vault's stack, as far as moto's CloudFormation goes."""
    versioned = {"BucketName": vault.store.bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    return {"VaultBucket": {"Type": "AWS::S3::Bucket", "Properties": versioned}}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(action: str, resource: str, condition: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({} if condition is None else {"Condition": condition})
