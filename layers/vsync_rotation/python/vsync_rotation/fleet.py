"""All secrets of a kind, one after the other: a bad one never stops the others, and a late one is never starved.

A function that serves a fleet is invoked with `{}` for all of it, or with `{"secret_id": ...}` for one secret. Several
installations of the functions share an account by the tag `vsync-rotation:served-by`, see `served_here`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from vsync_rotation.engine.bugs import as_failure
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription
from vsync_rotation.errors import ContractError, Place, RotationError
from vsync_rotation.settings import SERVED_BY

# Kept for the secret at work when the function's time is nearly over; what is not begun is left for the next run. A
# function that was given little keeps a third of it.
RESERVE_SECONDS: Final = 30.0
_AFTER_A_BUG: Final = "what was begun may be half done, and the next run completes it or refuses"

# A log line has a limit, an account may have thousands of secrets, and one name is enough to find the cause.
_NAMED_AT_MOST: Final = 10

# Secrets Manager: a secret is named by at most 2048 characters.
_MAX_SECRET_ID: Final = 2048

Outcome = dict[str, Any]


@dataclass(slots=True)
class Summary:
    """What a run did, ready to be returned as JSON. Only what is worth saying has an outcome."""

    served: int = 0
    not_reached: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[Outcome] = field(default_factory=list)

    def as_json(self) -> Outcome:
        """The function's answer."""
        return {
            "served": self.served,
            "not_reached": self.not_reached,
            "outcomes": self.outcomes,
            "errors": self.errors,
        }


def order_fields(event: object, known: Sequence[str]) -> Mapping[str, Any]:
    """The fields of an invocation's event.

    Raises:
        ContractError: not an object, a field that is not known (a misspelt one would be an order not carried out), or
            a `secret_id` that is no text.
    """
    if not isinstance(event, Mapping):
        raise _unlike("is not an object", known)
    if unknown := sorted(str(name) for name in event if name not in known):
        raise _unlike(f"has {len(unknown)} fields that are not known", known)
    secret_id = event.get("secret_id")
    if secret_id is not None and not _is_name(secret_id):
        raise _unlike("has a secret_id that is no name and no ARN", known)
    return event


def served_here(secrets: Iterable[SecretDescription], serves: str | None, ports: Ports) -> Iterator[SecretDescription]:
    """Those whose tag `vsync-rotation:served-by` is `serves`; all of them where that is None.

    A secret without the tag would be served by nobody and nobody would see it, so that a line tells of it.
    """
    nobodys: list[str] = []
    for secret in secrets:
        if serves is None or secret.tags.get(SERVED_BY) == serves:
            yield secret
        elif not secret.tags.get(SERVED_BY):
            nobodys.append(secret.name)
    if nobodys:
        first = sorted(nobodys)[:_NAMED_AT_MOST]
        ports.journal.warning(f"secrets without the tag {SERVED_BY} are left out", count=len(nobodys), first=first)


@contextmanager
def reporting(what: str, ports: Ports) -> Iterator[None]:
    """Log a failure that is no single secret's: an order that is none, a secret that is not there, no listing.

    Raises:
        RotationError: what was raised inside, with its place.
    """
    try:
        yield
    except RotationError as error:
        if error.place is None:
            error.at(Place("any", "any", what))
            ports.journal.error(str(error), error=type(error).__name__, retryable=error.retryable)
        error.__cause__ = error.__context__ = None
        raise


def serve_all(
    secrets: Iterable[SecretDescription],
    serve: Callable[[SecretDescription], list[Outcome]],
    what: str,
    ports: Ports,
    deadline: Deadline,
) -> Summary:
    """Serve every secret as time allows, in an order that is another one for each run.

    With more secrets than fit into one run every one still gets its turn: the next run begins elsewhere.
    """
    fleet = sorted(secrets, key=lambda secret: secret.arn)
    Random(ports.clock.now().isoformat()).shuffle(fleet)  # noqa: S311 - nothing secret depends on it
    reserve_seconds = min(RESERVE_SECONDS, deadline.remaining_seconds() / 3)
    summary = Summary()
    for secret in fleet:
        if deadline.remaining_seconds() < reserve_seconds:
            summary.not_reached = len(fleet) - summary.served
            ports.journal.warning("time is over, the next run begins elsewhere", not_reached=summary.not_reached)
            break
        summary.served += 1
        ports.journal.locate(secret=secret.name)
        try:
            summary.outcomes += serve(secret)
        except RotationError as error:
            summary.errors.append(_reported(error, secret, what, ports))
        except Exception as error:  # noqa: BLE001 - a bug that one secret meets must not stop the others
            summary.errors.append(_reported(as_failure(error, ports.journal, safe=_AFTER_A_BUG), secret, what, ports))
    ports.journal.locate(secret="all")  # noqa: S106 - what the next lines are about
    ports.journal.info("fleet served", served=summary.served, failed=len(summary.errors))
    return summary


def serve_one(
    secret: SecretDescription, serve: Callable[[SecretDescription], list[Outcome]], what: str, ports: Ports
) -> Summary:
    """Serve one secret that was named; what fails is raised, since somebody waits for it.

    Raises:
        RotationError: with its place, and logged.
    """
    ports.journal.locate(secret=secret.name)
    try:
        return Summary(served=1, outcomes=serve(secret))
    except RotationError as error:
        _reported(error, secret, what, ports)
        error.__cause__ = error.__context__ = None
        raise
    except Exception as error:  # noqa: BLE001 - the last boundary: a bug is reported without its text
        failure = as_failure(error, ports.journal, safe=_AFTER_A_BUG)
        _reported(failure, secret, what, ports)
    raise failure


def _reported(error: RotationError, secret: SecretDescription, what: str, ports: Ports) -> Outcome:
    error.at(Place(secret.name, "any", what))
    name = type(error).__name__
    ports.journal.error(str(error), error=name, retryable=error.retryable)
    ports.journal.count("SecretFailed")
    return {"secret": secret.name, "error": name, "message": str(error), "retryable": error.retryable}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_SECRET_ID and value.isascii() and value.isprintable()


def _unlike(finding: str, known: Sequence[str]) -> ContractError:
    return ContractError(
        f"the event {finding}", remedy=f"invoke this function with {{}} or with {', '.join(known)} in a JSON object"
    )
