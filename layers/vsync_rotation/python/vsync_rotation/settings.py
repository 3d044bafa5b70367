"""The tags of a secret, read into frozen settings: strict, each default in one place.

No code and no environment variable knows a particular secret; everything that differs between two secrets is a tag
on it. A tag under our prefix that no rule here knows is reported, not refused: a newer release may know it.

See: SPEC 11, https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vsync_rotation.consumers import CONSUMER, HEALTH, Consumer, HealthUrl, consumers, health_urls
from vsync_rotation.errors import SettingsError

TAG_PREFIX: Final = "vsync-rotation:"

KIND: Final = TAG_PREFIX + "kind"
PAUSED: Final = TAG_PREFIX + "paused"
REPO: Final = TAG_PREFIX + "repo"
IAM_USER: Final = TAG_PREFIX + "iam-user"
OVERLAP: Final = TAG_PREFIX + "overlap-hours"
MAX_OVERLAP: Final = TAG_PREFIX + "max-overlap-hours"
INACTIVE: Final = TAG_PREFIX + "inactive-hours"
DELETION_ALARM: Final = TAG_PREFIX + "deletion-alarm"
CONFIG_SECRET: Final = TAG_PREFIX + "config-secret"
WRITER_SECRET: Final = TAG_PREFIX + "writer-secret"
REPAIR: Final = TAG_PREFIX + "repair"
HEAL: Final = TAG_PREFIX + "heal"
KEEP_BUNDLES: Final = TAG_PREFIX + "keep-bundles"
SERVED_BY: Final = TAG_PREFIX + "served-by"

_KNOWN: Final = frozenset(
    {
        KIND,
        PAUSED,
        REPO,
        IAM_USER,
        OVERLAP,
        MAX_OVERLAP,
        INACTIVE,
        DELETION_ALARM,
        CONFIG_SECRET,
        WRITER_SECRET,
        REPAIR,
        HEAL,
        KEEP_BUNDLES,
        SERVED_BY,
    }
)

# Declared consumers restart within minutes, so a day is ample; undeclared ones are only known to restart with the next
# deployment, and a week covers the usual release rhythm. Shorter cuts off who still boots from the old key.
DEFAULT_OVERLAP_HOURS: Final = 24.0
DEFAULT_OVERLAP_WITHOUT_CONSUMERS_HOURS: Final = 168.0
# How much longer a key that is still in use is held before it is deactivated all the same.
DEFAULT_GRACE_HOURS: Final = 168.0
# Inactive can be undone in a second, deleted cannot: a day for somebody to notice.
DEFAULT_INACTIVE_HOURS: Final = 24.0
# Ten years; a longer duration is a typing error, and much longer ones overflow dates.
MAX_HOURS: Final = 87_600.0

# More would never be pruned in the life of a vault; a larger number is a typing error.
MAX_KEPT_BUNDLES: Final = 100_000

# IAM: user names are 1 to 64 of these characters; a path or an ARN is not a name.
_USER_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# Secrets Manager: names are 1 to 512 of these characters, full ARNs end in a dash and six more.
_SECRET_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_SECRET_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
)
# A repo name becomes part of S3 keys: no empty part, no dot-only part, nothing to escape.
_REPO: Final = re.compile(r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+)*")


class Kind(StrEnum):
    """What a secret holds; the value of the tag `vsync-rotation:kind`."""

    IAM_ACCESS_KEY = "iam-access-key"
    VAULT_PASSPHRASE = "vault-passphrase"  # noqa: S105 - the name of a kind, no value


class Repair(StrEnum):
    """What a rotation may mend on its way; the value of the tag `vsync-rotation:repair`."""

    NOTHING = "nothing"
    SEAL = "seal"


@dataclass(frozen=True, slots=True)
class KeySettings:
    """What the tags of an `iam-access-key` secret say. Durations are hours, fractions allowed."""

    iam_user: str
    repo: str | None
    consumers: tuple[Consumer, ...]
    health_urls: tuple[HealthUrl, ...]
    overlap_hours: float
    max_overlap_hours: float
    inactive_hours: float
    deletion_alarm: str | None


@dataclass(frozen=True, slots=True)
class PassphraseSettings:
    """What the tags of a `vault-passphrase` secret say."""

    config_secret: str
    repo: str | None
    consumers: tuple[Consumer, ...]
    health_urls: tuple[HealthUrl, ...]
    writer_secret: str | None
    repair: Repair
    heal: bool
    keep_bundles: int | None


def is_paused(tags: Mapping[str, str]) -> bool:
    """Whether the secret is paused: the tag is there with any value but `off`."""
    return PAUSED in tags and tags[PAUSED] != "off"


def unknown_tags(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Tags under our prefix that this release does not know: typing errors, or a newer release's."""
    ours = (tag for tag in tags if tag.startswith(TAG_PREFIX))
    return tuple(sorted(tag for tag in ours if tag not in _KNOWN and not tag.startswith((CONSUMER, HEALTH))))


