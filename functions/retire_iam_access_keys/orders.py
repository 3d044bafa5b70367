"""What an invocation asks for."""

import re
from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import ContractError
from vsync_rotation.fleet import order_fields
from vsync_rotation.keys.marks import AccessKeyId

_KNOWN: Final = ("secret_id", "revoke", "access_key_id")
# IAM: access key ids have 16 to 128 of these characters.
_KEY_ID: Final = re.compile(r"\w{16,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """All secrets, or one; and whether a key is to be revoked at once."""

    secret_id: str | None
    revoke: bool
    access_key_id: AccessKeyId | None

    @classmethod
    def parse(cls, event: object) -> "Order":
        """Read the event.

        Raises:
            ContractError: not an order, or one that could mean more than was meant: `revoke` without a secret, a key
                without `revoke`, `revoke` that is not true or false.
        """
        fields = order_fields(event, _KNOWN)
        secret_id, revoke, key_id = (fields.get(name) for name in _KNOWN)
        if revoke is not None and not isinstance(revoke, bool):
            raise _refused("revoke is neither true nor false", 'set "revoke": true, without quotes')
        if revoke and not secret_id:
            raise _refused("revoke names no secret", 'name the secret: "secret_id"')
        if key_id is not None and not revoke:
            raise _refused("access_key_id is given without revoke", 'set "revoke": true besides, or leave it out')
        if key_id is not None and not (isinstance(key_id, str) and _KEY_ID.fullmatch(key_id)):
            raise _refused("access_key_id is no access key id", "name the key as aws iam list-access-keys shows it")
        return cls(secret_id, bool(revoke), None if key_id is None else AccessKeyId(key_id))


def _refused(what: str, remedy: str) -> ContractError:
    return ContractError(f"the order's {what}", remedy=remedy)
