"""What a deployment file may say, and had better not without knowing: shown before anything is deployed."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cdk.config.claims import vault_place
from cdk.config.intervals import durations
from cdk.config.model import Adopted, Deployment, Made, RemovalPolicy, Resource, Vault
from cdk.config.networks import unsure
from cdk.config.places import Place
from cdk.config.regions import KNOWN
from cdk.config.rule_quota import near_the_quota

# IAM shows late, by hours, that a key was used.
_SEEN_LATE_HOURS: Final = 4
# Six random characters are so once in two hundred times, the last word of a name nearly always.
_LIKE_A_WORD: Final = re.compile(r".*-[a-z]{6}")

_Caution = tuple[tuple[str, ...], str]


def warnings(deployment: Deployment) -> tuple[str, ...]:
    """Everything to think about, one line each: `<file>: <place>: <what follows>; <what to do>`."""
    file = f"{deployment.name}.toml"
    found = [f"{Place(file).at(*keys)}: {text}" for keys, text in _about_the_account(deployment)]
    for number, vault in enumerate(deployment.vaults, start=1):
        place = vault_place(file, number, vault.id)
        found += [f"{place.at(*keys)}: {text}" for keys, text in _about_a_vault(vault, deployment)]
        found += _about_hooks(place, vault)
        found += _about_the_same_bucket(place, vault, deployment.vaults[: number - 1])
    return tuple(found)


def _about_the_account(deployment: Deployment) -> Iterator[_Caution]:
    yield from _unknown(("region",), deployment.region)
    if deployment.kms_key is not None and any(isinstance(secret, Made) for secret in _secrets(deployment.vaults)):
        yield ("kms_key",), _OWN_KEY
    if (quota := near_the_quota(deployment)) is not None:
        yield ("vaults",), quota
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
    yield from _about_regions(vault, deployment)
    yield from _about_arns(vault)
    secrets = (vault.config_secret, vault.passphrase_secret)
    adopted = [secret.name for secret in secrets if isinstance(secret, Adopted)]
    if deployment.protect_reading and adopted:
        yield ("adopt",), f"protect_reading does not cover {' and '.join(adopted)}; {_PROTECT_YOURSELF}"
    if vault.readers and len(adopted) == len(secrets):
        yield ("readers",), "says nothing, since both secrets are adopted; remove it"
    if deployment.network is not None:
        for text in unsure(deployment.network, vault.store, vault.consumers):
            yield (), f"{text}; this file does not tell whether it is so"


def _about_regions(vault: Vault, deployment: Deployment) -> Iterator[_Caution]:
    for region in vault.replica_regions:
        yield from _unknown(("replica_regions",), region)
    if not vault.store.is_aws or vault.store.region == deployment.region:
        return
    yield from _unknown(("bucket_region",), vault.store.region)
    if deployment.notifications.trail:
        what = "the bucket" if vault.store.kms_key is None else "the bucket and its key"
        yield ("bucket_region",), f"is {vault.store.region}: changes of {what} are not told, {_TOLD_AT_HOME}"


def _about_arns(vault: Vault) -> Iterator[_Caution]:
    secrets = {
        "config_secret": vault.config_secret,
        "passphrase_secret": vault.passphrase_secret,
        "writer_secret": vault.writer_secret,
    }
    for key, secret in secrets.items():
        if isinstance(secret, Adopted) and _LIKE_A_WORD.fullmatch(secret.arn):
            yield ("adopt", key), _SHORT_ARN


def _about_hooks(place: Place, vault: Vault) -> Iterator[str]:
    for number, hook in enumerate(vault.hooks, start=1):
        if _LIKE_A_WORD.fullmatch(hook.secret):
            yield f"{place.at('hooks').item(number).at('secret')}: {_SHORT_ARN}"


def _about_the_same_bucket(place: Place, vault: Vault, earlier: Sequence[Vault]) -> Iterator[str]:
    store = vault.store
    for number, other in enumerate(earlier, start=1):
        same = other.store.is_aws and store.is_aws and other.store.bucket == store.bucket
        if same and other.store.kms_key != store.kms_key:
            whose = vault_place(place.file, number, other.id).entry
            yield f"{place.at('bucket_kms_key')}: is not that of {whose}, which lies in the same bucket; {_ONE_KEY}"
            return


def _secrets(vaults: Sequence[Vault]) -> Iterator[Resource | None]:
    for vault in vaults:
        yield from (vault.config_secret, vault.passphrase_secret, vault.writer_secret)


def _unknown(keys: tuple[str, ...], region: str) -> Iterator[_Caution]:
    if region not in KNOWN:
        yield keys, f"{region} is no region that this release knows; see whether it is spelled well, and switched on"


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


_OWN_KEY: Final = (
    "is a key of yours: who reads the secrets made here, readers and admins, needs kms:Decrypt for it besides; "
    "allow it by IAM, or by the key's policy"
)
_TOLD_AT_HOME: Final = (
    "since what CloudTrail records reaches EventBridge in its own region; watch them there, if it matters"
)
_SHORT_ARN: Final = (
    "ends in six small letters, as a name may that lacks its last six characters; see whether this is the full ARN"
)
_ONE_KEY: Final = "a bucket encrypts what is new with one key, which the functions of both must be allowed; correct one"
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
