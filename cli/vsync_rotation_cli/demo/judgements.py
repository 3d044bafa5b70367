"""The judgements of the story, each by a way of looking that shares no code with the functions it judges."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from simulator.application import Booted, boot, pull
from simulator.vault_bytes import Blob, WrongPassphrase
from simulator.vaults import Vault
from simulator.world import World
from vsync_rotation_cli.demo.checks import UnexpectedError, require
from vsync_rotation_cli.demo.facts import Rotation
from vsync_rotation_cli.demo.premises import FILES, VALUES

CREDENTIALS: Final = ("accessKeyId", "secretAccessKey")
FINISHED: Final = "Rotation Finished"


@dataclass(frozen=True, slots=True)
class Reading:
    """One attempt to read the vault; several judgements may look at it, since each attempt derives a key anew."""

    outcome: Booted | Exception

    @classmethod
    def of(cls, read: Callable[[], Booted]) -> Self:
        """Read; a failure is kept for whoever looks."""
        try:
            return cls(read())
        except Exception as error:  # noqa: BLE001 - raised again where it is judged
            return cls(error)

    def get(self) -> Booted:
        """What was read, or the failure, raised."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def by_application(config: str, passphrase: str) -> Reading:
    """A runtime library starts from the two values."""
    return Reading.of(lambda: boot(config, passphrase))


def by_cli(vault: Vault, config: str, passphrase: str) -> Reading:
    """The CLI fetches with the two values; this includes its comparison of seal and pointer."""
    return Reading.of(lambda: pull(config, passphrase, _root(vault)))


def boots(application: Reading) -> str:
    """The application has every value of the vault."""
    booted = application.get()
    require(booted.values == VALUES, f"other values, {_whereabouts(booted)}")
    return f"{len(booted.values)} values, {_whereabouts(booted)}"


def pulls(cli: Reading) -> str:
    """The CLI has every file of the vault."""
    pulled = cli.get()
    require(pulled.files == FILES, f"other files, {_whereabouts(pulled)}")
    return f"{len(pulled.files)} files, {_whereabouts(pulled)}"


def succeeded(rotation: Rotation) -> str:
    """The service carried out all steps and AWSCURRENT moved."""
    if rotation.problem is not None:
        raise UnexpectedError(rotation.problem)
    calls = sum(step.total_calls for step in rotation.steps)
    return f"{len(rotation.steps)} steps, {sum(step.ms for step in rotation.steps):,.0f} ms, {calls} API calls"


def only_credentials_changed(before: str, after: str) -> str:
    """Both credential fields are new; every other field has its value and its place."""
    old, new = dict(Blob.decode(before).fields), dict(Blob.decode(after).fields)
    require(list(old) == list(new), "other fields, or another order")
    changed = [name for name in old if old[name] != new[name]]
    require(changed == list(CREDENTIALS), f"changed: {', '.join(changed) or 'nothing'}")
    return f"{len(old) - len(changed)} other fields unchanged"


