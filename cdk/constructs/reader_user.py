"""The IAM user whose access key the vault's blob holds."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document, survive
from cdk.names import USER_PATH
from cdk.permissions.grants import VaultGrant
from cdk.permissions.reader import statements


class ReaderUser(Construct):
    """A user with one inline policy and no key: the first rotation makes its key.

    It gets no tags from here. The rotation keeps its memory in tags on the user, and an update of a user's tags by
    CloudFormation might take them off.
    """

    def __init__(self, scope: Construct, logical_id: str, *, deployment: Deployment, name: str) -> None:
        super().__init__(scope, logical_id)
        self._user = iam.CfnUser(
            self,
            "User",
            user_name=name,
            path=USER_PATH,
            permissions_boundary=deployment.permissions_boundary,
        )
        survive(self._user, logical_id, deployment)

    @property
    def arn(self) -> str:
        """With its path."""
        return self._user.attr_arn

    def allow_reading(self, grant: VaultGrant) -> None:
        """Read the vault, over TLS, with its long-term key; nothing else."""
        self._user.policies = [
            iam.CfnUser.PolicyProperty(policy_name="read-vault", policy_document=document(*statements(grant)))
        ]
