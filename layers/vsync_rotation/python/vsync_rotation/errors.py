"""The one error family: what went wrong, split by who must act (SPEC.md 9).

Every error says what happened, what is still safe and what to do next; the engine adds which secret, version and step.
No message ever carries a secret value, and none carries text that a stranger chose freely (bundle bytes, object
bodies). `retryable` tells whether the same call may succeed later without anybody changing anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

NOTHING_CHANGED: Final = "nothing was changed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an error happened: the secret's name or ARN, the version id and the step."""

    secret: str
    version_id: str
    step: str

    def __str__(self) -> str:
        return f"{self.step} of secret {self.secret}, version {self.version_id}"


class RotationError(Exception):
    """Base of the family.

    Args:
        what: the finding, one clause, no secret value.
        remedy: what the reader should do next.
        safe: what is still as it was; by default that nothing was changed, until somebody knows better.
        code: the code in which a service or the SDK put it; empty where it is our own finding.
        not_done: a service answered that it did not do what was asked. An answer that is missing says no such thing.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self, what: str, *, remedy: str, safe: str | None = None, code: str = "", not_done: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.safe = safe
        self.remedy = remedy
        self.code = code
        self.not_done = not_done
        self.place: Place | None = None

    def at(self, place: Place) -> "RotationError":
        """Name the place once; the innermost place stays. Returns the same error, to be raised again."""
        if self.place is None:
            self.place = place
        return self

    def __str__(self) -> str:
        """No full stop at the end: a command that is copied with it fails."""
        head = f"{self.place}: " if self.place else ""
        return f"{head}{self.what}. Still safe: {self.safe or NOTHING_CHANGED}. Next: {self.remedy}"


@contextmanager
def still_safe(what: str) -> Iterator[None]:
    """Let every error of the family that leaves the block say what is still safe there, unless it knows better."""
    try:
        yield
    except RotationError as error:
        if error.safe is None:
            error.safe = what
        raise


class ContractError(RotationError):
    """The invocation does not fit the rotation contract: wrong kind, unknown step or version, wrong label, off."""


class PausedError(RotationError):
    """The secret carries the tag that pauses it."""


class SettingsError(RotationError):
    """A tag or the location is missing or malformed, an endpoint has no scheme, iterations are out of range."""


class BlobError(RotationError):
    """Not a `vsync-cfg-v1:` blob, or a damaged one."""


class UnsupportedVersionError(RotationError):
    """A format version this software does not speak."""


class VaultNotFoundError(RotationError):
    """No pointer in any layout: the vault was never pushed, or the location is wrong."""


class BundleCorruptError(RotationError):
    """An envelope, a pointer or a payload is damaged, or the bundle a pointer names is missing."""


class SealMismatchError(RotationError):
    """The timestamp sealed into a bundle is not the pointer's."""


class GenerationError(RotationError):
    """A generation cell that is not what the readers accept."""


class WrongPassphraseError(RotationError):
    """The passphrase does not open the bundle (or the bundle's tag does not hold: the cipher cannot tell)."""


class KeySlotsFullError(RotationError):
    """Both access key slots are taken, one of them by a superseded key that is not free yet."""


class ForeignKeyError(RotationError):
    """An access key this software did not make is in the way: a person decides."""


class PermissionDeniedError(RotationError):
    """The service knows the caller and refuses."""

    retryable = True


class UnreachableError(RotationError):
    """No usable answer: the network, a throttle, a server error, or no time left."""

    retryable = True


class PointerMovedError(RotationError):
    """Someone else moved the pointer first, every time."""

    retryable = True


class ConcurrentChangeError(RotationError):
    """A secret was changed by someone else while the rotation ran."""

    retryable = True