def same_objects(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """No object of the bucket was made, changed or deleted."""
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    require(not changed, f"changed: {', '.join(changed)}")
    return f"{len(after)} objects unchanged"


def old_key_boots(before: str, after: str, passphrase: str) -> str:
    """The superseded key still opens the vault, and is not the one in AWSCURRENT."""
    old_id = key_id(before)
    require(old_id != key_id(after), "AWSCURRENT still holds it, so there is no old key")
    boots(by_application(before, passphrase))
    return f"{old_id} still boots"


def refused(application: Reading, cli: Reading) -> str:
    """Neither layout opens, and that because of the passphrase."""
    for name, reading in (("runtime", application), ("CLI", cli)):
        require(not isinstance(reading.outcome, Booted), f"it still opens the {name} layout")
        require(isinstance(reading.outcome, WrongPassphrase), f"{type(reading.outcome).__name__} in the {name} layout")
    return "WrongPassphrase in both layouts"


def gen_rose(application: Reading, cli: Reading) -> str:
    """Each layout's readers see gen 1."""
    gens = (application.get().gen, cli.get().gen)
    require(gens == (1, 1), f"gen {gens[0]} (runtime), gen {gens[1]} (CLI)")
    return "0 -> 1, runtime and CLI"


def seal_is_pointer(cli: Reading, first_timestamp: str) -> str:
    """The CLI layout's pointer moved, and the CLI, which compares it with the seal, took the bundle."""
    pointer = cli.get().timestamp
    require(pointer != first_timestamp, f"the pointer still at {pointer}")
    return f"both {pointer}"


def audit_rows(vault: Vault) -> list[dict[str, str]]:
    """The rows of the audit log, none where there is no log."""
    log = vault.objects().get(f"{_root(vault)}audit.csv", b"").decode("utf-8")
    return list(csv.DictReader(io.StringIO(log, newline="")))


def audited(vault: Vault, rows: Sequence[Mapping[str, str]]) -> str:
    """One row, for the bundle that the pointer names."""
    require(len(rows) == 1, f"{len(rows)} rows")
    pointer = vault.objects()[f"{_root(vault)}latest"].decode("ascii")
    row = {name: rows[0][name] for name in ("action", "version_ts", "meta")}
    meta = json.dumps({"event": "rotate", "gen": 1, "prev_gen": 0}, separators=(",", ":"))
    require(row == {"action": "rotate", "version_ts": pointer, "meta": meta}, ", ".join(row.values()))
    return f"rotate {pointer}"


def announced(world: World, rotations: Sequence[Rotation]) -> str:
    """Exactly one event per rotation, in their order, and none of another type."""
    found = [(event.detail_type, event.detail.get("kind"), event.detail.get("version_id")) for event in world.events]
    expected = [(FINISHED, rotation.kind.value, rotation.version_id) for rotation in rotations]
    kinds = ", ".join(f"{detail_type} ({kind})" for detail_type, kind, _version in found)
    require(found == expected, kinds or "none")
    return f"{len(found)} x {FINISHED}"


def window_is_alone(world: World) -> str:
    """Between the first pointer's swap and the label's move no request but the other pointer's swap."""
    finish = [r for r in world.requests if (r.function, r.step) == ("rotate_vault_passphrase", "finishSecret")]
    swaps = [r.index for r in finish if r.operation == "PutObject" and r.path.endswith(("/latest", "/manifest"))]
    moves = [r.index for r in finish if r.operation == "UpdateSecretVersionStage"]
    require(bool(swaps and moves), f"{len(swaps)} swaps and {len(moves)} label moves")
    within = [r for r in world.requests if swaps[0] <= r.index <= moves[-1]]
    story = ", ".join(f"{r.operation} {r.path.rpartition('/')[2]}".strip() for r in within)
    require(len(within) == len(swaps) + 1, story)
    return f"{len(swaps)} swaps, the label, nothing else"


def nothing_leaked(world: World) -> str:
    """No log line, event, tag, path or error holds secret material in any spelling."""
    leaks = world.leaks()
    require(not leaks, ", ".join(sorted({f"{leak.form} form in {leak.where}" for leak in leaks})))
    return f"{len(world.log_lines)} log lines and {len(world.events)} events searched"


def key_id(config: str) -> str:
    """The access key id in a blob."""
    return str(Blob.decode(config)["accessKeyId"])


def race_window_ms(world: World, version_id: str) -> float | None:
    """What the event of this version reports; None where there is no such event or it does not know."""
    details = [event.detail for event in world.events if event.detail_type == FINISHED]
    found = [detail.get("race_window_ms") for detail in details if detail.get("version_id") == version_id]
    return found[0] if found and isinstance(found[0], int | float) else None


def _root(vault: Vault) -> str:
    return f"{vault.repo}/{vault.env}/"


def _whereabouts(booted: Booted) -> str:
    return f"{booted.timestamp}, gen {booted.gen}"
