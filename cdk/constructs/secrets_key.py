"""The customer key that encrypts every secret made here."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document, survive
from cdk.names import FUNCTIONS
from cdk.permissions.grants import dns_suffix


class SecretsKey(Construct):
    """Administered by the account through IAM; used through Secrets Manager alone."""

    def __init__(self, scope: Construct, logical_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, logical_id)
        self._key = kms.CfnKey(
            self,
            "Key",
            description=f"Secrets of vsync vaults ({deployment.stack_prefix})",
            enable_key_rotation=True,
            key_policy=document(_administered(deployment), _used_through_secrets_manager(deployment)),
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


def _used_through_secrets_manager(deployment: Deployment) -> iam.PolicyStatement:
    """Whoever may read or store a secret may use the key for it, as with the key that AWS makes for this.

    Who may is said in one place, the secrets' own policies. A list of readers here would be another, and a vault that
    leaves the file would leave it too, while its applications go on. The functions are left out: each has a statement
    of its own, for its own secrets.
    """
    roles = f"arn:{deployment.partition}:iam::{deployment.account}:role/{deployment.stack_prefix}-*"
    return iam.PolicyStatement(
        sid="UsedThroughSecretsManager",
        principals=[iam.AnyPrincipal()],
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=["*"],
        conditions={
            "StringEquals": {
                "kms:CallerAccount": deployment.account,
                "kms:ViaService": f"secretsmanager.{deployment.region}.{dns_suffix(deployment)}",
            },
            "ArnNotLike": {"aws:PrincipalArn": [f"{roles}-{function}" for function in FUNCTIONS]},
        },
    )
