"""What a secret's tags declare about the applications that use it: what to restart, and where to ask for their health.

One grammar, read here and nowhere else: `vsync-rotation:consumer:<name>` = `<kind>:<target>` and
`vsync-rotation:health:<name>` = an https URL. A tag names a thing, never a command and never a place inside a network.

A rotation reads all of them strictly: a typing error must be known before anything changes. Who restarts consumers
reads each by itself: one typing error must not keep the others on the old value.

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
_LONGEST_NAME: Final = 64
_NAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST_NAME - 1}}}")
_UNNAMEABLE: Final = re.compile(r"[^A-Za-z0-9._-]")
# A tag's value has at most 256 characters; a port is 1 to 65535.
_MAX_PORT: Final = 65_535
_HTTPS_PORT: Final = 443
# A host whose last part is a number is an address in one of its spellings (127.1, 0x7f000001, 2130706433): resolvers
# take them all, and no public authority's certificate names them as they are spelled here.
# See: https://url.spec.whatwg.org/#ends-in-a-number-checker
_HOST: Final = re.compile(
    r"(?=.{1,253}$)(?!(.*\.)?([0-9]+|0x[0-9a-f]*)$)"
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
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


# The services' own rules for these names.
# Kubernetes: a namespace is a DNS label, a deployment's name is up to 253 characters of labels with dots between them.
# See: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN: Final = r"(?=[^/]{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
# Names of documents that AWS owns begin so, and nobody else's may. Those run whatever commands they are given.
# See: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
_NOT_OF_AWS: Final = r"(?!(?i:aws|amazon|amzn))"
_FORMS: Final[Mapping[ConsumerKind, tuple[str, str]]] = {
    ConsumerKind.ECS: (r"[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}", "<cluster>/<service>"),
    ConsumerKind.LAMBDA: (r"[A-Za-z0-9_-]{1,64}", "<function>"),
    ConsumerKind.EKS: (
        rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,99}}/{_LABEL}/{_SUBDOMAIN}",
        "<cluster>/<namespace>/<deployment>",
    ),
    ConsumerKind.APP_RUNNER: (r"[A-Za-z0-9][A-Za-z0-9_-]{3,39}", "<service>"),
    ConsumerKind.SYSTEMS_MANAGER: (rf"{_NOT_OF_AWS}[A-Za-z0-9_.-]{{3,128}}", "<name of a document of yours>"),
    # The suffix counts: a topic's name has 256 characters with it.
    ConsumerKind.TOPIC: (r"(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?", "<topic>"),
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
class MalformedConsumer:
    """A consumer's tag that nobody can act on. `name` ends in a question mark, which no declared consumer's does."""

    name: str
    error: SettingsError


@dataclass(frozen=True, slots=True)
class HealthUrl:
    """Where a consumer says how it is: https, no user, no query, no fragment."""

    name: str
    host: str
    port: int
    path: str


def without_consumers(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that say nothing about consumers."""
    return {tag: value for tag, value in tags.items() if not tag.startswith((CONSUMER, HEALTH))}


def consumers(tags: Mapping[str, str]) -> tuple[Consumer, ...]:
    """The consumers a secret declares, by name.

    Raises:
        SettingsError: a tag is malformed; it is named.
    """
    return tuple(_consumer(tag, tags[tag]) for tag in sorted(tags) if tag.startswith(CONSUMER))


def each_consumer(tags: Mapping[str, str]) -> tuple[Consumer | MalformedConsumer, ...]:
    """The same, each tag by itself: a malformed one stands in its place with its error and never hides another."""
    return tuple(_consumer_or_error(tag, tags[tag]) for tag in sorted(tags) if tag.startswith(CONSUMER))


def health_urls(tags: Mapping[str, str]) -> tuple[HealthUrl, ...]:
    """The health URLs a secret declares, by name.

    Raises:
        SettingsError: a tag is malformed; it is named.
    """
    return tuple(_health_url(tag, tags[tag]) for tag in sorted(tags) if tag.startswith(HEALTH))


def _consumer_or_error(tag: str, value: str) -> Consumer | MalformedConsumer:
    try:
        return _consumer(tag, value)
    except SettingsError as error:
        # Whoever may tag chose these characters; names go into events and logs.
        spelled = _UNNAMEABLE.sub("?", tag.removeprefix(CONSUMER))[:_LONGEST_NAME]
        return MalformedConsumer(f"{spelled}?", error)


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
    # ASCII as it stands: in lower case the Kelvin sign is a k, and the host would be another than the one that is read.
    if not (value.isascii() and value == spelled and plain_netloc and 0 < port <= _MAX_PORT):
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
