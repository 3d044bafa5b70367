"""What a question is asked on: the account, the throw-away vault in it, an operator, and time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.acceptance.aws import Aws
from tests.acceptance.discretion import Discretion
from tests.acceptance.operating import Operator
from tests.acceptance.run import Run
from tests.acceptance.throw_away import FirstValues
from tests.acceptance.waiting import Clock
from vsync_rotation_cli.aws.premises import Trail

if TYPE_CHECKING:
    from tests.acceptance.vault import Vault


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything at hand. `trail` looks whether CloudTrail will tell of the service's own rotation events."""

    aws: Aws
    run: Run
    operator: Operator
    clock: Clock
    values: FirstValues
    discretion: Discretion
    trail: Callable[[], Trail]

    @property
    def vault(self) -> "Vault":
        """The throw-away vault."""
        # Not before the credentials are known to be good: what it is read by opens a session of the SDK when imported.
        from tests.acceptance.vault import Vault

        return Vault(self.aws, self.run, self.discretion)

    def client(self, service: str) -> Any:
        """A client with the caller's credentials."""
        return self.aws.client(service)
