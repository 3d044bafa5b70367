"""Which hosts may see the function's own credentials."""

import pytest

from vsync_rotation.aws.hosts import is_aws
from vsync_rotation.formats.endpoint import Endpoint


@pytest.fixture(autouse=True)
def no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://s3.amazonaws.com", True),
        ("https://s3.eu-central-1.amazonaws.com", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("https://s3.dualstack.eu-central-1.amazonaws.com", True),
        ("https://s3-fips.us-gov-west-1.amazonaws.com", True),
        ("https://s3-eu-west-1.amazonaws.com", True),
        ("https://S3.eu-central-1.api.aws", True),
        ("https://bucket.vpce-0a1b2c-abc.s3.eu-central-1.vpce.amazonaws.com", True),
        ("https://abc.execute-api.eu-central-1.amazonaws.com", False),
        ("https://s3-evil-123.eu-west-1.elb.amazonaws.com", False),
        ("https://s3.evil-123.eu-west-1.elb.amazonaws.com", False),
        ("https://bucket.s3.eu-central-1.amazonaws.com", False),
        ("https://amazonaws.com.evil.example", False),
        ("https://s3-amazonaws.com", False),
        ("https://evilamazonaws.com", False),
        ("https://r2.example", False),
        ("http://127.0.0.1:9000", False),
    ],
)
def test_only_names_under_awss_domains_are_trusted(url: str, *, trusted: bool) -> None:
    assert is_aws(Endpoint.parse(url)) is trusted


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_where_the_environment_sends_aws_requests_is_aws(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:5000")
    assert is_aws(Endpoint.parse("http://127.0.0.1:5000"))
    assert not is_aws(Endpoint.parse("http://localhost:5000"))
