"""The Lambda entry point: composition only. Nothing but imports runs at import."""

import os
from functools import cache

from vsync_rotation.cold_start import uncollected

with uncollected():
    from rotate_vault_passphrase.steps import VaultPassphraseRotation
    from vsync_rotation.aws.clients import Clients
    from vsync_rotation.aws.stores import VaultStores
    from vsync_rotation.engine.run import run
    from vsync_rotation.invocation import begun
    from vsync_rotation.secret_vault import SecretVaults


@cache
def _clients() -> Clients:
    return Clients()


def lambda_handler(event: object, context: object) -> None:
    """Run one step of a passphrase rotation; raises when the step failed."""
    clients = _clients()
    with begun("rotate_vault_passphrase", clients, context) as invocation:
        vaults = SecretVaults(VaultStores(clients), os.urandom, invocation.function_name)
        rotation = VaultPassphraseRotation(vaults)
        run(event, rotation, invocation.ports, invocation.deadline)
