"""The story: the rotations in real time, then the days after them in virtual time. It tells facts and shows nothing."""

from dataclasses import dataclass, field
from time import perf_counter

from simulator.automation import Automation
from simulator.server import server
from simulator.service_models import ServiceModels
from simulator.world import World
from vsync_rotation_cli.demo import judgements as judge
from vsync_rotation_cli.demo.deployment import Deployment, Handlers
from vsync_rotation_cli.demo.facts import EventSeen, Story, Tell
from vsync_rotation_cli.demo.key_watch import KeyWatch
from vsync_rotation_cli.demo.life import Life
from vsync_rotation_cli.demo.narration import Narrator
from vsync_rotation_cli.demo.premises import CLI_ITERATIONS, furnish
from vsync_rotation_cli.demo.rotations import Rotations


@dataclass(frozen=True, slots=True)
class Pace:
    """What the story costs.

    Attributes:
        iterations: of the vault's key derivation, 1,000 to 10,000,000.
        retire_every_hours: 1 as it is deployed; 2 or 4 for who has less time.
    """

    iterations: int = CLI_ITERATIONS
    retire_every_hours: int = 1


@dataclass(slots=True)
class Scenario:
    """One run in a started world that is clean. `story` is what came out so far; complete after `play`."""

    world: World
    handlers: Handlers
    tell: Tell
    pace: Pace = field(default_factory=Pace)
    story: Story = field(default_factory=Story)

    def play(self) -> Story:
        """The whole story. Where it cannot go on, that is a failed check too, and the story so far is given."""
        began, narrator = perf_counter(), Narrator(self.world, self.tell, self.story)
        try:
            with ServiceModels().shared():
                # Loading moto's ECS parses many of those models, so that it comes after the promise to do so once.
                from simulator.rollouts import rollouts

                with rollouts():
                    self._parts(narrator)
        except BrokenPipeError:
            raise  # the teller's: nobody reads any more
        except Exception as error:  # noqa: BLE001 - whatever breaks off the story is a finding, never a traceback
            narrator.broke_off(error)
        self.story.events = [EventSeen(event.detail_type, event.detail) for event in self.world.events]
        self.story.seconds = perf_counter() - began
        return self.story

    def _parts(self, narrator: Narrator) -> None:
        vault = furnish(self.world, self.pace.iterations)
        first_config = vault.config()
        deployment, watch = Deployment.make(self.world, self.handlers), KeyWatch(self.world, vault)
        with Automation(self.world) as aws, self.world.watched_by(watch):
            Rotations(narrator, deployment, vault).play()
            self._leave_real_time()
            life = Life(narrator, deployment, vault, aws, watch, first_config, self.pace.retire_every_hours)
            try:
                life.play()
            finally:
                self.story.keys = watch.seen(life.began_at)
        narrator.check("no secret leaks", "no secret material in the open", lambda: judge.nothing_leaked(self.world))

    def _leave_real_time(self) -> None:
        """Durations count no more, so that requests may go the short way too: days have many of them."""
        if not self.world.clock.is_virtual:
            self.world.clock.stand_still()
        self.world.switchboard.wire = server().in_process
