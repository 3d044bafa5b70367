"""What the vaults of the account and region share and what must survive: the key of the secrets, and who is told.

The topics stand here, since every address that is subscribed to one must be confirmed by its owner.
"""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cdk.config.model import Deployment
from cdk.config.model import RemovalPolicy as Chosen
from cdk.constructs.secrets_key import SecretsKey
from cdk.constructs.topics import Topics
from cdk.names import foundation_stack
from cdk.stacks.place import environment


class FoundationStack(Stack):
    """`secrets_key_arn` is the file's own key, or one that is made here."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            foundation_stack(deployment),
            env=environment(deployment),
            description="vsync rotation: the key of the secrets, and the topics people are told through. Survives.",
            termination_protection=deployment.removal_policy is Chosen.RETAIN,
        )
        self.secrets_key_arn = deployment.kms_key or SecretsKey(self, "SecretsKey", deployment=deployment).arn
        if deployment.kms_key is None:
            # Vaults that left the file leave stacks behind that go on importing it.
            self.export_value(self.secrets_key_arn)
        self.topics = Topics(self, "Topics", deployment=deployment)
        # A chat that is switched on or off later must not change what this stack gives others.
        self.export_value(self.topics.key_id)
        self.export_value(self.topics.chat)
        CfnOutput(self, "PeopleTopic", value=self.topics.people, description="Subscribe here to hear of everything")
