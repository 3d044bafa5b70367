"""Endpoints (SPEC 5.6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import RotationError, SettingsError
from vsync_rotation.formats.endpoint import Endpoint

ALLOWED = {
    "https://s3.eu-central-1.amazonaws.com": ("https", "s3.eu-central-1.amazonaws.com", None),
    "https://S3.Example.COM/": ("https", "s3.example.com", None),
    "HTTPS://s3.example:8443": ("https", "s3.example", 8443),
    "https://[2001:DB8::1]:9000/": ("https", "2001:db8::1", 9000),
    "https://store_1": ("https", "store_1", None),
    "http://localhost:5000": ("http", "localhost", 5000),
    "http://LocalHost": ("http", "localhost", None),
    "http://127.0.0.1": ("http", "127.0.0.1", None),
    "http://127.255.255.254:1": ("http", "127.255.255.254", 1),
    "http://[::1]:65535": ("http", "::1", 65535),
}


@pytest.mark.parametrize(("text", "parts"), ALLOWED.items())
def test_an_allowed_endpoint_is_taken_apart_and_kept_as_given(text: str, parts: tuple[str, str, int | None]) -> None:
    endpoint = Endpoint.parse(text)
    assert (endpoint.scheme, endpoint.host, endpoint.port) == parts
    assert endpoint.url == str(endpoint) == text


REFUSED = {
    "": "is empty",
    "s3.example.com": "has no scheme",
    "s3.example.com:443": "has no scheme",
    "//s3.example.com": "has no scheme",
    "https:/s3.example.com": "has no scheme",
    "ftp://s3.example.com": "neither https nor http",
    "http://s3.example.com": "not loopback",
    "http://minio:9000": "not loopback",
    "http://localhost.example": "not loopback",
    "http://127.0.0.1.example": "not loopback",
    "http://127.1": "not loopback",
    "http://0x7f000001": "not loopback",
    "http://2130706433": "not loopback",
    "http://0.0.0.0": "not loopback",
    "http://169.254.169.254": "not loopback",
    "http://[::ffff:127.0.0.1]": "not loopback",
    "http://[::]": "not loopback",
    "https://user@s3.example": "user information",
    "https://user:pass-marker@s3.example": "user information",
    "https://s3.example/bucket": "has a path",
    "https://s3.example//": "has a path",
    "https://s3.example?x=1": "has a query",
    "https://s3.example/?x=1": "has a query",
    "https://s3.example#x": "has a fragment",
    "https://s3.example:": "host or port is malformed",
    "https://s3.example:0": "outside 1 to 65535",
    "https://s3.example:65536": "outside 1 to 65535",
    "https://s3.example:123456": "host or port is malformed",
    "https://s3.example:8a": "host or port is malformed",
    "https://": "host or port is malformed",
    "https://good.example\\evil.example": "host or port is malformed",
    "https://[::1": "host or port is malformed",
    "https://[1.2.3.4.5]": "IPv6 address is malformed",
    "https://s3 .example": "at character 10",
    " https://s3.example": "at character 0",
    "https://s3.example\n": "at character 18",
    "https://s3.example\x00": "at character 18",
    "https://bücket.example": "at character 9",
    "https://" + "a" * 2041: "more than 2048",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_another_endpoint_is_refused_with_its_reason_and_without_an_echo(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Endpoint.parse(text)
    assert message in caught.value.what
    assert "write the endpoint as https://" in caught.value.remedy
    assert "pass-marker" not in str(caught.value)


@given(st.text(max_size=40) | st.builds("http{}://{}".format, st.sampled_from(["", "s"]), st.text(max_size=30)))
def test_any_text_gives_an_endpoint_or_the_family(text: str) -> None:
    try:
        endpoint = Endpoint.parse(text)
    except RotationError as error:
        assert type(error) is SettingsError  # noqa: PT017 - either outcome is right
    else:
        assert Endpoint.parse(endpoint.url) == endpoint
        assert endpoint.scheme == "https" or endpoint.host in {"localhost", "::1"} or endpoint.host.startswith("127.")
