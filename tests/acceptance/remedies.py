"""What to do about an error of AWS or the SDK, by somebody who ran `make acceptance`: it has no --profile."""

from collections.abc import Mapping
from typing import Final

from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import explained

_LOG_IN: Final = "log in (aws sso login), or set AWS_PROFILE to a profile with credentials"
_AGAIN: Final = "log in again (aws sso login), or set AWS_PROFILE to another profile"
_UNKNOWN: Final = f"{_AGAIN}; see aws account list-regions"
_UNSIGNED: Final = f"look at this machine's clock, then {_AGAIN}"
# In the place of the remedies that name the option; by the same codes.
_OURS: Final[Mapping[str, str]] = {
    "NoCredentialsError": _LOG_IN,
    "PartialCredentialsError": _LOG_IN,
    "CredentialRetrievalError": _LOG_IN,
    "SSOTokenLoadError": _LOG_IN,
    "TokenRetrievalError": _LOG_IN,
    "UnauthorizedSSOTokenError": _LOG_IN,
    "ExpiredToken": _AGAIN,
    "ExpiredTokenException": _AGAIN,
    "InvalidAccessKeyId": _UNKNOWN,
    "InvalidClientTokenId": _UNKNOWN,
    "UnrecognizedClientException": _UNKNOWN,
    "InvalidSignatureException": _UNSIGNED,
    "SignatureDoesNotMatch": _UNSIGNED,
}


def line(error: RotationError) -> str:
    """What happened and what to do next."""
    what, remedy = explained(error)
    return f"{what}; {_OURS.get(error.code, remedy)}"
