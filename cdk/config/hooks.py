"""Addresses that are called after a rotation, as EventBridge API destinations."""

import re
from collections.abc import Collection
from typing import Final

from cdk.config.forms import Form
from cdk.config.model import Adopted, Hook
from cdk.config.references import SECRET, Home, arn_here
from cdk.config.table import Table
from cdk.config.urls import is_plain_https

_NAME: Final = Form.matching(r"[a-z][a-z0-9-]{0,31}", "a name of at most 32 small letters, digits and dashes")
_HEADER: Final = Form.matching(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}", "the name of a header, such as Authorization")
# What EventBridge takes, but for the asterisk: it would be a parameter that nobody fills in.
# See: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html
_PATH: Final = re.compile(r"(/([A-Za-z0-9._~+=@:!$&'(),;-]|%[0-9A-Fa-f]{2})*)*")
_LONGEST_URL: Final = 2_048


def read_hooks(vault: Table, home: Home, own_secrets: Collection[str]) -> tuple[Hook, ...]:
    """The tables `[[vaults.hooks]]`. `own_secrets` are the names of the vault's secrets, which no hook may be sent."""
    hooks: dict[str, Hook] = {}
    for table in vault.tables("hooks"):
        hook = Hook(
            name=table.text("name", _NAME),
            url=table.text("url", _URL),
            header=table.text("header", _HEADER),
            secret=table.text("secret", arn_here(SECRET, home)),
        )
        if hook.secret and Adopted(hook.secret).name in own_secrets:
            table.refuse("secret", "is the vault's own and would be sent to the hook; name a secret for this purpose")
        if hook.name in hooks:
            table.refuse("name", "is another hook's of this vault; give each its own")
        if hook.name:
            hooks[hook.name] = hook
    return tuple(hooks.values())


def _wrong_url(text: str) -> str | None:
    if len(text) <= _LONGEST_URL and is_plain_https(text, _PATH):
        return None
    # Never repeated: people put keys into queries. The template would show them to everybody who may read it.
    return f"is no address that can be called; write {_URL_MEANING}"


_URL_MEANING: Final = (
    "https://<host>[:<port>]/<path> without user, query or fragment; what proves who calls goes into the header"
)
_URL: Final = Form(_URL_MEANING, _wrong_url)
