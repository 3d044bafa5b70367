"""Which requests a fault strikes: chosen by number, operation, function, step or any predicate.

A choice that counts does so from the moment it is made; every try of the SDK is a request.
"""

from collections.abc import Callable

from simulator.exchange import Request

Choice = Callable[[Request], bool]


def any_request(request: Request) -> bool:  # noqa: ARG001 - a choice looks at nothing when it takes all
    return True


def operation(action: str) -> Choice:
    """Requests of one operation: `secretsmanager:PutSecretValue`, or `PutObject` at whichever service."""
    return lambda request: action in {request.action, request.operation}


def from_function(name: str) -> Choice:
    """Requests a function makes."""
    return lambda request: request.function == name


def in_step(step: str) -> Choice:
    """Requests made while a function carries out this step."""
    return lambda request: request.step == step


def in_a_function(request: Request) -> bool:
    """Requests made by any function; not the operator's and not a test's own."""
    return request.function is not None


def both(*choices: Choice) -> Choice:
    """Requests every one of the choices takes."""
    return lambda request: all(choice(request) for choice in choices)


def nth(number: int, among: Choice = in_a_function) -> Choice:
    """The request with this number, from 1, among those another choice takes."""
    return numbered(frozenset({number}), among)


def numbered(numbers: frozenset[int], among: Choice = in_a_function) -> Choice:
    """The requests with these numbers, from 1, among those another choice takes."""
    count = 0

    def choose(request: Request) -> bool:
        nonlocal count
        if not among(request):
            return False
        count += 1
        return count in numbers

    return choose
