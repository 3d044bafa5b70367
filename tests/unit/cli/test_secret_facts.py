"""What is taken from the service's answer about a secret beside what it says of the secret."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vsync_rotation_cli.aws.secret_facts import facts_in

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme_web/prod/VSYNC_CONFIG-Ab12Cd"


def answered_at(headers: dict[str, Any]) -> datetime | None:
    return facts_in({"ARN": ARN, "Name": "any", "ResponseMetadata": {"HTTPHeaders": headers}}).answered_at


def test_the_services_own_time_is_kept() -> None:
    said = {"date": "Sat, 21 Nov 2026 09:49:03 GMT"}
    assert answered_at(said) == datetime(2026, 11, 21, 9, 49, 3, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"date": "soon"}])
def test_a_time_that_is_not_said_is_none(headers: dict[str, str]) -> None:
    assert answered_at(headers) is None


def test_account_and_region_are_the_arns() -> None:
    facts = facts_in({"ARN": ARN, "Name": "any"})
    assert (facts.account, facts.region) == ("123456789012", "eu-central-1")
