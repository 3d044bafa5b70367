"""The role of `check_vaults`: opens vaults, completes and heals them as a rotation does; makes no secret value."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment
from cdk.permissions.grants import (
    VaultGrant,
    listing_secrets,
    listing_versions,
    on_objects,
    on_parameters,
    on_secrets,
    telling,
    telling_absent,
    with_bucket_keys,
    with_keys,
)


def statements(grants: Sequence[VaultGrant], deployment: Deployment) -> list[iam.PolicyStatement]:
    """What it may do for these vaults; deleting only where old bundles are pruned."""
    passphrases = [grant.passphrase for grant in grants]
    configs = [grant.config for grant in grants]
    writers = [grant.writer for grant in grants if grant.writer is not None]
    # Where the store is not AWS the key does not rotate, and nobody asks when its versions were made.
    rotating = [grant.config for grant in grants if grant.user_arn is not None]
    pruned = [grant for grant in grants if grant.vault.passphrase.keep_bundles is not None]
    return [
        listing_secrets(),
        *on_secrets(
            "CheckPassphrases",
            ["DescribeSecret", "GetSecretValue", "ListSecretVersionIds", "UpdateSecretVersionStage"],
            passphrases,
        ),
        *on_secrets("CheckConfigSecrets", ["DescribeSecret", "GetSecretValue"], configs),
        *on_secrets("DateKeyVersions", ["ListSecretVersionIds"], rotating),
        *on_secrets("ReadWriterSecrets", ["GetSecretValue"], writers),
        *with_keys("ReadWithKey", ["Decrypt"], [*passphrases, *configs, *writers], deployment),
        *on_objects("MendBundles", ["GetObject", "PutObject", "AbortMultipartUpload"], grants),
        # Every deletion names a version, also `null` in a bucket without versioning.
        *on_objects("PruneBundles", ["DeleteObjectVersion"], pruned),
        *telling_absent(grants),
        *listing_versions(pruned),
        *with_bucket_keys("UseBucketsKey", ["Decrypt", "GenerateDataKey"], grants),
        on_parameters("RememberChecks", ["GetParameter", "PutParameter", "DeleteParameter"], ["checked"], deployment),
        on_parameters("ReadRestarts", ["GetParameter"], ["restarted"], deployment),
        telling(deployment),
    ]
