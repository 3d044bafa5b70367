"""A secret without a value, and who may read the value that an operator gives it later."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnTag
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document, survive


class GuardedSecret(Construct):
    """A secret of the stack's own. No property names a value, so that no update of the stack can replace one."""

    def __init__(
        self,
        scope: Construct,
        logical_id: str,
        *,
        deployment: Deployment,
        name: str,
        description: str,
        tags: Mapping[str, str],
        key_arn: str,
        replica_regions: Sequence[str],
    ) -> None:
        super().__init__(scope, logical_id)
        self._deployment = deployment
        self._logical_id = logical_id
        self._secret = secretsmanager.CfnSecret(
            self,
            "Secret",
            name=name,
            description=description,
            kms_key_id=key_arn,
            tags=[CfnTag(key=key, value=value) for key, value in sorted(tags.items())],
            replica_regions=[
                secretsmanager.CfnSecret.ReplicaRegionProperty(region=region) for region in replica_regions
            ]
            or None,
        )
        survive(self._secret, logical_id, deployment)

    @property
    def arn(self) -> str:
        """The full ARN."""
        return self._secret.ref

    def deny_reading_to_all_but(self, readers: Sequence[str]) -> None:
        """Deny GetSecretValue to everybody but these principals' ARNs and the account's root.

        It denies reading alone: whoever administers secrets can still change or remove this policy, so that nobody is
        locked out for good. A role counts by its own ARN, whatever the session is called, also before it exists.

        See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
        """
        root = f"arn:{self._deployment.partition}:iam::{self._deployment.account}:root"
        denied = iam.PolicyStatement(
            sid="OnlyWhoIsNamedReads",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["secretsmanager:GetSecretValue"],
            resources=["*"],  # of the one secret that the policy is attached to
            conditions={"ArnNotLike": {"aws:PrincipalArn": sorted({root, *readers})}},
        )
        policy = secretsmanager.CfnResourcePolicy(
            self,
            "Policy",
            secret_id=self.arn,
            resource_policy=document(denied),
            block_public_policy=True,
        )
        policy.override_logical_id(f"{self._logical_id}Policy")
