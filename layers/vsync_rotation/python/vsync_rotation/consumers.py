"""What a secret's tags declare about the applications that use it: what to restart, and where to ask for their health.

One grammar, read here and nowhere else: `vsync-rotation:consumer:<name>` = `<kind>:<target>` and
`vsync-rotation:health:<name>` = an https URL. A tag names a thing, never a command and never a place inside a network.

See: SPEC 16
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from vsync_rotation.errors import SettingsError

CONSUMER: Final = "vsync-rotation:consumer:"
HEALTH: Final = "vsync-rotation:health:"

# Names go into events, logs and parameters as they are.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# A tag's value has at most 256 characters; a port is 1 to 65535.
_MAX_PORT: Final = 65_535
_HTTPS_PORT: Final = 443
_HOST: Final = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~+=@:-]*)*")


class ConsumerKind(StrEnum):
    """What can be restarted; the part of the tag's value before the first colon."""

    ECS = "ecs"
    LAMBDA = "lambda"
    EKS = "eks"
    APP_RUNNER = "apprunner"
    SYSTEMS_MANAGER = "ssm"
    TOPIC = "sns"


# The services' own rules for these names. Kubernetes: DNS labels, for a deployment with dots between them.
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_FORMS: Final[Mapping[ConsumerKind, tuple[str, str]]] = {
    ConsumerKind.ECS: (r"[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}", "<cluster>/<service>"),
    ConsumerKind.LAMBDA: (r"[A-Za-z0-9_-]{1,64}", "<function>"),
    ConsumerKind.EKS: (
        rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,99}}/{_LABEL}/{_LABEL}(\.{_LABEL})*",
        "<cluster>/<namespace>/<deployment>",
    ),
    ConsumerKind.APP_RUNNER: (r"[A-Za-z0-9][A-Za-z0-9_-]{3,39}", "<service>"),
    ConsumerKind.SYSTEMS_MANAGER: (r"[A-Za-z0-9_.-]{3,128}", "<document name>"),
    ConsumerKind.TOPIC: (r"[A-Za-z0-9_-]{1,256}(\.fifo)?", "<topic>"),
}


@dataclass(frozen=True, slots=True)
class Consumer:
    """A declared consumer; `target` has the form that its kind asks for."""

    name: str
    kind: ConsumerKind
    target: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}"

    @property
    def parts(self) -> tuple[str, ...]:
        """The target's parts: cluster and service, for instance."""
        return tuple(self.target.split("/"))


@dataclass(frozen=True, slots=True)
class HealthUrl:
    """Where a consumer says how it is: https, no user, no query, no fragment."""

    name: str
    host: str
    port: int
    path: str


def consumers(tags: Mapping[str, str]) -> tuple[Consumer, ...]:
    """The consumers a secret declares, by name.

    Raises:
        SettingsError: a tag is malformed; it is named.
    """
    return tuple(_consumer(tag, tags[tag]) for tag in sorted(tags) if tag.startswith(CONSUMER))


def health_urls(tags: Mapping[str, str]) -> tuple[HealthUrl, ...]:
    """The health URLs a secret declares, by name.

    Raises:
        SettingsError: a tag is malformed; it is named.
    """
    return tuple(_health_url(tag, tags[tag]) for tag in sorted(tags) if tag.startswith(HEALTH))


def _consumer(tag: str, value: str) -> Consumer:
    name = _name(tag, CONSUMER)
    kind_name, _, target = value.partition(":")
    kinds = {str(kind): kind for kind in ConsumerKind}
    if kind_name not in kinds:
        raise SettingsError(
            f"tag {tag} names no kind of consumer that this release knows",
            remedy=f"set it to <kind>:<target>, where the kind is one of {', '.join(kinds)}",
        )
    kind = kinds[kind_name]
    form, meaning = _FORMS[kind]
    if not re.fullmatch(form, target):
        raise SettingsError(f"tag {tag} has no target that {kind} takes", remedy=f"set it to {kind}:{meaning}")
    return Consumer(name, kind, target)


def _health_url(tag: str, value: str) -> HealthUrl:
    name = _name(tag, HEALTH)
    meaning = "https://<host>[:<port>]/<path>, without user, query or fragment"
    malformed = SettingsError(f"tag {tag} is no URL that may be asked", remedy=f"set it to {meaning}")
    try:
        url = urlsplit(value)
        port = _HTTPS_PORT if url.port is None else url.port
    except ValueError:
        raise malformed from None
    host = url.hostname or ""
    # Written back, because what a URL's parts leave out (a lone "?" or "@", white space) means something to others.
    spelled = f"https://{url.netloc}{url.path}"
    plain_netloc = url.netloc.lower() in {host, f"{host}:{port}"}
    if not (value == spelled and plain_netloc and 0 < port <= _MAX_PORT):
        raise malformed
    if not (_HOST.fullmatch(host) and _PATH.fullmatch(url.path)):
        raise malformed
    return HealthUrl(name, host, port, url.path or "/")


def _name(tag: str, prefix: str) -> str:
    name = tag.removeprefix(prefix)
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"tag {tag if tag.isascii() and tag.isprintable() else prefix + '...'} has no name that can be used",
            remedy=f"name it {prefix}<1 to 64 letters, digits, dots, dashes or underscores>",
        )
    return name
