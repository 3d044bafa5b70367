"""What an operator can do about an error of AWS or the SDK; the functions' own remedies are for whoever runs them."""

from collections.abc import Mapping
from typing import Final

from vsync_rotation.errors import PermissionDeniedError, RotationError, UnreachableError

_LOG_IN: Final = "log in (aws sso login), set AWS_PROFILE, or name a profile with --profile"
_AGAIN: Final = "log in again (aws sso login), or name another profile with --profile"
_EXPIRED: Final = ("the AWS credentials have expired", _AGAIN)
_UNKNOWN: Final = (
    "AWS does not know these credentials: they were deleted, or the region is not enabled for their account",
    f"{_AGAIN}; see aws account list-regions",
)
_UNSIGNED: Final = (
    "AWS does not accept the signature: the secret access key is another one, or this machine's clock is wrong",
    f"look at this machine's clock, then {_AGAIN}",
)
_LATE: Final = ("this machine's clock is not AWS's, or the request was long under way", "set the clock, then try again")
_NETWORK: Final = "check the network, --region and AWS_ENDPOINT_URL"
# By the SDK's class or the service's code; the adapters keep it when they translate an error.
_KNOWN: Final[Mapping[str, tuple[str, str]]] = {
    "NoCredentialsError": ("there are no AWS credentials", _LOG_IN),
    "PartialCredentialsError": ("the AWS credentials are incomplete", _LOG_IN),
    "CredentialRetrievalError": ("the AWS credentials could not be fetched", _LOG_IN),
    "SSOTokenLoadError": ("there is no valid SSO login", _LOG_IN),
    "TokenRetrievalError": ("there is no valid SSO login", _LOG_IN),
    "UnauthorizedSSOTokenError": ("the SSO login has expired", _LOG_IN),
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidAccessKeyId": _UNKNOWN,
    "InvalidClientTokenId": _UNKNOWN,
    "UnrecognizedClientException": _UNKNOWN,
    "InvalidSignatureException": _UNSIGNED,
    "SignatureDoesNotMatch": _UNSIGNED,
    "RequestExpired": _LATE,
    "RequestTimeTooSkewed": _LATE,
    "OptInRequired": (
        "the region or the service is not enabled for this account",
        "enable it (aws account enable-region), or correct the region",
    ),
    "ProfileNotFound": ("there is no AWS profile of that name", "see aws configure list-profiles"),
    "NoRegionError": ("no AWS region is set", "name it with --region, or set AWS_DEFAULT_REGION"),
    "InvalidRegionError": ("the AWS region is malformed", "name it with --region, for example eu-central-1"),
}
# Here the error's own words, which name the service, say what is wrong; only what to do differs.
_REMEDIES: Final[Mapping[str, str]] = {
    "EndpointConnectionError": _NETWORK,
    "ConnectTimeoutError": _NETWORK,
    "ReadTimeoutError": _NETWORK,
    "SSLError": _NETWORK,
    "ProxyConnectionError": "look at HTTPS_PROXY",
}


def explained(error: RotationError) -> tuple[str, str]:
    """What happened and what to do next."""
    if error.code in _KNOWN:
        return _KNOWN[error.code]
    if error.code in _REMEDIES:
        return f"AWS could not be reached: {error.what}", _REMEDIES[error.code]
    if isinstance(error, PermissionDeniedError):
        return f"access denied: {error.what}", "give the caller this permission, or use another one"
    return error.what, error.remedy


def may_pass(error: RotationError) -> bool:
    """Whether the same request may succeed in a moment without anybody doing anything."""
    return isinstance(error, UnreachableError) and error.code not in _KNOWN
