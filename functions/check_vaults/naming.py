"""Naming the vault in events about a key secret, whose value is read for that alone, and only for an event."""

from vsync_rotation.engine.rotation import Job
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.settings import REPO, Kind
from vsync_rotation.vault.layouts import default_repo


def name_vault(job: Job) -> None:
    """Let later events of a key secret tell repo and env. Best effort: an event without them is better than none."""
    if job.subject.kind != Kind.IAM_ACCESS_KEY or job.subject.env is not None:
        return
    try:
        value = parse_key_secret(job.current().value)
    except RotationError as error:
        job.ports.journal.warning("the value was not read, so the event names no vault", reason=error.what)
        return
    if not isinstance(value, KeyPair):
        job.identify(job.secret.tags.get(REPO) or default_repo(value.config.prefix), value.config.env)
