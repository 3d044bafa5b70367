"""The judgements of the life after promotion, by what IAM, ECS, S3, the bus and the parameters themselves hold."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from simulator.application import Booted
from simulator.asynchronous import Delivery
from simulator.event_record import EventRecord
from simulator.vault_bytes import Unreachable
from simulator.vaults import Vault
from simulator.world import World
from vsync_rotation_cli.demo.checks import UnexpectedError, require
from vsync_rotation_cli.demo.deployment import CHECK, RESTART, RETIRE
from vsync_rotation_cli.demo.facts import Lifeline
from vsync_rotation_cli.demo.judgements import FINISHED, Reading, key_id
from vsync_rotation_cli.demo.premises import CLUSTER, PUSHED_FILES, PUSHED_VALUES, SERVICE

LAYOUTS: Final = ["cli", "runtime"]
# Marks and events tell whole seconds.
_SECOND: Final = timedelta(seconds=1)
_WAITING: Final = re.compile(r"waiting, in its overlap until (\S+)")
# In the order in which each first appears on the bus.
WHOLE_LIFE: Final = [
    FINISHED,
    "Consumers Restarting",
    "Consumers Restarted",
    "Vault Drift Detected",
    "Vault Well Again",
    "Superseded Key Still In Use",
    "Key Deactivated",
    "Key Deleted",
]


def restarted(world: World, vault: Vault) -> str:
    """Every forced deployment is complete, and the record of each secret names its current version."""
    forced = [r for r in world.requests if (r.function, r.operation) == (RESTART, "UpdateService")]
    [service] = world.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    states = [deployment["rolloutState"] for deployment in service["deployments"]]
    require(bool(forced), "no deployment was forced")
    require(states == ["COMPLETED"], f"rollouts {', '.join(states)}")
    for secret in (vault.config_secret, vault.passphrase_secret):
        require(_recorded(world, secret) == "restarted", f"{secret}: {_recorded(world, secret)}")
    return f"{CLUSTER}/{SERVICE} rolled out, on record for both secrets"


def _recorded(world: World, secret: str) -> str:
    """How far the consumer's restart is by the record, for the version in AWSCURRENT."""
    path = "/vsync-rotation/restarted"
    found = world.client("ssm").get_parameters_by_path(Path=path, Recursive=True)["Parameters"]
    record = next((json.loads(p["Value"]) for p in found if p["Name"] == f"{path}/{secret}"), None)
    if record is None:
        return "no record"
    labels = world.client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]
    if "AWSCURRENT" not in labels.get(record["version_id"], []):
        return "a record of another version"
    return str(record["consumers"].get(SERVICE, {}).get("state", "no consumer"))


def drifted(events: Sequence[EventRecord]) -> str:
    """Each layout was reported once."""
    found = sorted((e.detail["layout"], e.detail["reason"]) for e in events if e.detail_type == "Vault Drift Detected")
    told = ", ".join(f"{layout}: {reason}" for layout, reason in found)
    require(found == [(layout, "opens-with-previous") for layout in LAYOUTS], told or "no such event")
    return told


def pushed(application: Reading, cli: Reading) -> str:
    """Both layouts open, and with what the laptop pushed."""
    booted, pulled = application.get(), cli.get()
    require(booted.values == PUSHED_VALUES, f"other values, {booted.timestamp}")
    require(pulled.files == PUSHED_FILES, f"other files, {pulled.timestamp}")
    return f"as {booted.timestamp} (runtime) and {pulled.timestamp} (CLI)"


def well_again(events: Sequence[EventRecord]) -> str:
    """Each layout was reported well once."""
    found = sorted(str(e.detail["layout"]) for e in events if e.detail_type == "Vault Well Again")
    require(found == LAYOUTS, ", ".join(found) or "no such event")
    return ", ".join(found)


