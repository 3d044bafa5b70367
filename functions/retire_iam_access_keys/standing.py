"""How a secret's key stands, for dashboards: a log line and a metric, in every run."""

from datetime import timedelta
from typing import Final

from retire_iam_access_keys.matter import Matter
from vsync_rotation.engine.ports import Journal
from vsync_rotation.engine.staging import CURRENT
from vsync_rotation.events import iso_utc

_DAY: Final = timedelta(days=1)


def take_down(matter: Matter, journal: Journal) -> None:
    """Write how old the key in AWSCURRENT is, from what the look has read anyway.

    Nothing is written where AWSCURRENT holds a location, or a key that is gone.
    """
    for key in matter.look.keys:
        if CURRENT not in matter.look.labels_of(key):
            continue
        # IAM's clock and ours may differ by a second: no age is negative.
        age = max(matter.look.evidence.now - key.created_at, timedelta())
        journal.seconds("CurrentKeyAge", age.total_seconds())
        journal.info(
            "key in use",
            action="secret.key.seen",
            iam_user=matter.user,
            access_key_id=key.key_id,
            made_at=iso_utc(key.created_at),
            key_age_days=round(age / _DAY, 2),
        )
