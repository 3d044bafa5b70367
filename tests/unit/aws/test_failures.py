"""The SDK's errors become the family's; what a service quotes goes no further."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ParamValidationError

from vsync_rotation.aws.failures import translated
from vsync_rotation.errors import PermissionDeniedError, RotationError, SettingsError, UnreachableError


def answer(code: str, status: int = 400, message: str = "quoted-input") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # the two fields that count
        "PutSecretValue",
    )


def raised(error: Exception) -> RotationError:
    with pytest.raises(RotationError) as caught, translated("Secrets Manager", "PutSecretValue"):
        raise error
    return caught.value


@pytest.mark.parametrize("code", ["ThrottlingException", "SlowDown", "InternalServiceError", "Whatever", ""])
def test_what_is_not_clearly_something_else_is_unreachable_and_retryable(code: str) -> None:
    error = raised(answer(code))
    assert type(error) is UnreachableError
    assert error.retryable
    assert "quoted-input" not in str(error)


@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied", "403", "InvalidAccessKeyId"])
def test_a_denial_keeps_the_services_words_since_they_name_the_permission(code: str) -> None:
    error = raised(answer(code, 403, "not authorized to perform: secretsmanager:PutSecretValue"))
    assert type(error) is PermissionDeniedError
    assert "secretsmanager:PutSecretValue" in str(error)


def test_the_wrong_region_is_a_setting() -> None:
    assert type(raised(answer("PermanentRedirect", 301))) is SettingsError


def test_no_answer_is_unreachable() -> None:
    error = raised(ConnectTimeoutError(endpoint_url="https://example"))
    assert type(error) is UnreachableError
    assert "ConnectTimeoutError" in str(error)
    assert not error.not_done


def test_a_parameter_error_is_not_quoted_at_all() -> None:
    error = raised(ParamValidationError(report="Invalid type for parameter SecretString, value: quoted-input"))
    assert type(error) is UnreachableError
    assert "quoted-input" not in f"{error}{error.__cause__}"
    assert error.__suppress_context__
    assert error.not_done, (
        "it was refused before anything was sent, so what it would have stored is certainly not there"
    )
