"""What a reader's user may do: read its vault's objects, over TLS, with its long-term key; nothing else."""

from typing import Any, Final

from aws_cdk import aws_iam as iam

from cdk.config.model import Vault
from cdk.permissions.grants import VaultGrant, allow, with_bucket_keys

_TLS: Final = {"aws:SecureTransport": "true"}
# Sessions carry the time their token was issued, long-term keys do not. A session that somebody opened with a leaked
# key would live on for up to 36 hours after the key was deleted.
# See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_LONG_TERM: Final = {"aws:TokenIssueTime": "true"}


def statements(grant: VaultGrant) -> list[iam.PolicyStatement]:
    """For the user whose key the vault's blob holds."""
    vault: Vault = grant.vault
    always: dict[str, Any] = {"Bool": _TLS, "Null": _LONG_TERM}
    read = allow("ReadObjects", ["s3:GetObject"], [f"{grant.bucket_arn}/{vault.store.prefix}*"], **always)
    listed = allow(
        "TellAbsentFromDenied",
        ["s3:ListBucket"],
        [grant.bucket_arn],
        StringLike={"s3:prefix": [f"{vault.store.prefix}*"]},
        **always,
    )
    # S3 asks KMS in the user's name, in a session of its own making: what such a request tells of TLS and of sessions
    # is not documented, and the statement above has kept out whoever should not get here.
    decrypted = with_bucket_keys("ReadWithBucketKey", ["Decrypt"], [grant])
    return [read, listed, *decrypted]
