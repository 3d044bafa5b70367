"""Telling: every fact goes to whoever shows it, and what will be asked for at the end into the story."""

from dataclasses import dataclass, field
from datetime import timedelta

from simulator.vaults import Vault
from simulator.world import World
from vsync_rotation_cli.demo import judgements as judge
from vsync_rotation_cli.demo.checks import Judgement, UnexpectedError, judged, message_of, without_secrets
from vsync_rotation_cli.demo.facts import ChapterBegan, Happened, Noted, Story, Tell
from vsync_rotation_cli.demo.judgements import Reading


@dataclass(slots=True)
class Narrator:
    """Tells of one world. `story` is what came out so far."""

    world: World
    tell: Tell
    story: Story = field(default_factory=Story)

    def begin(self, title: str) -> None:
        """A chapter begins."""
        self.tell(ChapterBegan(title))

    def note(self, text: str) -> None:
        """Something worth knowing, without secrets."""
        self.tell(Noted(text))

    def happened(self, after: timedelta, what: str) -> None:
        """Something happened so long after virtual time began; a text with a secret in it is withheld."""
        happening = Happened(after, without_secrets(what, self.world.secrets))
        self.story.life.append(happening)
        self.tell(happening)

    def check(self, name: str, expected: str, judgement: Judgement) -> None:
        """Judge, and record and tell what came of it."""
        check = judged(name, expected, judgement, self.world.secrets)
        self.story.checks.append(check)
        self.tell(check)

    def boot_both(self, vault: Vault, when: str) -> tuple[Reading, Reading]:
        """An application boots and the CLI pulls, each from the two values as they are now."""
        config, passphrase = vault.config(), vault.passphrase()
        application = judge.by_application(config, passphrase)
        self.check(f"app boots {when}", "every value of the vault", lambda: judge.boots(application))
        cli = judge.by_cli(vault, config, passphrase)
        self.check(f"CLI pulls {when}", "every file of the vault", lambda: judge.pulls(cli))
        return application, cli

    def broke_off(self, error: Exception) -> None:
        """The story cannot go on; that is a failed check like any other."""

        def judgement() -> str:
            raise UnexpectedError(without_secrets(message_of(error), self.world.secrets))

        self.check("the story comes to its end", "no error between two checks", judgement)
