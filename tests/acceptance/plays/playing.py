"""AWS's part in a question, played: what acts while a question waits, and clients with somebody in front of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.acceptance.conftest import Scene
from tests.acceptance.embedded_aws import Played
from tests.acceptance.question import Answer
from vsync_rotation_cli.aws.premises import Trail

Play = Callable[[], object]


@contextmanager
def meanwhile(scene: Scene, *plays: Play) -> Iterator[None]:
    """At each wait these act; what never comes is looked for less often."""
    scene.clock.others.extend(plays)
    scene.clock.pace = 50.0
    try:
        yield
    finally:
        scene.clock.others.clear()
        scene.clock.pace = 1.0


def asked(
    scene: Scene, question: str, *plays: Play, played: Played | None = None, trail: Trail = Trail.MISSING
) -> Answer:
    with meanwhile(scene, *plays):
        return scene.ask(question, played=played, trail=trail)


@dataclass
class InFrontOf:
    """A client of which some operations are somebody else's."""

    client: Any
    operations: dict[str, Callable[..., Any]]

    def __getattr__(self, name: str) -> Any:
        return self.operations.get(name) or getattr(self.client, name)


def refused(code: str) -> Callable[..., Any]:
    def refuse(**_: Any) -> Any:
        answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(answer, "")

    return refuse
