"""A first value where the service does not make it AWSCURRENT by itself: a version was there before, without a value."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber

from vsync_rotation.errors import ConcurrentChangeError
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import SEED_LABEL, Secrets
from vsync_rotation_cli.aws.session import Session

SECRET: Final = SecretFacts(
    arn="arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme_web/prod/VSYNC_CONFIG-Ab12Cd",
    name="acme_web/prod/VSYNC_CONFIG",
    tags={},
    labels={},
    to_be_deleted=False,
    primary_region=None,
    owner=None,
    kms_key=None,
    rotation_function=None,
    rotation_enabled=None,
    last_rotated_at=None,
)
VALUE: Final = "the-first-value"
NAMED: Final = {"SecretId": SECRET.arn}
STORED: Final = {
    **NAMED,
    "ClientRequestToken": ANY,
    "SecretString": VALUE,
    "VersionStages": [SEED_LABEL],
}
# No RemoveFromVersionId: the service moves the label only where nobody holds it.
CLAIMED: Final = {**NAMED, "VersionStage": "AWSCURRENT", "MoveToVersionId": ANY}
TIDIED: Final = {**NAMED, "VersionStage": SEED_LABEL, "RemoveFromVersionId": ANY}


@pytest.fixture
def service() -> Iterator[Stubber]:
    client: Any = boto3.client(
        "secretsmanager", region_name="eu-central-1", aws_access_key_id="any", aws_secret_access_key="any"
    )
    with Stubber(client) as stubber:
        stubber.add_response("put_secret_value", {"VersionStages": [SEED_LABEL]}, STORED)
        yield stubber
        stubber.assert_no_pending_responses()


def store(service: Stubber) -> None:
    session = SimpleNamespace(clients=SimpleNamespace(secrets_manager=service.client))
    Secrets(cast("Session", session)).store_first(SECRET, SecretText(VALUE))


def test_awscurrent_is_claimed_without_taking_it_from_anybody(service: Stubber) -> None:
    service.add_response("update_secret_version_stage", {}, CLAIMED)
    service.add_response("update_secret_version_stage", {}, TIDIED)
    store(service)


@pytest.mark.parametrize("code", ["InvalidParameterException", "InvalidRequestException"])
def test_a_claim_that_is_refused_leaves_the_others_value_and_no_label_of_ours(service: Stubber, code: str) -> None:
    service.add_client_error("update_secret_version_stage", code, expected_params=CLAIMED)
    service.add_response("update_secret_version_stage", {}, TIDIED)
    with pytest.raises(ConcurrentChangeError, match="got another value meanwhile"):
        store(service)
