"""What restarts after a rotation, and where it says how it is: the grammar of the secrets' tags.

The functions read the same from the tags; a test holds both to the same verdicts, since what is refused there would
fail every rotation. docs/consumers.md explains the kinds.
"""

import re
from collections.abc import Mapping
from typing import Final

from cdk.config.forms import Form
from cdk.config.model import Consumer
from cdk.config.table import Table
from cdk.config.urls import is_plain_https

# Secrets Manager: a secret has at most 50 tags, a value at most 256 characters. Eight are this software's own on either
# secret, and one more is kept free: the tag that pauses it must always fit.
# See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
MOST_APPLICATIONS: Final = 50 - 8 - 1
LONGEST_TAG_VALUE: Final = 256

# What a tag's value takes for certain; the functions would take a tilde besides.
# See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
_PATH: Final = re.compile(r"(/[A-Za-z0-9._+=@:-]*)*")
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN: Final = r"(?=[^/]{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_TARGETS: Final[Mapping[str, tuple[str, str]]] = {
    "ecs": (r"[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}", "<cluster>/<service>"),
    "lambda": (r"[A-Za-z0-9_-]{1,64}", "<function>"),
    "eks": (rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,99}}/{_LABEL}/{_SUBDOMAIN}", "<cluster>/<namespace>/<deployment>"),
    "apprunner": (r"[A-Za-z0-9][A-Za-z0-9_-]{3,39}", "<service>"),
    "ssm": (r"(?!(?i:aws|amazon|amzn))[A-Za-z0-9_.-]{3,128}", "<name of a document of yours>"),
    "sns": (r"(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?", "<topic>"),
}


def read_consumers(table: Table) -> tuple[Consumer, ...]:
    """The table `consumers`, by name."""
    return tuple(Consumer(name, *_parts(text)) for name, text in table.named("consumers", NAME, CONSUMER))


def read_health(table: Table) -> tuple[tuple[str, str], ...]:
    """The table `health`, by name."""
    return table.named("health", NAME, HEALTH_URL)


def refuse_too_many(table: Table, consumers: int, health: int) -> None:
    """Refuse more consumers and health URLs than a secret has room for tags."""
    if consumers + health > MOST_APPLICATIONS:
        table.refuse_whole(
            f"has {consumers} consumers and {health} health URLs, more than {MOST_APPLICATIONS}: each is a tag, and a "
            "secret has room for no more; let one consumer of the kind sns: tell the others"
        )


def _parts(text: str) -> tuple[str, str]:
    kind, _, target = text.partition(":")
    return kind, target


def _wrong_consumer(text: str) -> str | None:
    kind, target = _parts(text)
    if kind not in _TARGETS:
        return f"names no kind of consumer; write {_CONSUMER_MEANING}"
    pattern, meaning = _TARGETS[kind]
    if not re.fullmatch(pattern, target):
        return f"has no target that {kind} takes; write {kind}:{meaning}"
    return _too_long(text)


def _wrong_url(text: str) -> str | None:
    if is_plain_https(text, _PATH) and not _too_long(text):
        return None
    if "~" in text:
        return "has a tilde, which the value of a tag may not take; give the application another path"
    return f"is no URL that may be asked; write {_URL_MEANING}"


def _too_long(text: str) -> str | None:
    if len(text) <= LONGEST_TAG_VALUE:
        return None
    return f"has {len(text)} characters, and a tag's value {LONGEST_TAG_VALUE} at most; choose shorter names"


_URL_MEANING: Final = (
    f"https://<host>[:<port>]/<path> without user, query or fragment, {LONGEST_TAG_VALUE} characters at most"
)
HEALTH_URL: Final = Form(_URL_MEANING, _wrong_url)
_CONSUMER_MEANING: Final = f"<kind>:<target>, where the kind is one of {', '.join(_TARGETS)}"
CONSUMER: Final = Form(_CONSUMER_MEANING, _wrong_consumer)
NAME: Final = Form.matching(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "a name of 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit",
)
