"""The role of `rotate_iam_access_key`: config secrets and readers' users; no passphrase, no bucket."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment
from cdk.permissions.grants import (
    VaultGrant,
    on_alarms,
    on_secrets,
    on_users,
    telling,
    with_keys,
)
from cdk.permissions.tagging import tagging_users


def statements(grants: Sequence[VaultGrant], deployment: Deployment) -> list[iam.PolicyStatement]:
    """What it may do for these vaults; those whose store is not AWS have no key to rotate."""
    own = [grant for grant in grants if grant.user_arn is not None]
    secrets = [grant.config for grant in own]
    if not own:
        return [telling(deployment)]
    return [
        *on_secrets(
            "RotateConfigSecrets",
            [
                "DescribeSecret",
                "GetSecretValue",
                "ListSecretVersionIds",
                "PutSecretValue",
                "UpdateSecretVersionStage",
            ],
            secrets,
        ),
        *with_keys("UseSecretsKey", ["Decrypt", "GenerateDataKey"], secrets, deployment),
        on_users(
            "ManageReaderKeys",
            [
                "CreateAccessKey",
                "DeleteAccessKey",
                "GetAccessKeyLastUsed",
                "ListAccessKeys",
                "ListUserTags",
                "UpdateAccessKey",
            ],
            own,
        ),
        tagging_users(own),
        *on_alarms(own),
        telling(deployment),
    ]
