"""What a deployment file may say, and had better not without knowing: shown before anything is deployed."""

from collections.abc import Iterator
from typing import Final

from cdk.config.claims import vault_place
from cdk.config.intervals import durations
from cdk.config.model import Adopted, Deployment, RemovalPolicy, Vault
from cdk.config.networks import unsure
from cdk.config.places import Place

# IAM shows late, by hours, that a key was used.
_SEEN_LATE_HOURS: Final = 4

_Caution = tuple[tuple[str, ...], str]


def warnings(deployment: Deployment) -> tuple[str, ...]:
    """Everything to think about, one line each: `<file>: <place>: <what follows>; <what to do>`."""
    file = f"{deployment.name}.toml"
    found = [f"{Place(file).at(*keys)}: {text}" for keys, text in _about_the_account(deployment)]
    for number, vault in enumerate(deployment.vaults, start=1):
        place = vault_place(file, number, vault.id)
        found += [f"{place.at(*keys)}: {text}" for keys, text in _about_a_vault(vault, deployment)]
    return tuple(found)


def _about_the_account(deployment: Deployment) -> Iterator[_Caution]:
    told = deployment.notifications
    if not (told.email or told.topics or told.slack):
        text = "nobody is told when a rotation fails or a vault drifts; name an e-mail address or a topic"
        yield ("notifications",), text
    if not told.trail:
        yield ("notifications", "trail"), _NO_TRAIL
    if deployment.protect_reading and not deployment.admins:
        yield ("admins",), _NO_ADMINS
    if deployment.removal_policy is RemovalPolicy.DESTROY:
        yield ("removal_policy",), _DESTROY


def _about_a_vault(vault: Vault, deployment: Deployment) -> Iterator[_Caution]:
    yield from _about_the_key(vault)
    secrets = (vault.config_secret, vault.passphrase_secret)
    adopted = [secret.name for secret in secrets if isinstance(secret, Adopted)]
    if deployment.protect_reading and adopted:
        yield ("adopt",), f"protect_reading does not cover {' and '.join(adopted)}; {_PROTECT_YOURSELF}"
    if vault.readers and len(adopted) == len(secrets):
        yield ("readers",), "says nothing, since both secrets are adopted; remove it"
    if deployment.network is not None:
        for text in unsure(deployment.network, vault.store, vault.consumers):
            yield (), f"{text}; this file does not tell whether it is so"


def _about_the_key(vault: Vault) -> Iterator[_Caution]:
    if vault.key is None:
        return
    hours, schedule = durations(vault.key, vault.consumers), vault.key.schedule
    if schedule is not None and schedule.shortest_interval_hours < hours.safe_interval_hours:
        interval = f"rotates again after {schedule.shortest_interval_hours:g} hours, its window considered"
        sum_of = f"max overlap {hours.max_overlap_hours:g} + inactive {hours.inactive_hours:g}"
        held = _MAY_BE_HELD.format(f"{hours.safe_interval_hours:g} hours ({sum_of})")
        yield ("key_rotation", "schedule"), f"{interval}; {held}"
    if hours.overlap_hours < _SEEN_LATE_HOURS:
        yield ("key_rotation", "overlap_hours"), f"is {hours.overlap_hours:g} hours, and {_SEEN_LATE}"


_NO_TRAIL: Final = (
    "is false: Secrets Manager's own word that a rotation failed, and alarms on deletions and policy changes, come "
    "through a CloudTrail trail; have one record management events here, then write true"
)
_NO_ADMINS: Final = (
    "is empty: besides functions, readers and the account's root nobody may read the secrets made here, you included; "
    "name a role for emergencies"
)
_DESTROY: Final = (
    "is destroy: whoever deletes a stack deletes secrets, users and keys with it; "
    "write retain unless this is for throwing away"
)
_PROTECT_YOURSELF: Final = "what is adopted keeps its own resource policy: see to it where it is made"
_MAY_BE_HELD: Final = (
    "while something still uses the superseded key, that key holds the second of IAM's two key slots for {}, and "
    "the rotation is refused until then; rotate less often, or shorten max_overlap_hours"
)
_SEEN_LATE: Final = (
    f"IAM shows a key's use late, by hours: one that is in use may be deactivated; write {_SEEN_LATE_HOURS} or more"
)
