"""What is there before the story begins: a vault in both layouts, its reader, its two secrets, and who boots from them.

All of it was made a day ago, so that the first access key has a life before its rotation.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from simulator.vaults import FIRST_TIMESTAMP, Layout, Vault, make_vault
from simulator.world import World

CLI_ITERATIONS: Final = 600_000  # the vsync CLI uses no other count (vsync-format: key derivation)
AGE: Final = timedelta(days=1)

VALUES: Final = {
    "DATABASE_URL": "postgres://app@db.internal.example/app",
    "REDIS_URL": "redis://cache.internal.example:6379/0",
    "SMTP_HOST": "mail.internal.example",
    "FEATURE_FLAGS": "checkout-v2,dark-mode",
}
FILES: Final = {
    ".env.prod": "".join(f"{name}={value}\n" for name, value in VALUES.items()).encode(),
    "config/limits.json": json.dumps({"uploads_mb": 25, "sessions": 4000}).encode(),
}
# What a laptop pushes later, under the passphrase it knows.
PUSHED_VALUES: Final = {**VALUES, "FEATURE_FLAGS": "checkout-v3,dark-mode"}
PUSHED_FILES: Final = {**FILES, ".env.prod": "".join(f"{n}={v}\n" for n, v in PUSHED_VALUES.items()).encode()}

CLUSTER: Final = "main"
SERVICE: Final = "web"
# What boots from both secrets and is to be restarted after each promotion.
_CONSUMER: Final = {f"vsync-rotation:consumer:{SERVICE}": f"ecs:{CLUSTER}/{SERVICE}"}
_HEAL: Final = {"vsync-rotation:heal": "on"}
# A field that this software knows nothing of: minting has to keep it.
_EXTRA: Final = {"team": "web-platform"}


def furnish(world: World, iterations: int) -> Vault:
    """Make it all in an empty AWS, in which the reader may do no more than its policy says."""
    payload = json.dumps({"kv": VALUES, "assets": {}}).encode()
    with _a_day_ago(world):
        _make_consumer(world)
        vault = make_vault(
            world,
            Layout.RUNTIME,
            payload=payload,
            iterations=iterations,
            extra_fields=_EXTRA,
            key_tags=_CONSUMER,
            passphrase_tags={**_CONSUMER, **_HEAL},
        )
        vault.laptop.push(FIRST_TIMESTAMP, FILES)
    world.enforce_iam()
    return replace(vault, layout=Layout.BOTH)


@contextmanager
def _a_day_ago(world: World) -> Iterator[None]:
    """Inside the block it is yesterday; afterwards it is now, in real time or in virtual time as before."""
    was_virtual = world.clock.is_virtual
    world.clock.stand_still(world.clock.now() - AGE)
    try:
        yield
    finally:
        world.clock.advance(AGE.total_seconds())
        if not was_virtual:
            world.clock.run_freely()


def _make_consumer(world: World) -> None:
    ecs = world.client("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    container = {"name": SERVICE, "image": SERVICE, "memory": 256, "cpu": 256}
    ecs.register_task_definition(family=SERVICE, containerDefinitions=[container])
    ecs.create_service(cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=2)
