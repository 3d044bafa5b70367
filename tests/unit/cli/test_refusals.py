"""What forbids adopting a secret, where the embedded AWS answers more strictly than the service may."""

from cdk.config.model import Adopted
from vsync_rotation_cli.adopt.refusals import of_secret
from vsync_rotation_cli.aws.secret_facts import SecretFacts

ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme/api-config-Ab12Cd"


def found(arn: str) -> SecretFacts:
    return SecretFacts(
        arn=arn,
        name="acme/api-config",
        tags={},
        labels={"v" * 32: frozenset({"AWSCURRENT"})},
        to_be_deleted=False,
        primary_region=None,
        owner=None,
        kms_key=None,
        rotation_function=None,
        rotation_enabled=None,
        last_rotated_at=None,
    )


def test_the_arn_of_the_file_must_be_the_one_that_the_service_knows() -> None:
    """Without its six characters it may find the secret all the same, and roles would be about none."""
    assert list(of_secret(Adopted(ARN), found(ARN))) == []
    partial = ARN.removesuffix("-Ab12Cd")
    assert list(of_secret(Adopted(partial), found(ARN))) == [
        f"the file names {partial}, but the secret's ARN is {ARN}; write that one, its last six characters included"
    ]