def only_glanced_at(deliveries: Sequence[Delivery]) -> str:
    """What the last check asked of S3: that nothing has changed."""
    checks = [delivery for delivery in deliveries if delivery.function == CHECK]
    require(len(checks) > 1, f"{len(checks)} checks")
    asked = [request.operation for request in checks[-1].invocation.requests if request.service == "s3"]
    require(set(asked) == {"HeadObject"}, ", ".join(asked) or "nothing was asked")
    return f"the second check cost {len(asked)} HEADs"


def boots_with_the_push(application: Reading) -> str:
    """An application has what was pushed."""
    booted = application.get()
    require(booted.values == PUSHED_VALUES, f"other values, {booted.timestamp}")
    return f"{len(booted.values)} values, {booted.timestamp}"


@dataclass(frozen=True, slots=True)
class ReaderKeys:
    """The reader's keys as IAM and Secrets Manager tell of them now."""

    world: World
    vault: Vault

    def statuses(self) -> dict[str, str]:
        """Key id to status."""
        keys = self.world.client("iam").list_access_keys(UserName=self.vault.iam_user)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in keys}

    def require_status(self, access_key_id: str, status: str | None) -> None:
        """Raises UnexpectedError where the key is in another one; None: there is no such key."""
        found = self.statuses().get(access_key_id)
        require(found == status, f"the key is {found or 'gone'}")

    def current(self) -> str:
        """The key in AWSCURRENT."""
        return key_id(self.vault.config())

    def last_use(self, access_key_id: str) -> tuple[str, str, str]:
        """Time, service and region."""
        use = self.world.client("iam").get_access_key_last_used(AccessKeyId=access_key_id)["AccessKeyLastUsed"]
        return _iso(use["LastUsedDate"]), use["ServiceName"], use["Region"]

    def events(self, detail_type: str, access_key_id: str) -> int:
        """How many of this type there were about the key."""
        about = [event.detail.get("access_key_id") for event in self.world.events if event.detail_type == detail_type]
        return about.count(access_key_id)


def waited(keys: ReaderKeys, old: Lifeline, deliveries: Sequence[Delivery], overlap: timedelta) -> str:
    """Every run so far said that the key waits, and until when its overlap really ends."""
    keys.require_status(old.access_key_id, "Active")
    require(old.superseded_at is not None, "it was never superseded")
    told = _told(deliveries, old.access_key_id)
    require(len(set(told)) == 1, "; ".join(sorted(set(told))) or "no run that spoke of it")
    waiting = _WAITING.fullmatch(told[0])
    if waiting is None:
        raise UnexpectedError(told[0])
    # The mark is made in the same step as the label's move, a moment later or earlier.
    off = abs(datetime.fromisoformat(waiting[1]) - (old.superseded_at or old.made_at) - overlap)
    require(off < timedelta(minutes=1), f"{told[0]}, which is wrong by {off}")
    return f"Active; {len(told)} runs, each waiting until {waiting[1]}"


def held(keys: ReaderKeys, old: Lifeline, deliveries: Sequence[Delivery], events: Sequence[EventRecord]) -> str:
    """Every run held it and its event told of the use, with time, service and region as IAM has them."""
    keys.require_status(old.access_key_id, "Active")
    at, service, region = keys.last_use(old.access_key_id)
    told = _told(deliveries, old.access_key_id)
    others = sorted(set(told) - {f"held, still in use: {service} in {region} at {at}"})
    require(bool(told) and not others, "; ".join(others) or "no run that spoke of it")
    fields = ("access_key_id", "last_used_service", "last_used_region", "last_used_at")
    details = [event.detail for event in events if event.detail_type == "Superseded Key Still In Use"]
    uses = [tuple(detail.get(name) for name in fields) for detail in details]
    require(uses == [(old.access_key_id, service, region, at)] * len(told), f"{len(uses)} events, not all of this use")
    return f"Active; {len(told)} runs, each held by {service} in {region} at {at}"


def deactivated(keys: ReaderKeys, old: Lifeline, quiet: timedelta, between_runs: timedelta) -> str:
    """Inactive by the first run after it was quiet for long enough, and announced once."""
    keys.require_status(old.access_key_id, "Inactive")
    hours = _in_time(old.used_at[-1], old.deactivated_at, quiet, between_runs)
    _require_once(keys, "Key Deactivated", old)
    return f"Inactive {hours} after its last use"


