"""Which requests each step of a rotation sends, in order, as a person would name them."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from simulator.exchange import Request
from simulator.rotation_records import Outcome, RotationRecord
from simulator.vaults import FIRST_TIMESTAMP, Layout, Vault, make_vault
from simulator.world import World

POINTERS: Final = frozenset({"latest", "manifest"})
MOVE: Final = "UpdateSecretVersionStage"

Handler = Callable[[Any, Any], None]
Steps = Mapping[str, list[str]]


def requests_of(world: World, handler: Handler, layout: Layout, secret: Callable[[Vault], str]) -> Steps:
    """One rotation of a vault without generation cells and audit log; its requests by step.

    Raises:
        AssertionError: the rotation failed, or a step of it was repeated.
    """
    vault = make_vault(world, layout)
    record = _rotate(world, world.deploy("measured", handler), secret(vault))
    if record.outcome is not Outcome.SUCCEEDED or record.attempts != 1:
        raise AssertionError(f"the rotation did not succeed at once: {record.error}: {record.message}")
    return {step.step: [named(request) for request in step.requests] for step in record.steps}


def named(request: Request) -> str:
    """The operation, and the object it is about: bundles by whether they are live or staged."""
    if request.service != "s3":
        return request.operation
    folder, _, name = unquote(request.path).rpartition("/")
    if folder.endswith("/versions"):
        name = f"{_which(name.removesuffix('.enc'))} CLI bundle"
    elif name.startswith("v="):
        name = f"{_which(name.removeprefix('v='))} runtime bundle"
    return f"{request.operation} {name}"


def race_window(finish: list[str]) -> int:
    """Round trips from the first pointer's swap, included, to the label's move: the boundaries that a reader can hit.

    A reader that fetches both halves at one of them finds a pointer that AWSCURRENT does not open.
    """
    first = next(n for n, name in enumerate(finish) if name in {f"PutObject {pointer}" for pointer in POINTERS})
    return finish.index(MOVE) - first


def _which(timestamp: str) -> str:
    return "live" if timestamp == FIRST_TIMESTAMP else "staged"


def _rotate(world: World, function: str, secret: str) -> RotationRecord:
    world.client("secretsmanager").rotate_secret(SecretId=secret, RotationLambdaARN=function)
    (record,) = world.rotation_service.run()
    return record
