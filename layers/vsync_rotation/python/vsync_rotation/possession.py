"""Which versions of a secret hold which access keys: what tells a key in use from one that nobody ever received."""

from collections.abc import Iterator, Mapping, Sequence

from vsync_rotation.engine.ports import SecretStore, SecretVersion
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.blob_envelope import looks_like_blob
from vsync_rotation.formats.config_blob import Location
from vsync_rotation.formats.key_secret import KeySecret, parse_key_secret
from vsync_rotation.keys.evidence import AccessKey
from vsync_rotation.keys.marks import AccessKeyId
from vsync_rotation.redacted import SecretText


def holders(
    secrets: SecretStore,
    secret_id: str,
    labels: Mapping[str, frozenset[str]],
    keys: Sequence[AccessKey],
    known: Mapping[str, SecretVersion],
) -> dict[AccessKeyId, frozenset[str]]:
    """Read every version of the secret, also those without a label.

    Args:
        labels: of each version, as they were described just now.
        keys: those that a version nobody can read may hide.
        known: versions whose value is at hand.

    Returns:
        The labels of the versions that hold a key; no label where only a version without one does.

    Raises:
        RotationError: a version could not be read, which is not the same as holding nothing.
    """
    held: dict[AccessKeyId, frozenset[str]] = {}
    for version_id in dict.fromkeys((*secrets.version_ids(secret_id), *labels)):
        version = known.get(version_id) or secrets.find_version(secret_id, version_id)
        if version is None:
            continue
        for key_id in _ids_in(version.value, keys):
            held[key_id] = held.get(key_id, frozenset()) | labels.get(version_id, frozenset())
    return held


def key_id_in(value: KeySecret) -> AccessKeyId | None:
    """The key that a value holds; a location holds none yet."""
    return None if isinstance(value, Location) else AccessKeyId(value.credentials.access_key_id)


def _ids_in(value: SecretText, keys: Sequence[AccessKey]) -> Iterator[AccessKeyId]:
    """The keys a version holds. One that cannot be read counts as holding every key that it mentions or may hide."""
    try:
        parsed = parse_key_secret(value)
    except RotationError:
        plain = value.reveal()
        yield from (key.key_id for key in keys if looks_like_blob(plain) or key.key_id in plain)
        return
    held = key_id_in(parsed)
    if held is not None:
        yield held
