"""The rotation probe, deployed: a function of the run's own that secrets of the run's own name."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from tests.acceptance.aws import tried
from tests.acceptance.functions import log_lines
from tests.acceptance.probes import rotation_probe
from tests.acceptance.probes.made import made
from tests.acceptance.probes.role import EVERY_SECONDS, KNOWN_WITHIN_SECONDS, NotKnownInTimeError
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

NAME: Final = "rotation"
_TIMEOUT_SECONDS: Final = 30
_RANDOM_BYTES: Final = 3
_READABLE: Final = 0o644  # by whichever user Lambda runs it as
# Lambda's and Secrets Manager's words for a role or a permission that has not reached them yet.
_NOT_YET: Final = frozenset({"InvalidParameterValueException", "AccessDeniedException"})


class ProbeRefusedError(Exception):
    """The service does not take the request as it is, whatever it knows by then."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A rotation that was ordered: the secret's name and the version's id."""

    secret: str
    version: str


class RotationProbe:
    """The function, made on first use, and its record."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.function = stage.run.probe(NAME)
        self.arn = self._deployed()

    def on_a_secret(self, name: str, **details: Any) -> "Ordered":
        """Have it rotate a new secret, whose name begins so. `details` go to RotateSecret.

        Raises:
            NotKnownInTimeError: Secrets Manager may not invoke it.
            ProbeRefusedError: Secrets Manager refuses the order for another reason.
        """
        manager = self._stage.client("secretsmanager")
        # New each time: one whose rotation failed takes no other order.
        secret = self._stage.run.probe_secret(f"{name}-{token_hex(_RANDOM_BYTES)}")
        manager.create_secret(Name=secret, SecretString="{}")
        order = {"SecretId": secret, "RotationLambdaARN": self.arn, **details}
        return Ordered(secret, str(self._once_known(manager.rotate_secret, order)["VersionId"]))

    def seen(self, version: str) -> list[Mapping[str, Any]]:
        """What it wrote about a version so far, in the order of time."""
        group = f"/aws/lambda/{self.function}"
        lines = [line for line in log_lines(self._stage.aws, group, f'"{version}"') if _is_ours(line, version)]
        return sorted(lines, key=lambda line: str(line["at"]))

    def _deployed(self) -> str:
        lambda_ = self._stage.client("lambda")
        role = self._role()
        request = {
            "FunctionName": self.function,
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "Role": role,
            "Handler": f"{rotation_probe.__name__.rpartition('.')[2]}.lambda_handler",
            "Timeout": _TIMEOUT_SECONDS,
            "Code": {"ZipFile": _zipped(Path(rotation_probe.__file__))},
        }
        if not tried(lambda_.get_function_configuration, FunctionName=self.function).went_well:
            self._once_known(lambda_.create_function, request)
        made(
            lambda_.add_permission,
            FunctionName=self.function,
            StatementId="SecretsManager",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            SourceAccount=self._stage.aws.account,
        )
        return self._once_active(lambda_)

    def _once_active(self, lambda_: Any) -> str:
        def active() -> str | None:
            found = lambda_.get_function_configuration(FunctionName=self.function)
            return str(found["FunctionArn"]) if found.get("State") == "Active" else None

        arn = until(self._stage.clock, active, timeout_seconds=KNOWN_WITHIN_SECONDS, every_seconds=EVERY_SECONDS)
        if arn is None:
            raise NotKnownInTimeError(f"function {self.function} was not active within {KNOWN_WITHIN_SECONDS:g} s")
        return arn

    def _role(self) -> str:
        iam = self._stage.client("iam")
        trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        made(iam.create_role, RoleName=self.function, AssumeRolePolicyDocument=_document(trusted))
        root = f"arn:{self._stage.aws.partition}"
        secrets = f"{root}:secretsmanager:*:{self._stage.aws.account}:secret:{self._stage.run.probe_secret('*')}"
        manage = ["DescribeSecret", "GetSecretValue", "PutSecretValue"]
        may = {"Effect": "Allow", "Action": [f"secretsmanager:{each}" for each in manage], "Resource": secrets}
        write = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        group = f"{root}:logs:*:*:log-group:/aws/lambda/{self.function}*"
        logs = {"Effect": "Allow", "Action": write, "Resource": group}
        iam.put_role_policy(RoleName=self.function, PolicyName="probe", PolicyDocument=_document(may, logs))
        return str(iam.get_role(RoleName=self.function)["Role"]["Arn"])

    def _once_known(self, call: Any, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send it until what it refers to is known where it is asked."""

        def accepted() -> Mapping[str, Any] | None:
            answer = tried(call, **request)
            if answer.went_well:
                found: Mapping[str, Any] = answer.value
                return found
            if answer.code in _NOT_YET:
                return None
            raise ProbeRefusedError(f"{answer}: {answer.value['Error'].get('Message', '')}")

        found = until(self._stage.clock, accepted, timeout_seconds=KNOWN_WITHIN_SECONDS, every_seconds=EVERY_SECONDS)
        if found is None:
            raise NotKnownInTimeError(f"{self.function}: refused for {KNOWN_WITHIN_SECONDS:g} s")
        return found


def _is_ours(line: Mapping[str, Any], version: str) -> bool:
    return line.get("probe") == rotation_probe.MARK and line.get("version") == version


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _zipped(file: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo(file.name)
        entry.external_attr = _READABLE << 16
        archive.writestr(entry, file.read_bytes())
    return packed.getvalue()


def steps(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which steps, in order."""
    return [str(line["step"]) for line in lines]
