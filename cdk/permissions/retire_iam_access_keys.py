"""The role of `retire_iam_access_keys`: ends keys of readers' users; writes no secret."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment
from cdk.permissions.grants import (
    VaultGrant,
    listing_secrets,
    on_alarms,
    on_parameters,
    on_secrets,
    on_users,
    telling,
    with_keys,
)
from cdk.permissions.tagging import tagging_users


def statements(grants: Sequence[VaultGrant], deployment: Deployment) -> list[iam.PolicyStatement]:
    """What it may do for these vaults; those whose store is not AWS have no key to retire."""
    own = [grant for grant in grants if grant.user_arn is not None]
    if not own:
        return [listing_secrets(), telling(deployment)]
    secrets = [grant.config for grant in own]
    return [
        listing_secrets(),
        *on_secrets("ReadConfigSecrets", ["DescribeSecret", "GetSecretValue", "ListSecretVersionIds"], secrets),
        *with_keys("ReadWithKey", ["Decrypt"], secrets, deployment),
        on_users(
            "EndReaderKeys",
            ["DeleteAccessKey", "GetAccessKeyLastUsed", "ListAccessKeys", "ListUserTags", "UpdateAccessKey"],
            own,
        ),
        tagging_users(own),
        on_parameters("ReadMemory", ["GetParameter"], ["checked", "restarted"], deployment),
        *on_alarms(own),
        telling(deployment),
    ]
