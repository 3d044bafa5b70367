"""How many rules of EventBridge a deployment needs, roughly: an event bus takes a number that can be raised."""

from typing import Final

from cdk.config.model import Deployment

# See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_QUOTA: Final = 300
_SMALLEST_QUOTA: Final = 100
# Messages to people, whatever the file says.
_ALWAYS: Final = 20
# A rule tells a stack of five vaults what to restart. A trail is watched by names, of which a rule holds few: half a
# rule to one for each vault, by the length of its names.
_VAULTS_IN_A_RULE: Final = 5


def near_the_quota(deployment: Deployment) -> str | None:
    """What to think about where the rules come near the smallest quota that a region has; None where they do not."""
    vaults = len(deployment.vaults)
    hooks = sum(len(vault.hooks) for vault in deployment.vaults)
    rules = _ALWAYS + hooks + (vaults if deployment.notifications.trail else -(-vaults // _VAULTS_IN_A_RULE))
    if rules <= _SMALLEST_QUOTA:
        return None
    return (
        f"{vaults} vaults and {hooks} hooks need up to {rules} rules of EventBridge besides those that there are, and "
        f"an event bus takes {_QUOTA}, in some regions {_SMALLEST_QUOTA}; "
        "look at the quota of the region, and have it raised before you deploy"
    )
