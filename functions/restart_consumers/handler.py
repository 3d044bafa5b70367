"""The Lambda entry point: composition only. Nothing but imports runs at import."""

from functools import cache

from vsync_rotation.cold_start import uncollected

with uncollected():
    from restart_consumers.restarting import Summary, restart_consumers
    from vsync_rotation.aws.clients import Clients
    from vsync_rotation.aws.consumer_kinds.registry import restarters
    from vsync_rotation.aws.parameters import Parameters
    from vsync_rotation.invocation import begun


@cache
def _clients() -> Clients:
    return Clients()


def lambda_handler(event: object, context: object) -> Summary:
    """Restart the consumers of one secret; raises what Lambda should try again."""
    clients = _clients()
    with begun("restart_consumers", clients, context) as invocation:
        return restart_consumers(event, restarters(clients), Parameters(clients), invocation.ports, invocation.deadline)
