"""A bucket for a vault, where the file asks for one."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk.config.model import Deployment, Store
from cdk.constructs.survival import document, survive

# Uploads that a killed function left; a bundle's upload takes minutes.
_ABORT_UPLOADS_AFTER_DAYS = 7


class VaultBucket(Construct):
    """Private, versioned, TLS only. No rule deletes by age: it would delete the live bundle of a quiet vault."""

    def __init__(self, scope: Construct, logical_id: str, *, deployment: Deployment, store: Store) -> None:
        super().__init__(scope, logical_id)
        algorithm = "AES256" if store.kms_key is None else "aws:kms"
        encrypted = s3.CfnBucket.ServerSideEncryptionRuleProperty(
            bucket_key_enabled=store.kms_key is not None,
            server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                sse_algorithm=algorithm, kms_master_key_id=store.kms_key
            ),
        )
        self._bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=store.bucket,
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(server_side_encryption_configuration=[encrypted]),
            ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
                rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
            ),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=[
                    s3.CfnBucket.RuleProperty(
                        id="abort-dead-uploads",
                        status="Enabled",
                        abort_incomplete_multipart_upload=s3.CfnBucket.AbortIncompleteMultipartUploadProperty(
                            days_after_initiation=_ABORT_UPLOADS_AFTER_DAYS
                        ),
                    )
                ]
            ),
        )
        survive(self._bucket, logical_id, deployment)
        policy = s3.CfnBucketPolicy(self, "Policy", bucket=self._bucket.ref, policy_document=document(self._tls_only()))
        survive(policy, f"{logical_id}Policy", deployment)

    def _tls_only(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            sid="TlsOnly",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:*"],
            resources=[self._bucket.attr_arn, f"{self._bucket.attr_arn}/*"],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
