"""What can go wrong with a request, each fault with a name, at requests chosen by number, operation or predicate.

Each is an observer: `with world.watched_by(crash_before(nth(3, from_function("f")))): ...`. A choice counts from the
moment the fault is made, and every try of the SDK is a request.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from simulator.choices import (
    Choice,
    any_request,
    both,
    from_function,
    in_a_function,
    in_step,
    nth,
    numbered,
    operation,
)
from simulator.error_answers import error_answer
from simulator.exchange import Answer, Request
from simulator.functions import FunctionCrashed


@dataclass(slots=True)
class Fault:
    """Does one thing to the chosen requests; `hits` lists those it met."""

    choice: Choice
    hits: list[Request] = field(default_factory=list)

    def _is_chosen(self, request: Request) -> bool:
        if not self.choice(request):
            return False
        self.hits.append(request)
        return True

    def before(self, request: Request) -> Answer | None:  # noqa: ARG002 - the observer's signature
        return None

    def after(self, request: Request) -> None: ...


@dataclass(slots=True)
class _Before(Fault):
    """Acts when the request is about to leave."""

    act: Callable[[Request], Answer | None] = field(kw_only=True)

    def before(self, request: Request) -> Answer | None:
        return self.act(request) if self._is_chosen(request) else None


@dataclass(slots=True)
class _After(Fault):
    """Acts when the request has taken effect."""

    act: Callable[[Request], None] = field(kw_only=True)

    def after(self, request: Request) -> None:
        if self._is_chosen(request):
            self.act(request)


def crash_before(choice: Choice) -> Fault:
    """The function's process dies and the request never leaves."""
    return _Before(choice, act=_crash)


def crash_after(choice: Choice) -> Fault:
    """The request takes effect and the function's process dies."""
    return _After(choice, act=_crash)


def lose_answer(choice: Choice) -> Fault:
    """The request takes effect and the connection breaks before the answer; the SDK may try again."""
    return _After(choice, act=_break)


def time_out(choice: Choice) -> Fault:
    """The request takes effect and its answer does not come in time; the SDK may try again."""
    return _After(choice, act=_late)


def lose_request(choice: Choice) -> Fault:
    """The connection breaks before the request arrives; the SDK may try again."""
    return _Before(choice, act=_break)


def throttle(choice: Choice) -> Fault:
    """The service is asked too often."""
    return _Before(choice, act=lambda request: _answer(request, *_throttling(request)))


def fail_inside(choice: Choice) -> Fault:
    """The service fails by itself: HTTP 500."""
    return _Before(choice, act=lambda request: _answer(request, 500, *_internal(request)))


def deny(choice: Choice) -> Fault:
    """The caller is known and may not."""
    return _Before(choice, act=_deny)


def answer_with(choice: Choice, status: int, code: str, message: str = "") -> Fault:
    """Any other error of the service, in its own spelling."""
    return _Before(choice, act=lambda request: _answer(request, status, code, message or code))


def conflict(choice: Choice) -> Fault:
    """S3 saw two conditional writes at once: 409, nothing written."""
    message = "A conflicting conditional operation is currently in progress against this resource."
    return answer_with(choice, 409, "ConditionalRequestConflict", message)


def reject_events(choice: Choice) -> Fault:
    """EventBridge answers PutEvents with success and refuses the one entry that was sent."""
    return _Before(choice, act=lambda _: _REJECTED_ENTRY)


def meanwhile(choice: Choice, act: Callable[[], object]) -> Fault:
    """Somebody else acts just before the request leaves (a laptop pushes, a person moves a label)."""

    def somebody_else(_: Request) -> None:
        act()

    return _Before(choice, act=somebody_else)


def afterwards(choice: Choice, act: Callable[[], object]) -> Fault:
    """Somebody else acts when the request has taken effect and before the caller goes on."""
    return _After(choice, act=lambda _: _discard(act()))


_REJECTED_ENTRY: Final = Answer(
    200,
    {"Content-Type": "application/x-amz-json-1.1"},
    b'{"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "not stored"}]}',
)


def _discard(_: object) -> None: ...


def _crash(request: Request) -> None:
    raise FunctionCrashed(f"crashed at request {request.index}, {request.action}")


def _break(request: Request) -> None:
    raise ConnectionClosedError(endpoint_url=f"http://{request.host}", request=None, error="connection reset")


def _late(request: Request) -> None:
    raise ReadTimeoutError(endpoint_url=f"http://{request.host}", error="no answer in time")


_THROTTLING: Final = {
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "iam": (400, "Throttling", "Rate exceeded"),
    "sts": (400, "Throttling", "Rate exceeded"),
}


def _throttling(request: Request) -> tuple[int, str, str]:
    return _THROTTLING.get(request.service, (400, "ThrottlingException", "Rate exceeded"))


def _internal(request: Request) -> tuple[str, str]:
    codes = {"s3": "InternalError", "secretsmanager": "InternalServiceError", "iam": "ServiceFailure"}
    return codes.get(request.service, "InternalFailure"), "An internal error occurred."


def _deny(request: Request) -> Answer:
    message = f"not authorized to perform {request.action}"
    if request.protocol in {"json", "rest-json"}:
        return _answer(request, 400, "AccessDeniedException", message)
    return _answer(request, 403, "AccessDenied", message)


def _answer(request: Request, status: int, code: str, message: str) -> Answer:
    return error_answer(request.protocol, request.method, status, code, message)


__all__ = [
    "Choice", "Fault", "FunctionCrashed", "afterwards", "answer_with", "any_request", "both", "conflict",
    "crash_after", "crash_before", "deny", "fail_inside", "from_function", "in_a_function", "in_step", "lose_answer",
    "lose_request", "meanwhile", "nth", "numbered", "operation", "reject_events", "throttle", "time_out",
]  # fmt: skip
