"""RotationToken: shows PutSecretValue that the caller acts for a rotation that is under way.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

import json
import secrets
from dataclasses import dataclass, field

from simulator.doors import Incoming
from simulator.exchange import Answer


@dataclass(slots=True)
class RotationTokens:
    """The tokens of the rotations under way, by version id."""

    _tokens: dict[str, str] = field(default_factory=dict)

    def of(self, version_id: str) -> str:
        """This rotation's token, 43 characters; made on first use."""
        return self._tokens.setdefault(version_id, secrets.token_urlsafe(32))

    def forget(self, version_id: str) -> None:
        self._tokens.pop(version_id, None)

    def door(self, incoming: Incoming) -> Answer | None:
        """Refuse a put to a rotating version that does not carry its token."""
        if not self._tokens or incoming.headers.get("x-amz-target") != "secretsmanager.PutSecretValue":
            return None
        asked = json.loads(incoming.body)
        wanted = self._tokens.get(asked.get("ClientRequestToken", ""))
        if wanted is None or asked.get("RotationToken") == wanted:
            return None
        return incoming.refused(400, "AccessDeniedException", "The RotationToken is missing or not this rotation's.")
