"""What a run has from the machine it runs on; a test has it from elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.acceptance.aws import Aws, here
from tests.acceptance.operating import InACheckout, Operator
from tests.acceptance.run import Run
from tests.acceptance.throw_away import VSYNCS_ITERATIONS
from tests.acceptance.waiting import Clock
from vsync_rotation.aws.clock import SystemClock
from vsync_rotation_cli.aws.premises import Account, Trail
from vsync_rotation_cli.aws.session import Session, choose

_REPORTS: Final = Path(__file__).parents[2] / "build" / "acceptance"


def _trail(region: str) -> Trail:
    """As the operator's own command looks for it."""
    choose(region, None)
    return Account(Session()).trail()


@dataclass(frozen=True, slots=True)
class Machine:
    """Attributes:
    aws: the account, seen with this machine's credentials in a region.
    operator: somebody who deploys and rotates, with a folder of their own.
    iterations: of the throw-away vault's key derivation.
    """

    aws: Callable[[str], Aws] = here
    operator: Callable[[Path, Run, str], Operator] = InACheckout.copied
    trail: Callable[[str], Trail] = _trail
    clock: Clock = field(default_factory=SystemClock)
    reports: Path = _REPORTS
    iterations: int = VSYNCS_ITERATIONS
