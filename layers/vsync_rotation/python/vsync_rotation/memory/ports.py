"""Where memories are kept, as a protocol, and what they are called there."""

import hashlib
import re
from typing import Final, Protocol

# Systems Manager: names have letters, digits and `_.-/`, fifteen levels at most.
# See: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
_ROOT: Final = "/vsync-rotation"
_MAX_LEVELS: Final = 15
# 1,011 with what the service puts before a name in an ARN; a name of 512 characters that all need escaping is longer.
_MAX_LENGTH: Final = 900
_OTHER: Final = re.compile(r"[^A-Za-z0-9_/-]")
_OTHER_AND_LEVELS: Final = re.compile(r"[^A-Za-z0-9_-]")


class Memory(Protocol):
    """Texts under names. Reads and writes are not conditional: each name has one writer."""

    def recall(self, name: str) -> str | None:
        """The text; None if there is none. Raises PermissionDeniedError or UnreachableError where that is not known."""

    def remember(self, name: str, text: str) -> None:
        """Write the text over what is there. Raises SettingsError where it is longer than a parameter may be."""

    def forget(self, name: str) -> None:
        """Remove the text; what is not there is removed."""


def parameter_name(writer: str, secret_name: str) -> str:
    """The parameter of a writer (`checked`, `restarted`) for a secret; different for different secrets."""
    name = f"{_ROOT}/{writer}/{_OTHER.sub(_escaped, secret_name)}"
    if name.count("/") > _MAX_LEVELS or "//" in name or name.endswith("/"):
        name = f"{_ROOT}/{writer}/{_OTHER_AND_LEVELS.sub(_escaped, secret_name)}"
    if len(name) > _MAX_LENGTH:
        digest = hashlib.sha256(secret_name.encode()).hexdigest()
        name = f"{_ROOT}/{writer}/{digest}.name"
    return name


def _escaped(character: re.Match[str]) -> str:
    return f".{ord(character.group()):02x}"
