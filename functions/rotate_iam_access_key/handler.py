"""The Lambda entry point: composition only. Nothing but imports runs at import."""

from functools import cache

from vsync_rotation.cold_start import uncollected

with uncollected():
    from rotate_iam_access_key.steps import IamAccessKeyRotation
    from vsync_rotation.aws.clients import Clients
    from vsync_rotation.aws.cloudwatch import Alarms
    from vsync_rotation.aws.iam import AccessKeys
    from vsync_rotation.aws.stores import VaultStores
    from vsync_rotation.aws.sts import CallerIdentity
    from vsync_rotation.engine.run import run
    from vsync_rotation.invocation import begun


@cache
def _clients() -> Clients:
    return Clients()


def lambda_handler(event: object, context: object) -> None:
    """Run one step of an access key rotation; raises when the step failed."""
    clients = _clients()
    with begun("rotate_iam_access_key", clients, context) as invocation:
        rotation = IamAccessKeyRotation(
            AccessKeys(clients), CallerIdentity(clients), Alarms(clients), VaultStores(clients), invocation.actor
        )
        run(event, rotation, invocation.ports, invocation.deadline)
