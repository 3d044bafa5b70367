"""What an operator is told to do about an error of AWS: what mends it, not what would mend another one."""

import pytest
from botocore.exceptions import ClientError

from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import explained, may_pass
from vsync_rotation_cli.aws.session import asking


def raised(code: str) -> RotationError:
    with pytest.raises(RotationError) as caught, asking("STS", "GetCallerIdentity"):
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetCallerIdentity")
    return caught.value


@pytest.mark.parametrize(
    ("code", "what", "remedy"),
    [
        ("ExpiredToken", "have expired", "log in again"),
        ("ExpiredTokenException", "have expired", "log in again"),
        ("InvalidClientTokenId", "does not know these credentials", "log in again"),
        ("UnrecognizedClientException", "the region is not enabled", "log in again"),
        ("InvalidAccessKeyId", "does not know these credentials", "log in again"),
        ("SignatureDoesNotMatch", "does not accept the signature", "look at this machine's clock"),
        ("InvalidSignatureException", "does not accept the signature", "look at this machine's clock"),
        ("RequestExpired", "clock", "set the clock"),
        ("RequestTimeTooSkewed", "clock", "set the clock"),
        ("OptInRequired", "is not enabled for this account", "enable it"),
    ],
)
def test_credentials_clock_and_region_are_told_as_such_and_do_not_pass(code: str, what: str, remedy: str) -> None:
    error = raised(code)
    told = explained(error)
    assert what in told[0]
    assert remedy in told[1]
    assert "permission" not in told[1]
    assert not may_pass(error)


def test_a_denial_wants_a_permission_and_a_throttle_passes() -> None:
    denial, throttle = raised("AccessDenied"), raised("Throttling")
    assert "permission" in explained(denial)[1]
    assert (may_pass(denial), may_pass(throttle)) == (False, True)
