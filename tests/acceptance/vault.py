"""The throw-away vault as those who use it see it: an application that boots, a laptop that pushes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.application import Booted, boot, pull
from simulator.laptop import Laptop
from simulator.vault_bytes import TIMESTAMP_FORM, Blob
from tests.acceptance.aws import Aws, Credentials
from tests.acceptance.discretion import Discretion
from tests.acceptance.run import Run
from tests.acceptance.throw_away import GREETING, FirstValues


@dataclass(frozen=True, slots=True)
class Vault:
    """Read with the caller's credentials; every value read is a secret from then on."""

    aws: Aws
    run: Run
    discretion: Discretion

    def push(self, values: FirstValues, at: datetime) -> None:
        """The first bundle, in both layouts, under the first passphrase."""
        laptop = Laptop(
            self.aws.client("s3"),
            self.run.bucket,
            self.run.place,
            self.run.place,
            values.salt,
            values.passphrase,
            values.iterations,
        )
        timestamp = at.strftime(TIMESTAMP_FORM)
        laptop.publish(timestamp, {"GREETING": GREETING})
        laptop.push(timestamp, {".env": f"GREETING={GREETING}\n".encode()})

    def boot(self) -> Booted:
        """An application starts with both values as they are now."""
        return boot(self.config(), self.passphrase())

    def pull(self) -> Booted:
        """The CLI fetches with both values as they are now."""
        return pull(self.config(), self.passphrase(), self.run.place)

    def credentials(self) -> Credentials:
        """The reader's key, as it is now."""
        blob = Blob.decode(self.config())
        return Credentials(blob["accessKeyId"], blob["secretAccessKey"])

    def config(self) -> str:
        """VSYNC_CONFIG as it is now: a blob, or before the first rotation a location."""
        value = self._current(self.run.config_secret)
        if not value.startswith("{"):
            self.discretion.keep(Blob.decode(value)["secretAccessKey"])
        return value

    def passphrase(self) -> str:
        """VSYNC_PASSPHRASE as it is now."""
        return self._current(self.run.passphrase_secret)

    def facts(self, secret: str) -> Any:
        """What DescribeSecret tells of it."""
        return self.aws.client("secretsmanager").describe_secret(SecretId=secret)

    def current_version(self, secret: str) -> str | None:
        """The id of the version in AWSCURRENT."""
        labels = self.facts(secret).get("VersionIdsToStages", {})
        return next((version for version, names in labels.items() if "AWSCURRENT" in names), None)

    def _current(self, secret: str) -> str:
        answer = self.aws.client("secretsmanager").get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
        value = str(answer["SecretString"])
        self.discretion.keep(value)
        return value
