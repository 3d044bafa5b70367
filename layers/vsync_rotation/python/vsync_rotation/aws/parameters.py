"""Systems Manager parameters, as `memory.ports.Memory`.

See: https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
"""

from typing import Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import code_of, translated
from vsync_rotation.errors import SettingsError

_SERVICE: Final = "Systems Manager"
_NOT_FOUND: Final = "ParameterNotFound"
# 8 KB for an advanced parameter, counted in UTF-8; what we write is ASCII.
_MAX_LENGTH: Final = 8_192


class Parameters:
    """The parameters of one account and region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def recall(self, name: str) -> str | None:
        """The text; None if there is no such parameter."""
        with translated(_SERVICE, "GetParameter"):
            try:
                return self._clients.systems_manager.get_parameter(Name=name)["Parameter"].get("Value")
            except ClientError as error:
                if code_of(error) == _NOT_FOUND:
                    return None
                raise

    def remember(self, name: str, text: str) -> None:
        """Write it over what is there.

        Intelligent tiering: a standard parameter costs nothing and holds 4 KB, an account has 10,000 of them; what is
        longer or more becomes an advanced one.
        """
        if len(text) > _MAX_LENGTH:
            raise SettingsError(
                f"what there is to remember takes {len(text)} characters, a parameter holds {_MAX_LENGTH}",
                remedy="declare fewer consumers and health URLs on this secret",
            )
        with translated(_SERVICE, "PutParameter"):
            self._clients.systems_manager.put_parameter(
                Name=name, Value=text, Type="String", Overwrite=True, Tier="Intelligent-Tiering"
            )

    def forget(self, name: str) -> None:
        """Delete it; what is not there is deleted."""
        with translated(_SERVICE, "DeleteParameter"):
            try:
                self._clients.systems_manager.delete_parameter(Name=name)
            except ClientError as error:
                if code_of(error) != _NOT_FOUND:
                    raise
