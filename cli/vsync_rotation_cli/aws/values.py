"""Values that are there already, for the few checks that cannot do without one."""

from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.aws.secret_facts import CURRENT
from vsync_rotation_cli.aws.session import Session


class CurrentSecretValues:
    """Implements `seed.judging.CurrentValues`."""

    def __init__(self, session: Session) -> None:
        self._secrets = SecretsManager(session.clients)

    def current(self, secret_id: str) -> SecretText | None:
        """The AWSCURRENT value; None where there is none."""
        version = self._secrets.find_labelled(secret_id, CURRENT)
        return None if version is None else version.value
