"""The role of `rotate_vault_passphrase`: passphrases, the config beside them, the vaults' objects; no IAM."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment
from cdk.permissions.grants import (
    VaultGrant,
    on_objects,
    on_secrets,
    telling,
    telling_absent,
    with_bucket_keys,
    with_keys,
)


def statements(grants: Sequence[VaultGrant], deployment: Deployment) -> list[iam.PolicyStatement]:
    """What it may do for these vaults."""
    passphrases = [grant.passphrase for grant in grants]
    only_read = [secret for grant in grants for secret in (grant.config, grant.writer) if secret is not None]
    return [
        *on_secrets(
            "RotatePassphrases",
            ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"],
            passphrases,
        ),
        *on_secrets("ReadWhereTheVaultIs", ["GetSecretValue"], only_read),
        *with_keys("UsePassphrasesKey", ["Decrypt", "GenerateDataKey"], passphrases, deployment),
        *with_keys("ReadWithKey", ["Decrypt"], only_read, deployment),
        *on_objects("RewriteBundles", ["GetObject", "PutObject", "AbortMultipartUpload"], grants),
        *telling_absent(grants),
        *with_bucket_keys("UseBucketsKey", ["Decrypt", "GenerateDataKey"], grants),
        telling(deployment),
    ]
