"""What a kind of secret brings: one class with the four steps, and the job it is handed."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription, SecretVersion
from vsync_rotation.engine.settling import read_until
from vsync_rotation.engine.staging import CURRENT, PENDING
from vsync_rotation.errors import ConcurrentChangeError, ContractError
from vsync_rotation.events import Event, Subject
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import Kind


@dataclass(slots=True)
class Job:
    """One step of one rotation: the secret as described, the version at work, the ports and the time.

    `started_at` is the instant of the invocation, read once: every tag, event and log line of it agrees.
    """

    secret: SecretDescription
    version_id: str
    rotation_token: SecretText | None
    ports: Ports
    deadline: Deadline
    started_at: datetime
    subject: Subject

    def current(self) -> SecretVersion:
        """The value under AWSCURRENT, always read with its label.

        Raises:
            ContractError: there is none yet.
        """
        described = self.secret.holder(CURRENT)
        version = read_until(
            lambda: self.ports.secrets.find_labelled(self.secret.arn, CURRENT),
            lambda found: found is None or found.version_id == described,
            self.ports.clock,
            self.deadline,
        )
        if version is None:
            raise _no_value_yet()
        if described is not None and version.version_id != described:
            # Right after the label moved, a read by label alone may still tell of the version that lost it.
            raise ConcurrentChangeError(
                f"AWSCURRENT is described on version {described} and read from version {version.version_id}",
                remedy="let it be tried again when the labels have settled",
            )
        return version

    def current_version_id(self) -> str:
        """The version under AWSCURRENT when the step began; moving the label away from it notices a later change.

        Raises:
            ContractError: there is none yet.
        """
        holder = self.secret.holder(CURRENT)
        if holder is None:
            raise _no_value_yet()
        return holder

    def find_pending(self) -> SecretVersion | None:
        """The value under AWSPENDING, read by version id and label; None if the version has none."""
        return self.ports.secrets.find(self.secret.arn, version_id=self.version_id, label=PENDING)

    def settled_pending(self) -> SecretVersion | None:
        """As `find_pending`, where None would be taken for an order: read again for a while before it is believed."""
        return read_until(self.find_pending, lambda found: found is not None, self.ports.clock, self.deadline)

    def pending(self) -> SecretVersion:
        """As `find_pending`, where a value must be there.

        Raises:
            ContractError: there is none.
        """
        version = self.find_pending()
        if version is None:
            raise ContractError(
                "the pending version has no value", remedy="start again with createSecret (rotate-secret)"
            )
        return version

    def store_pending(self, value: SecretText) -> None:
        """Give the pending version its value. Safe to repeat with the same value."""
        token = self.rotation_token
        self.ports.secrets.put_pending(
            self.secret.arn,
            version_id=self.version_id,
            value=value,
            rotation_token=None if token is None else token.reveal(),
        )

    def identify(self, repo: str | None, env: str | None) -> None:
        """Name the vault in every later event."""
        self.subject = replace(self.subject, repo=repo, env=env)

    def emit(self, event: Event) -> None:
        """Send an event about this secret."""
        self.ports.events.emit(event.detail_type, event.detail(self.subject, self.started_at))


class Rotation(ABC):
    """The four steps of one kind of secret. The engine has applied every guard before it calls one.

    Each step may be called again after any partial run of itself, and must then complete what is missing.
    """

    kind: ClassVar[Kind]

    @abstractmethod
    def create_secret(self, job: Job) -> None:
        """Make the new value and store it; called only while the pending version has no value."""

    @abstractmethod
    def already_created(self, job: Job, pending: SecretVersion) -> None:
        """createSecret again, with the value stored: tidy what a crash after storing may have left."""

    @abstractmethod
    def set_secret(self, job: Job) -> None:
        """Make the new value usable beside the current one."""

    @abstractmethod
    def test_secret(self, job: Job, pending: SecretVersion) -> None:
        """Prove that the new value works."""

    @abstractmethod
    def test_current(self, job: Job, current: SecretVersion) -> None:
        """The service's test-only call: prove that the current value works, and change nothing."""

    @abstractmethod
    def finish_secret(self, job: Job) -> None:
        """Promote the new value."""

    @abstractmethod
    def complete(self, job: Job) -> None:
        """finishSecret again, with the label moved: complete what a crash after the move may have left."""


def _no_value_yet() -> ContractError:
    return ContractError("the secret has no value yet", remedy="store its first value, then rotate")
