"""The customer key that encrypts every secret made here."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document, survive


class SecretsKey(Construct):
    """Administered by the account through IAM; used through Secrets Manager alone."""

    def __init__(self, scope: Construct, logical_id: str, *, deployment: Deployment, readers: Sequence[str]) -> None:
        super().__init__(scope, logical_id)
        statements = [_administered(deployment)]
        if readers:
            statements.append(_read_by(readers, deployment))
        self._key = kms.CfnKey(
            self,
            "Key",
            description=f"Secrets of vsync vaults ({deployment.stack_prefix})",
            enable_key_rotation=True,
            key_policy=document(*statements),
        )
        survive(self._key, logical_id, deployment)
        alias = kms.CfnAlias(
            self, "Alias", alias_name=f"alias/{deployment.stack_prefix}", target_key_id=self._key.attr_arn
        )
        # It goes with its stack: a name that was left behind would stand in the way of the next deployment.
        alias.override_logical_id(f"{logical_id}Alias")

    @property
    def arn(self) -> str:
        """The full ARN."""
        return self._key.attr_arn


def _administered(deployment: Deployment) -> iam.PolicyStatement:
    """The account's own policies decide. Without this statement a key can become nobody's to administer.

    See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return iam.PolicyStatement(
        sid="AccountAdministers",
        principals=[iam.AccountPrincipal(deployment.account)],
        actions=["kms:*"],
        resources=["*"],
    )


def _read_by(readers: Sequence[str], deployment: Deployment) -> iam.PolicyStatement:
    """Applications and admins decrypt what Secrets Manager lets them read, without a statement of their own.

    By condition, not as principals: KMS refuses a policy that names a role which does not exist yet.
    """
    suffix = "amazonaws.com.cn" if deployment.partition == "aws-cn" else "amazonaws.com"
    return iam.PolicyStatement(
        sid="ReadersDecryptThroughSecretsManager",
        principals=[iam.AnyPrincipal()],
        actions=["kms:Decrypt"],
        resources=["*"],
        conditions={
            "StringEquals": {
                "kms:CallerAccount": deployment.account,
                "kms:ViaService": f"secretsmanager.{deployment.region}.{suffix}",
            },
            "ArnLike": {"aws:PrincipalArn": sorted(readers)},
        },
    )
