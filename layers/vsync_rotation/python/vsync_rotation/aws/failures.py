"""The SDK's errors as our family: who must act, and what was asked of whom.

A service's message is passed on only for denials, where it names principal, action and resource. Others may quote
what they were sent, so they are reduced to their code. What the service did not answer clearly is unreachable, never
absent.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ParamValidationError

from vsync_rotation.errors import PermissionDeniedError, RotationError, SettingsError, UnreachableError

_DENIALS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "ExpiredToken",
        "ExpiredTokenException",
        "Forbidden",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "KMSAccessDeniedException",
        "NotAuthorized",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
        "401",
        "403",
    }
)
_WRONG_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}
)
_MAX_MESSAGE: Final = 400


def code_of(error: ClientError) -> str:
    """The service's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translated(service: str, operation: str) -> Iterator[None]:
    """Raise the family's error for whatever the SDK raises inside; the SDK's own goes no further.

    Raises:
        PermissionDeniedError: the service refused the caller.
        SettingsError: the request went to the wrong region.
        UnreachableError: a throttle, a server error, no answer, or anything else unclear.
    """
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, service, operation) from None
    except HTTPClientError as error:
        raise _unreachable(f"could not reach {service} for {operation}", type(error).__name__) from None
    except ParamValidationError as error:
        # The one failure of the SDK that comes before anything is sent, whatever was asked before.
        raise _unreachable(f"{service} {operation} was not sent", type(error).__name__, not_done=True) from None
    except BotoCoreError as error:
        raise _unreachable(f"the SDK could not complete {service} {operation}", type(error).__name__) from None


def is_refusal(error: ClientError) -> bool:
    """Whether the service answered that it did not do it: any client error. A server error does not tell."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)) < 500


def _of_answer(error: ClientError, service: str, operation: str) -> RotationError:
    code = code_of(error)
    if code in _DENIALS:
        message = str(error.response.get("Error", {}).get("Message", ""))[:_MAX_MESSAGE]
        return PermissionDeniedError(
            f"{service} refused {operation} ({code}: {message})",
            remedy="give the caller what is named here, then let it be tried again",
            code=code,
            not_done=True,
        )
    if code in _WRONG_REGION:
        return SettingsError(
            f"{service} answered {operation} with {code}: the region is not the bucket's",
            remedy="correct the region in the config secret",
            code=code,
            not_done=True,
        )
    return _unreachable(f"{service} did not do {operation}", code or "no error code", not_done=is_refusal(error))


def _unreachable(what: str, code: str, *, not_done: bool = False) -> UnreachableError:
    remedy = "let it be tried again; if it stays, look at the service's health"
    return UnreachableError(f"{what} ({code})", remedy=remedy, code=code, not_done=not_done)
