"""A world as it was at one moment, to begin many histories from: making a vault again each time costs more than most.

What moto holds of the three services a vault lives in is copied, and so is what the leak register knows. Functions,
orders of rotations, events and the record of requests begin anew.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from simulator.vault_bytes import blob_credentials
from simulator.world import ACCOUNT_ID, World

_HELD: Final[tuple[tuple[Callable[[World], Any], tuple[str, ...]], ...]] = (
    (lambda world: secretsmanager_backends[ACCOUNT_ID][world.region], ("secrets",)),
    (lambda _: s3_backends[ACCOUNT_ID]["aws"], ("buckets", "tagger")),
    (lambda _: iam_backends[ACCOUNT_ID]["aws"], ("users", "access_keys", "inline_policies", "tagger")),
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Made by `taken`."""

    world: World
    at: datetime
    held: bytes = field(repr=False)
    secrets: dict[str, tuple[str, str]] = field(repr=False)

    def restore(self) -> None:
        """A reset world in virtual time that holds what was held."""
        self.world.reset()
        self.world.clock.stand_still(self.at)
        self.bring_back()

    def bring_back(self) -> None:
        """What was held, in the world as it is: instead of all that these services hold there, and nothing else."""
        if blob_credentials not in self.world.secrets.expanders:
            self.world.secrets.expanders.append(blob_credentials)
        self.world.secrets._forms.update(self.secrets)
        for (backend, names), values in zip(_HELD, pickle.loads(self.held), strict=True):  # noqa: S301 - our own bytes
            for name, value in zip(names, values, strict=True):
                setattr(backend(self.world), name, value)


def is_empty(world: World) -> bool:
    """Whether the services that a checkpoint holds hold nothing yet."""
    return not any(getattr(backend(world), name) for backend, names in _HELD for name in names if name != "tagger")


def taken(world: World) -> Checkpoint:
    """The world as it is now; nothing that happens to it afterwards changes the checkpoint."""
    held = [[getattr(backend(world), name) for name in names] for backend, names in _HELD]
    # As bytes: moto closes every S3 object it ever made when it is reset, copies of them too.
    return Checkpoint(world, world.clock.now(), pickle.dumps(held), dict(world.secrets._forms))