def key_refused(application: Reading) -> str:
    """The store knows the key no more."""
    outcome = application.outcome
    require(isinstance(outcome, Unreachable), "it still boots" if isinstance(outcome, Booted) else repr(outcome))
    require("InvalidAccessKeyId" in str(outcome), str(outcome))
    return "InvalidAccessKeyId"


def deleted(keys: ReaderKeys, old: Lifeline, inactive: timedelta, between_runs: timedelta) -> str:
    """Gone by the first run after it was Inactive for long enough, announced once, and nothing else touched."""
    keys.require_status(old.access_key_id, None)
    hours = _in_time(old.deactivated_at, old.deleted_at, inactive, between_runs)
    _require_once(keys, "Key Deleted", old)
    require(keys.statuses() == {keys.current(): "Active"}, f"left: {', '.join(keys.statuses().values()) or 'none'}")
    return f"deleted {hours} after it was deactivated; {keys.current()} stays"


def lifelines_agree(keys: ReaderKeys, alive: set[str]) -> str:
    """What was watched is what IAM holds at the end."""
    statuses, current = keys.statuses(), keys.current()
    require(set(statuses) == alive, f"{len(statuses)} keys, {len(alive)} watched")
    require(statuses.get(current) == "Active", f"the key in AWSCURRENT is {statuses.get(current, 'gone')}")
    return f"{len(alive)} of them left, {current} in AWSCURRENT"


def told_on_the_bus(events: Sequence[EventRecord]) -> str:
    """Every type of the whole life, in the order in which each first appeared, and none besides."""
    found = list(dict.fromkeys(event.detail_type for event in events))
    require(found == WHOLE_LIFE, ", ".join(found))
    return f"{len(events)} events of {len(found)} types"


def none_failed(deliveries: Sequence[Delivery]) -> str:
    """No invocation raised, none was repeated, none told of a secret that it could not serve."""
    raised = {f"{d.function}: {type(d.error).__name__}" for d in deliveries if d.error is not None}
    unserved = {d.function for d in deliveries if isinstance(d.returned, dict) and d.returned.get("errors")}
    silent = {d.function for d in deliveries if d.error is None and not isinstance(d.returned, dict)}
    found = [*sorted(raised), *(f"{name}: errors" for name in sorted(unserved))]
    found += [f"{name}: no summary" for name in sorted(silent)]
    require(bool(deliveries) and not found, ", ".join(found) or "no invocation")
    counts = Counter(delivery.function for delivery in deliveries)
    return ", ".join(f"{function} {counts[function]}" for function in (RETIRE, CHECK, RESTART))


def _told(deliveries: Sequence[Delivery], access_key_id: str) -> list[str]:
    """What runs of `retire_iam_access_keys` said of a key."""
    summaries = [d.returned for d in deliveries if d.function == RETIRE and isinstance(d.returned, dict)]
    outcomes: list[dict[str, Any]] = [outcome for summary in summaries for outcome in summary.get("outcomes", [])]
    ours = [outcome for outcome in outcomes if outcome.get("access_key_id") == access_key_id]
    return [f"{outcome.get('action')}, {outcome.get('reason')}" for outcome in ours]


def _in_time(begin: datetime | None, end: datetime | None, least: timedelta, between_runs: timedelta) -> str:
    """From one to the other it took `least` at least, and was done by the next run."""
    if begin is None or end is None:
        raise UnexpectedError("it was never seen to happen")
    took = end - begin
    hours = f"{took / timedelta(hours=1):.1f} h"
    require(least - _SECOND <= took <= least + between_runs, f"{hours} after it")
    return hours


def _require_once(keys: ReaderKeys, detail_type: str, old: Lifeline) -> None:
    times = keys.events(detail_type, old.access_key_id)
    require(times == 1, f"{times} x {detail_type}")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
