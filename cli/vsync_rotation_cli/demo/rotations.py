"""The first part of the story: both rotations in real time, and who can boot with what after each of them."""

from dataclasses import dataclass

from simulator.vaults import FIRST_TIMESTAMP, Vault
from simulator.world import World
from vsync_rotation_cli.demo import judgements as judge
from vsync_rotation_cli.demo.deployment import Deployment
from vsync_rotation_cli.demo.facts import AuditRowSeen, Kind, Rotation
from vsync_rotation_cli.demo.narration import Narrator
from vsync_rotation_cli.demo.premises import CLUSTER, SERVICE
from vsync_rotation_cli.demo.rotating import rotate


@dataclass(frozen=True, slots=True)
class Rotations:
    """Chapters one to seven."""

    narrator: Narrator
    deployment: Deployment
    vault: Vault

    @property
    def world(self) -> World:
        return self.narrator.world

    def play(self) -> None:
        """All of them."""
        first_config, first_passphrase = self.vault.config(), self.vault.passphrase()
        self._show_vault()
        self.narrator.begin("Boot from the two values")
        self.narrator.boot_both(self.vault, "at first")
        self._rotate_key(first_config)
        self._boot_after_key(first_config)
        self._rotate_passphrase()
        self._boot_after_passphrase(first_passphrase)
        self._read_the_record()

    def _show_vault(self) -> None:
        vault, narrator = self.vault, self.narrator
        narrator.begin("Make a vault")
        narrator.note(f"bucket {vault.bucket}, vault {vault.prefix}, runtime and CLI layout")
        narrator.note(f"reader {vault.iam_user} with key {judge.key_id(vault.config())}")
        narrator.note(f"secrets {vault.config_secret} and {vault.passphrase_secret}")
        narrator.note(f"bundle keys by {vault.laptop.iterations:,} PBKDF2 iterations")
        narrator.note(f"ECS service {CLUSTER}/{SERVICE} boots from both")

    def _rotate_key(self, first_config: str) -> None:
        self.narrator.begin("Rotate the access key")
        objects = self.vault.objects()
        rotation = self._rotate(Kind.KEY, self.vault.config_secret, self.deployment.key_arn)
        config = self.vault.config()
        if rotation.problem is None:
            self.narrator.note(f"{judge.key_id(first_config)} -> {judge.key_id(config)}")
        self.narrator.check(
            "key rotation succeeds", "four steps and a new AWSCURRENT", lambda: judge.succeeded(rotation)
        )
        self.narrator.check(
            "only the credentials changed",
            "both credential fields new, everything else as it was",
            lambda: judge.only_credentials_changed(first_config, config),
        )
        self.narrator.check(
            "key rotation leaves the vault alone",
            "no change",
            lambda: judge.same_objects(objects, self.vault.objects()),
        )

    def _boot_after_key(self, first_config: str) -> None:
        self.narrator.begin("Boot with the new key, and with the old one")
        self.narrator.boot_both(self.vault, "after key rotation")
        config, passphrase = self.vault.config(), self.vault.passphrase()
        self.narrator.check(
            "old key still valid in its overlap",
            "a boot with the superseded key",
            lambda: judge.old_key_boots(first_config, config, passphrase),
        )

    def _rotate_passphrase(self) -> None:
        self.narrator.begin("Rotate the passphrase")
        rotation = self._rotate(Kind.PASSPHRASE, self.vault.passphrase_secret, self.deployment.passphrase_arn)
        self.narrator.check(
            "passphrase rotation succeeds", "four steps and a new AWSCURRENT", lambda: judge.succeeded(rotation)
        )
        self.narrator.check(
            "race window holds no other request",
            "the pointers' swaps and the label's move in a row",
            lambda: judge.window_is_alone(self.world),
        )

    def _boot_after_passphrase(self, first_passphrase: str) -> None:
        self.narrator.begin("Boot with the new passphrase, and with the old one")
        application, cli = self.narrator.boot_both(self.vault, "after passphrase rotation")
        config = self.vault.config()
        old = judge.by_application(config, first_passphrase), judge.by_cli(self.vault, config, first_passphrase)
        self.narrator.check("old passphrase is refused", "WrongPassphrase in both layouts", lambda: judge.refused(*old))
        self.narrator.check("gen rose by one", "gen 1 in both layouts", lambda: judge.gen_rose(application, cli))
        self.narrator.check(
            "seal equals pointer",
            "a new pointer, and its timestamp in the seal",
            lambda: judge.seal_is_pointer(cli, FIRST_TIMESTAMP),
        )

    def _read_the_record(self) -> None:
        self.narrator.begin("Read the record")
        story, rows = self.narrator.story, judge.audit_rows(self.vault)
        if rows:
            story.audit_row = AuditRowSeen(rows[-1])
        self.narrator.check(
            "audit row is written", "one rotate row for the new bundle", lambda: judge.audited(self.vault, rows)
        )
        self.narrator.check(
            "events are emitted",
            "one Rotation Finished per rotation and no other event",
            lambda: judge.announced(self.world, story.rotations),
        )

    def _rotate(self, kind: Kind, secret: str, function_arn: str) -> Rotation:
        rotation = rotate(self.world, kind, secret, function_arn, self.narrator.tell)
        self.narrator.story.rotations.append(rotation)
        return rotation
