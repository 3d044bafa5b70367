"""The story: what happens in which order, and what must hold after each part. It tells facts and shows nothing."""

from dataclasses import dataclass, field
from time import perf_counter

from simulator.functions import Handler
from simulator.vaults import FIRST_TIMESTAMP, Vault
from simulator.world import World
from vsync_rotation_cli.demo import judgements as judge
from vsync_rotation_cli.demo.checks import Judgement, UnexpectedError, judged, message_of, without_secrets
from vsync_rotation_cli.demo.facts import (
    AuditRowSeen,
    ChapterBegan,
    Check,
    EventSeen,
    Kind,
    Noted,
    Rotation,
    Story,
    Tell,
)
from vsync_rotation_cli.demo.judgements import Reading
from vsync_rotation_cli.demo.premises import CLI_ITERATIONS, furnish
from vsync_rotation_cli.demo.rotating import rotate


@dataclass(frozen=True, slots=True)
class Handlers:
    """The two rotation functions, by their Lambda entry points."""

    key: Handler
    passphrase: Handler


@dataclass(slots=True)
class Scenario:
    """One run in a started world that is clean.

    Attributes:
        iterations: of the vault's key derivation, 1,000 to 10,000,000.
        story: what came out so far; complete after `play`.
    """

    world: World
    handlers: Handlers
    tell: Tell
    iterations: int = CLI_ITERATIONS
    story: Story = field(default_factory=Story)

    def play(self) -> Story:
        """The whole story. Where it cannot go on, that is a failed check too, and the story so far is given."""
        began = perf_counter()
        try:
            self._chapters()
        except BrokenPipeError:
            raise  # the teller's: nobody reads any more
        except Exception as error:  # noqa: BLE001 - whatever breaks off the story is a finding, never a traceback
            self._broke_off(error)
        self.story.events = [EventSeen(event.detail_type, event.detail) for event in self.world.events]
        self.story.seconds = perf_counter() - began
        return self.story

    def _chapters(self) -> None:
        vault = self._make_vault()
        first_config, first_passphrase = vault.config(), vault.passphrase()
        self._begin("Boot from the two values")
        self._boot_both(vault, "at first")
        self._rotate_key(vault, first_config)
        self._boot_after_key(vault, first_config)
        self._rotate_passphrase(vault)
        self._boot_after_passphrase(vault, first_passphrase)
        self._read_the_record(vault)

    def _make_vault(self) -> Vault:
        self._begin("Make a vault")
        vault = furnish(self.world, self.iterations)
        self.tell(Noted(f"bucket {vault.bucket}, vault {vault.prefix}, runtime and CLI layout"))
        self.tell(Noted(f"reader {vault.iam_user} with key {judge.key_id(vault.config())}"))
        self.tell(Noted(f"secrets {vault.config_secret} and {vault.passphrase_secret}"))
        self.tell(Noted(f"bundle keys by {self.iterations:,} PBKDF2 iterations"))
        return vault

    def _boot_both(self, vault: Vault, when: str) -> tuple[Reading, Reading]:
        config, passphrase = vault.config(), vault.passphrase()
        application = judge.by_application(config, passphrase)
        self._check(f"app boots {when}", "every value of the vault", lambda: judge.boots(application))
        cli = judge.by_cli(vault, config, passphrase)
        self._check(f"CLI pulls {when}", "every file of the vault", lambda: judge.pulls(cli))
        return application, cli

    def _rotate_key(self, vault: Vault, first_config: str) -> None:
        self._begin("Rotate the access key")
        objects = vault.objects()
        name = "rotate_iam_access_key"
        rotation = self._rotate(Kind.KEY, vault.config_secret, self.world.deploy(name, self.handlers.key))
        config = vault.config()
        if rotation.problem is None:
            self.tell(Noted(f"{judge.key_id(first_config)} -> {judge.key_id(config)}"))
        self._check("key rotation succeeds", "four steps and a new AWSCURRENT", lambda: judge.succeeded(rotation))
        self._check(
            "only the credentials changed",
            "both credential fields new, everything else as it was",
            lambda: judge.only_credentials_changed(first_config, config),
        )
        self._check(
            "key rotation leaves the vault alone", "no change", lambda: judge.same_objects(objects, vault.objects())
        )

    def _boot_after_key(self, vault: Vault, first_config: str) -> None:
        self._begin("Boot with the new key, and with the old one")
        self._boot_both(vault, "after key rotation")
        config, passphrase = vault.config(), vault.passphrase()
        self._check(
            "old key still valid in its overlap",
            "a boot with the superseded key",
            lambda: judge.old_key_boots(first_config, config, passphrase),
        )

    def _rotate_passphrase(self, vault: Vault) -> None:
        self._begin("Rotate the passphrase")
        name = "rotate_vault_passphrase"
        rotation = self._rotate(
            Kind.PASSPHRASE, vault.passphrase_secret, self.world.deploy(name, self.handlers.passphrase)
        )
        self._check(
            "passphrase rotation succeeds", "four steps and a new AWSCURRENT", lambda: judge.succeeded(rotation)
        )
        self._check(
            "race window holds no other request",
            "the pointers' swaps and the label's move in a row",
            lambda: judge.window_is_alone(self.world),
        )

    def _boot_after_passphrase(self, vault: Vault, first_passphrase: str) -> None:
        self._begin("Boot with the new passphrase, and with the old one")
        application, cli = self._boot_both(vault, "after passphrase rotation")
        config = vault.config()
        old = judge.by_application(config, first_passphrase), judge.by_cli(vault, config, first_passphrase)
        self._check("old passphrase is refused", "WrongPassphrase in both layouts", lambda: judge.refused(*old))
        self._check("gen rose by one", "gen 1 in both layouts", lambda: judge.gen_rose(application, cli))
        self._check(
            "seal equals pointer",
            "a new pointer, and its timestamp in the seal",
            lambda: judge.seal_is_pointer(cli, FIRST_TIMESTAMP),
        )

    def _read_the_record(self, vault: Vault) -> None:
        self._begin("Read the record")
        rows = judge.audit_rows(vault)
        if rows:
            self.story.audit_row = AuditRowSeen(rows[-1])
        self._check("audit row is written", "one rotate row for the new bundle", lambda: judge.audited(vault, rows))
        self._check(
            "events are emitted",
            "one Rotation Finished per rotation and no other event",
            lambda: judge.announced(self.world, self.story.rotations),
        )
        self._check("no secret leaks", "no secret material in the open", lambda: judge.nothing_leaked(self.world))

    def _begin(self, title: str) -> None:
        self.tell(ChapterBegan(title))

    def _rotate(self, kind: Kind, secret: str, function_arn: str) -> Rotation:
        rotation = rotate(self.world, kind, secret, function_arn, self.tell)
        self.story.rotations.append(rotation)
        return rotation

    def _check(self, name: str, expected: str, judgement: Judgement) -> None:
        self._record(judged(name, expected, judgement, self.world.secrets))

    def _record(self, check: Check) -> None:
        self.story.checks.append(check)
        self.tell(check)

    def _broke_off(self, error: Exception) -> None:
        def judgement() -> str:
            raise UnexpectedError(without_secrets(message_of(error), self.world.secrets))

        self._check("the story comes to its end", "no error between two checks", judgement)
