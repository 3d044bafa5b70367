"""Addresses that are called after a rotation, as EventBridge API destinations."""

import re
from typing import Final

from cdk.config.forms import Form
from cdk.config.model import Hook
from cdk.config.references import SECRET, Home, arn_here
from cdk.config.table import Table
from cdk.config.urls import host_of, is_plain_https, is_public_name

_NAME: Final = Form.matching(r"[a-z][a-z0-9-]{0,31}", "a name of at most 32 small letters, digits and dashes")
# HTTP's own, and what whoever sends writes himself: a value there would be lost, or break the request.
# See: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
_RESERVED: Final = frozenset(
    {
        *("accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date", "expect"),
        *("host", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"),
        *("upgrade", "user-agent", "via"),
    }
)
_HEADER: Final = Form.unrepeated(
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}", "the name of a header, such as Authorization"
).narrowed(
    lambda name: (
        "is a header that HTTP or the sender needs for itself; write another, such as Authorization"
        if name.lower() in _RESERVED
        else None
    )
)
# What EventBridge takes, but for the asterisk: it would be a parameter that nobody fills in.
# See: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html
_PATH: Final = re.compile(r"(/([A-Za-z0-9._~+=@:!$&'(),;-]|%[0-9A-Fa-f]{2})*)*")
_LONGEST_URL: Final = 2_048


def read_hooks(vault: Table, home: Home) -> tuple[Hook, ...]:
    """The tables `[[vaults.hooks]]`, all of them; harmless values stand in for what is refused."""
    hooks: list[Hook] = []
    for table in vault.tables("hooks"):
        hook = Hook(
            name=table.text("name", _NAME),
            url=table.text("url", _URL),
            header=table.text("header", _HEADER),
            secret=table.text("secret", arn_here(SECRET, home)),
        )
        if hook.name and hook.name in (other.name for other in hooks):
            table.refuse("name", "is another hook's of this vault; give each its own")
        hooks.append(hook)
    return tuple(hooks)


def _wrong_url(text: str) -> str | None:
    if len(text) <= _LONGEST_URL and is_plain_https(text, _PATH):
        return None if is_public_name(host_of(text)) else f"is on no host of the public internet; write {_URL_MEANING}"
    # Never repeated: people put keys into queries. The template would show them to everybody who may read it.
    return f"is no address that can be called; write {_URL_MEANING}"


_URL_MEANING: Final = (
    "https://<host>[:<port>]/<path> without user, query or fragment; what proves who calls goes into the header"
)
_URL: Final = Form(_URL_MEANING, _wrong_url)
