"""A value from Secrets Manager, by the ordinary credential chain, and what to do when there is none."""

from collections.abc import Mapping
from typing import Final

from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.errors import RotationError
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.aws.explained import explained
from vsync_rotation_cli.aws.session import Session, asking, choose, region_in
from vsync_rotation_cli.decode.bad_input import BadInputError

# By the service's code: what it means where one secret was named and read.
_OF_READING: Final[Mapping[str, tuple[str, str]]] = {
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
    try:
        choose(region or region_in(secret_id), profile)
        with asking("Secrets Manager", "GetSecretValue"):
            version = SecretsManager(Session().clients).find_labelled(secret_id, "AWSCURRENT")
    except RotationError as error:
        what, remedy = _OF_READING.get(error.code) or explained(error)
        raise BadInputError(what, remedy=remedy) from None
    if version is None:
        raise BadInputError(
            "secret not found: no AWSCURRENT value under this name or ARN",
            remedy="check name, region and account; a partial ARN is not accepted",
        )
    return version.value
