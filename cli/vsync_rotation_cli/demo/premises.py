"""What is there before the story begins: a vault in both layouts, its reader, its two secrets."""

import json
from dataclasses import replace
from typing import Final

from simulator.vaults import FIRST_TIMESTAMP, Layout, Vault, make_vault
from simulator.world import World

CLI_ITERATIONS: Final = 600_000  # the vsync CLI uses no other count (vsync-format: key derivation)

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
# A field that this software knows nothing of: minting has to keep it.
_EXTRA: Final = {"team": "web-platform"}


def furnish(world: World, iterations: int) -> Vault:
    """Make it all in an empty AWS, in which the reader may do no more than its policy says."""
    payload = json.dumps({"kv": VALUES, "assets": {}}).encode()
    vault = make_vault(world, Layout.RUNTIME, payload=payload, iterations=iterations, extra_fields=_EXTRA)
    vault.laptop.push(FIRST_TIMESTAMP, FILES)
    world.enforce_iam()
    return replace(vault, layout=Layout.BOTH)
