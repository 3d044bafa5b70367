"""Whether a vault is as it was when a check last saw it well: told without reading a secret or opening a bundle."""

from collections.abc import Mapping
from typing import Final

from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT, PENDING, PREVIOUS
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.formats.vault_config import VaultPlace
from vsync_rotation.memory.checks import Seen
from vsync_rotation.secret_vault import SecretVault, SecretVaults
from vsync_rotation.settings import TAG_PREFIX, PassphraseSettings, passphrase_settings
from vsync_rotation.vault.inspection import Inspected
from vsync_rotation.vault.ports import ObjectStore

_LABELS: Final = (CURRENT, PENDING, PREVIOUS)


def is_as_seen(job: Job, vaults: SecretVaults, seen: Seen | None) -> bool:
    """Whether labels, settings, config secret and every object are what they were. Names the vault in later events.

    Raises:
        RotationError: something could not be asked; nothing is concluded from that.
    """
    if seen is None or seen.settings != _settings(job) or seen.labels != _labels(job):
        return False
    settings = passphrase_settings(job.secret.tags)
    if job.ports.secrets.describe(settings.config_secret).holder(CURRENT) != seen.config_version:
        return False
    place = _place(job, vaults, seen, settings)
    if place is None:
        return False
    store = vaults.store(job, settings, place)
    return all(etag_at(store, key) == etag for key, etag in seen.objects.items())


def seen_now(
    job: Job, vault: SecretVault, inspected: tuple[Inspected, ...], cells_before: Mapping[str, str | None]
) -> Seen:
    """What to remember of a vault that is well.

    ETags are those of before or while it was opened: a later one might be of something that was not looked at.
    """
    config = vault.config
    objects: dict[str, str | None] = {layout.pointer_key: None for layout in vault.site.layouts}
    for item in inspected:
        if item.live is not None:
            objects[item.layout.pointer_key] = str(item.live.found.pointer_object.info.etag)
            objects[item.live.info.key] = str(item.live.info.etag)
            objects[item.layout.generation_key] = cells_before[item.layout.generation_key]
    place = {
        "endpoint": config.endpoint.url,
        "region": config.region,
        "bucket": config.bucket,
        "prefix": config.prefix,
        "env": config.env,
        "repo": vault.site.repo or "",
    }
    return Seen(place, vault.config_version, _settings(job), _labels(job), objects)


def etag_at(store: ObjectStore, key: str) -> str | None:
    """The ETag of what is there; None if nothing is."""
    info = store.head(key)
    return None if info is None else str(info.etag)


def _place(job: Job, vaults: SecretVaults, seen: Seen, settings: PassphraseSettings) -> VaultPlace | None:
    """Where the vault is: remembered where the function's own credentials go, which only AWS's hosts may see.

    A writer secret's credentials go where the config secret says and nowhere else, whoever wrote the memory. None: what
    is remembered is no such place, and counts as not remembered.
    """
    if settings.writer_secret is not None:
        return vaults.open(job).config
    remembered = seen.place
    try:
        endpoint = Endpoint.parse(remembered["endpoint"])
        names = [remembered[name] for name in ("region", "bucket", "prefix", "env")]
    except (KeyError, RotationError):
        return None
    place = VaultPlace(endpoint, *names)
    if not vaults.stores.is_aws(place):
        return None
    job.identify(settings.repo or remembered.get("repo") or None, place.env)
    return place


def _settings(job: Job) -> dict[str, str]:
    return {tag: value for tag, value in job.secret.tags.items() if tag.startswith(TAG_PREFIX)}


def _labels(job: Job) -> dict[str, str]:
    return {label: holder for label in _LABELS if (holder := job.secret.holder(label)) is not None}
