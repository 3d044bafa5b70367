"""What Secrets Manager answers: only its own not-found is "not there"."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from botocore.stub import Stubber

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.errors import ContractError, PermissionDeniedError, RotationError, UnreachableError

READS: Final[dict[str, Callable[[SecretsManager], object]]] = {
    "by version and label": lambda store: store.find("name", version_id="v" * 32, label="AWSPENDING"),
    "by label": lambda store: store.find_labelled("name", "AWSCURRENT"),
    "by version": lambda store: store.find_version("name", "v" * 32),
}


@pytest.fixture
def stub(clients: Clients) -> Iterator[Stubber]:
    with Stubber(clients.secrets_manager) as stub:
        yield stub


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_not_found_is_none(clients: Clients, stub: Stubber, read: Callable[[SecretsManager], object]) -> None:
    stub.add_client_error("get_secret_value", "ResourceNotFoundException")
    assert read(SecretsManager(clients)) is None


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, UnreachableError),
        ("InternalServiceError", 500, UnreachableError),
        ("DecryptionFailure", 400, UnreachableError),
        ("AccessDeniedException", 400, PermissionDeniedError),
        ("InvalidRequestException", 400, ContractError),
    ],
)
def test_every_other_answer_is_an_error(
    clients: Clients,
    stub: Stubber,
    read: Callable[[SecretsManager], object],
    code: str,
    status: int,
    error: type[RotationError],
) -> None:
    stub.add_client_error("get_secret_value", code, http_status_code=status)
    with pytest.raises(error):
        read(SecretsManager(clients))


def test_a_secret_that_is_not_there_is_no_secret_to_rotate(clients: Clients, stub: Stubber) -> None:
    stub.add_client_error("describe_secret", "ResourceNotFoundException")
    with pytest.raises(ContractError, match="no secret name"):
        SecretsManager(clients).describe("name")


def test_rotation_that_was_never_configured_is_neither_on_nor_off(clients: Clients, stub: Stubber) -> None:
    stub.add_response("describe_secret", {"ARN": "arn:aws:secretsmanager:x", "Name": "name"})
    described = SecretsManager(clients).describe("name")
    assert (described.rotation_enabled, described.tags, described.labels) == (None, {}, {})