def key_settings(tags: Mapping[str, str]) -> KeySettings:
    """Read the settings of an access key secret.

    Raises:
        SettingsError: a required tag is missing, or one is malformed.
    """
    declared = consumers(tags)
    default = DEFAULT_OVERLAP_HOURS if declared else DEFAULT_OVERLAP_WITHOUT_CONSUMERS_HOURS
    overlap = _hours(tags, OVERLAP, default)
    max_overlap = _hours(tags, MAX_OVERLAP, overlap + DEFAULT_GRACE_HOURS)
    if max_overlap < overlap:
        raise SettingsError(
            f"tag {MAX_OVERLAP} ({max_overlap:g} h) is shorter than {OVERLAP} ({overlap:g} h)",
            remedy=f"set {MAX_OVERLAP} to at least {OVERLAP}",
        )
    return KeySettings(
        iam_user=_matching(tags, IAM_USER, _USER_NAME, "the name of an IAM user, without its path"),
        repo=_repo(tags),
        consumers=declared,
        health_urls=health_urls(tags),
        overlap_hours=overlap,
        max_overlap_hours=max_overlap,
        inactive_hours=_hours(tags, INACTIVE, DEFAULT_INACTIVE_HOURS),
        deletion_alarm=_optional(tags, DELETION_ALARM),
    )


def passphrase_settings(tags: Mapping[str, str]) -> PassphraseSettings:
    """Read the settings of a passphrase secret.

    Raises:
        SettingsError: a required tag is missing, or one is malformed.
    """
    return PassphraseSettings(
        config_secret=_secret_reference(tags, CONFIG_SECRET),
        repo=_repo(tags),
        consumers=consumers(tags),
        health_urls=health_urls(tags),
        writer_secret=_secret_reference(tags, WRITER_SECRET) if WRITER_SECRET in tags else None,
        repair=_repair(tags),
        heal=_is_on(tags, HEAL),
        keep_bundles=_keep_bundles(tags),
    )


def _required(tags: Mapping[str, str], tag: str, meaning: str) -> str:
    value = tags.get(tag, "")
    if not value:
        raise SettingsError(f"tag {tag} is missing or empty", remedy=f"tag the secret with {tag} = {meaning}")
    return value


def _optional(tags: Mapping[str, str], tag: str) -> str | None:
    return _required(tags, tag, "a value, or remove the tag") if tag in tags else None


def _matching(tags: Mapping[str, str], tag: str, form: re.Pattern[str], meaning: str) -> str:
    value = _required(tags, tag, meaning)
    if not form.fullmatch(value):
        raise SettingsError(f"tag {tag} is malformed", remedy=f"set it to {meaning}")
    return value


def _secret_reference(tags: Mapping[str, str], tag: str) -> str:
    meaning = "the full ARN (with its last six characters) or the name of a secret"
    form = _SECRET_ARN if tags.get(tag, "").startswith("arn:") else _SECRET_NAME
    return _matching(tags, tag, form, meaning)


def _repo(tags: Mapping[str, str]) -> str | None:
    meaning = "the repo name of the vault, such as acme_web, or remove the tag"
    return _matching(tags, REPO, _REPO, meaning) if REPO in tags else None


def _repair(tags: Mapping[str, str]) -> Repair:
    if REPAIR not in tags:
        return Repair.NOTHING
    if tags[REPAIR] != Repair.SEAL:
        raise SettingsError(f"tag {REPAIR} is malformed", remedy=f"set it to {Repair.SEAL}, or remove it")
    return Repair.SEAL


def _is_on(tags: Mapping[str, str], tag: str) -> bool:
    if tags.get(tag, "off") not in {"on", "off"}:
        raise SettingsError(f"tag {tag} is malformed", remedy="set it to on or off, or remove it")
    return tags.get(tag) == "on"


def _keep_bundles(tags: Mapping[str, str]) -> int | None:
    if tags.get(KEEP_BUNDLES, "off") == "off":
        return None
    meaning = f"off, or how many superseded bundles stay: 0 to {MAX_KEPT_BUNDLES}"
    count = int(_matching(tags, KEEP_BUNDLES, re.compile(r"[0-9]{1,6}"), meaning))
    if count > MAX_KEPT_BUNDLES:
        raise SettingsError(f"tag {KEEP_BUNDLES} is out of range", remedy=f"set it to {meaning}")
    return count


def _hours(tags: Mapping[str, str], tag: str, default: float) -> float:
    if tag not in tags:
        return default
    meaning = f"a number of hours from 0 to {MAX_HOURS:g}, such as 24 or 0.5"
    text = _matching(tags, tag, re.compile(r"\d{1,9}(\.\d{1,9})?|\.\d{1,9}", re.ASCII), meaning)
    hours = float(text)
    if not math.isfinite(hours) or hours > MAX_HOURS:
        raise SettingsError(f"tag {tag} is out of range", remedy=f"set it to {meaning}")
    return hours
