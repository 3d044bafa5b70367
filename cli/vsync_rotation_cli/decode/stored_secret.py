"""A value from Secrets Manager, by the ordinary credential chain, and what to do when there is none."""

import os
import re
from typing import Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import translated
from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.errors import PermissionDeniedError, RotationError
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.decode.bad_input import BadInputError

_SECRET_ARN: Final = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:.+")
# Credentials in the environment win over a profile named there, and a person who names one means it.
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_LOG_IN: Final = "log in (aws sso login), set AWS_PROFILE, or name a profile with --profile"
_NETWORK: Final = "check the network, --region and AWS_ENDPOINT_URL"
# By the SDK's class or the service's code; the adapters keep the error they translate as context.
_KNOWN: Final = {
    "NoCredentialsError": ("there are no AWS credentials", _LOG_IN),
    "PartialCredentialsError": ("the AWS credentials are incomplete", _LOG_IN),
    "CredentialRetrievalError": ("the AWS credentials could not be fetched", _LOG_IN),
    "SSOTokenLoadError": ("there is no valid SSO login", _LOG_IN),
    "TokenRetrievalError": ("there is no valid SSO login", _LOG_IN),
    "UnauthorizedSSOTokenError": ("the SSO login has expired", _LOG_IN),
    "ProfileNotFound": ("there is no AWS profile of that name", "see aws configure list-profiles"),
    "NoRegionError": ("no AWS region is set", "name it with --region, or set AWS_DEFAULT_REGION"),
    "InvalidRegionError": ("the AWS region is malformed", "name it with --region, for example eu-central-1"),
    "EndpointConnectionError": ("Secrets Manager could not be reached", _NETWORK),
    "ConnectTimeoutError": ("Secrets Manager could not be reached in time", _NETWORK),
    "ReadTimeoutError": ("Secrets Manager gave no answer in time", _NETWORK),
    "SSLError": ("the TLS connection to Secrets Manager failed", _NETWORK),
    "ProxyConnectionError": ("the proxy to Secrets Manager could not be reached", "look at HTTPS_PROXY"),
    "ParamValidationError": ("this can be no secret's name or ARN", "give its full ARN or its name"),
    "ValidationException": ("this can be no secret's name or ARN", "give its full ARN or its name"),
    "InvalidRequestException": (
        "the secret cannot be read now: most likely it is scheduled for deletion",
        "look at it with aws secretsmanager describe-secret; restore-secret brings it back",
    ),
    "DecryptionFailure": ("the secret's KMS key does not decrypt it", "look at the key's state and policy"),
}


def read(secret_id: str, region: str | None, profile: str | None) -> SecretText:
    """The AWSCURRENT value. `region` is by default the one in the ARN, then the environment's.

    Raises:
        BadInputError: there is none, or it cannot be read.
    """
    _choose(region or _region_in(secret_id), profile)
    try:
        with translated("Secrets Manager", "GetSecretValue"):
            clients = Clients()
        version = SecretsManager(clients).find_labelled(secret_id, "AWSCURRENT")
    except RotationError as error:
        raise _explained(error) from None
    except ValueError:
        # The SDK's own for an AWS_ENDPOINT_URL that is none; its text quotes the setting.
        raise BadInputError("an AWS setting is malformed", remedy="look at AWS_ENDPOINT_URL and --region") from None
    if version is None:
        raise BadInputError(
            "secret not found: no AWSCURRENT value under this name or ARN",
            remedy="check name, region and account; a partial ARN is not accepted",
        )
    return version.value


def _choose(region: str | None, profile: str | None) -> None:
    """By the environment of this process, which is the one way in that every part of the SDK reads."""
    if region is not None:
        os.environ["AWS_DEFAULT_REGION"] = region
    if profile is not None:
        os.environ["AWS_PROFILE"] = profile
        for name in _CREDENTIALS:
            os.environ.pop(name, None)


def _region_in(secret_id: str) -> str | None:
    arn = _SECRET_ARN.fullmatch(secret_id)
    return arn[1] if arn else None


def _explained(error: RotationError) -> BadInputError:
    known = _KNOWN.get(error.code)
    if known is not None:
        return BadInputError(known[0], remedy=known[1])
    if isinstance(error, PermissionDeniedError):
        return BadInputError(
            f"access denied: {error.what}", remedy="give the caller this permission, or use another one"
        )
    return BadInputError(error.what, remedy=error.remedy)
