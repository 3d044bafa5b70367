"""A throw-away vault made by hand in the embedded AWS, and runs of the whole thing on it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.access.gate import Gate
from simulator.exchange import Request
from simulator.run import ACCOUNT_ID, OPERATOR
from simulator.world import World
from tests.acceptance.__main__ import main
from tests.acceptance.aws import Aws
from tests.acceptance.catalogue import QUESTIONS
from tests.acceptance.discretion import Discretion
from tests.acceptance.embedded_aws import Played, Turns, embedded, register_blobs
from tests.acceptance.hand_made import ITERATIONS, ByHand
from tests.acceptance.machine import Machine
from tests.acceptance.question import Answer
from tests.acceptance.questions.operators_path import PREPARATIONS
from tests.acceptance.run import Run
from tests.acceptance.stage import Stage
from tests.acceptance.throw_away import FirstValues
from tests.documented_requests import undocumented
from tests.moments import BEGINNING
from vsync_rotation_cli.aws.premises import Trail

HERE = ("--account", ACCOUNT_ID, "--region", "eu-central-1")


@dataclass
class Scene:
    """A stage whose vault is deployed and rotated. `ask` asks one question of it, with some of AWS played."""

    world: World
    clock: Turns
    operator: ByHand
    stage: Stage
    preparations: Mapping[str, Answer]
    gate: Gate

    @property
    def lives(self) -> bool:
        """Whether the world is still this scene's: a reset gives it another gate."""
        return self.world.gate is self.gate

    def ask(self, question_id: str, *, played: Played | None = None, trail: Trail = Trail.MISSING) -> Answer:
        question = next(question for question in QUESTIONS if question.id == question_id)
        return question.ask(self.seen(played, trail))

    def seen(self, played: Played | None = None, trail: Trail = Trail.MISSING) -> Stage:
        stage = self.stage
        aws = embedded(self.world, played)
        return Stage(aws, stage.run, stage.operator, stage.clock, stage.values, stage.discretion, lambda: trail)


_kept: list[Scene] = []


def by_the_caller(requests: Iterable[Request]) -> Iterator[Request]:
    """Those with the run's own credentials. By hand, things are made with others."""
    return (request for request in requests if request.principal == OPERATOR.access_key_id)


@pytest.fixture
def scene(running_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for as many tests as come in a row, until a test of somebody else's takes the world.

    Each test makes what it needs under names of its own, and puts back what it changed of the vault.
    """
    world = running_world
    if not (_kept and _kept[0].lives):
        _kept[:] = [_prepared(world, tmp_path_factory.mktemp("operator"))]
    yield _kept[0]
    world.rotation_service.run()  # orders that a test left waiting would take time from the next one
    assert world.leaks() == []
    assert world.refused_hosts == []
    assert undocumented("acceptance.md", by_the_caller(world.requests)) == set()


def _prepared(world: World, folder: Path) -> Scene:
    world.reset()
    world.clock.stand_still(BEGINNING)
    world.enforce_iam()
    register_blobs(world)
    run, clock, discretion = Run.new(), Turns(world), Discretion()
    operator = ByHand(world, folder, run, clock)
    values = FirstValues.drawn(discretion, ITERATIONS)
    stage = Stage(embedded(world), run, operator, clock, values, discretion, lambda: Trail.MISSING)
    answers = {preparation.id: preparation.ask(stage) for preparation in PREPARATIONS}
    return Scene(world, clock, operator, stage, answers, world.gate)


@dataclass
class Acceptances:
    """Runs `python -m tests.acceptance` in a world. `before` is told each thing before it is made by hand."""

    world: World
    folder: Path
    capsys: pytest.CaptureFixture[str]
    clock: Turns
    before: Callable[[str], None] = lambda _name: None
    rotates: bool = False
    played: Played | None = None
    runs: list[Run] = field(default_factory=list)

    def __call__(self, *arguments: str, where: tuple[str, ...] = HERE) -> "Ended":
        status: int | str | None
        try:
            status = main([*where, *arguments], self.machine)
        except SystemExit as end:
            status = end.code
        said = self.capsys.readouterr()
        reports = {path.suffix: path.read_text() for path in sorted(self.reports.glob("*"))}
        for name, text in (("output", said.out), ("errors", said.err), *reports.items()):
            assert self.world.secrets.find(name, text) == []
        return Ended(int(status or 0), said.out, said.err, reports)

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def machine(self) -> Machine:
        return Machine(self._aws, self._operator, lambda _region: Trail.MISSING, self.clock, self.reports, ITERATIONS)

    def _aws(self, region: str) -> Aws:
        assert region == self.world.region
        return embedded(self.world, self.played)

    def _operator(self, folder: Path, run: Run, region: str) -> ByHand:
        assert region == self.world.region
        self.runs.append(run)
        return ByHand(self.world, folder, run, self.clock, self.before, rotates=self.rotates)


@dataclass(frozen=True)
class Ended:
    """How it ended; `reports` by ending, of the latest run."""

    status: int
    out: str
    err: str
    reports: dict[str, Any]


@pytest.fixture
def acceptance(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Acceptances]:
    world.enforce_iam()
    register_blobs(world)
    yield Acceptances(world, tmp_path, capsys, Turns(world))
    assert undocumented("acceptance.md", by_the_caller(world.requests)) == set()
