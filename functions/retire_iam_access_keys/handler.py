"""The Lambda entry point: composition only. Nothing but imports runs at import."""

from functools import cache
from typing import Any

from vsync_rotation.cold_start import uncollected

with uncollected():
    from retire_iam_access_keys.retiring import Retirement
    from vsync_rotation.aws.clients import Clients
    from vsync_rotation.aws.cloudwatch import Alarms
    from vsync_rotation.aws.iam import AccessKeys
    from vsync_rotation.aws.parameters import Parameters
    from vsync_rotation.aws.secrets_manager import SecretsManager
    from vsync_rotation.invocation import begun


@cache
def _clients() -> Clients:
    return Clients()


def lambda_handler(event: object, context: object) -> dict[str, Any]:
    """Retire what is due; returns a summary. Raises where one secret was named and could not be served."""
    clients = _clients()
    with begun("retire_iam_access_keys", clients, context) as invocation:
        retirement = Retirement(
            AccessKeys(clients),
            Alarms(clients),
            Parameters(clients),
            invocation.ports,
            invocation.deadline,
            invocation.serves,
        )
        return retirement.carry_out(event, SecretsManager(clients))
