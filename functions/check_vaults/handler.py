"""The Lambda entry point: composition only. Nothing but imports runs at import."""

import os
from functools import cache
from typing import Any

from vsync_rotation.cold_start import uncollected

with uncollected():
    from check_vaults.checking import Checks
    from vsync_rotation.aws.clients import Clients
    from vsync_rotation.aws.clock import SystemClock
    from vsync_rotation.aws.parameters import Parameters
    from vsync_rotation.aws.secrets_manager import SecretsManager
    from vsync_rotation.aws.stores import VaultStores
    from vsync_rotation.invocation import begun
    from vsync_rotation.secret_vault import SecretVaults
    from vsync_rotation.web.health import HealthEndpoints


@cache
def _clients() -> Clients:
    return Clients()


@cache
def _probe() -> HealthEndpoints:
    return HealthEndpoints(SystemClock())


def lambda_handler(event: object, context: object) -> dict[str, Any]:
    """Check what is to be checked; returns a summary. Raises where one secret was named and could not be checked."""
    clients = _clients()
    with begun("check_vaults", clients, context) as invocation:
        checks = Checks(
            vaults=SecretVaults(VaultStores(clients), os.urandom, invocation.function_name),
            memory=Parameters(clients),
            directory=SecretsManager(clients),
            probe=_probe(),
            ports=invocation.ports,
            deadline=invocation.deadline,
            serves=invocation.serves,
        )
        return checks.carry_out(event)
