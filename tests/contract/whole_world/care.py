"""What one run of the functions that look after vaults and keys did: the rules that hold whatever they find.

Neither is given faults here; what a crash leaves of their own work is tried with each of them. So they may break nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from simulator.vaults import Vault
from tests.contract.glance import Glance, Side
from tests.contract.passphrase_rotation import audit_key, bundles, cells, pointers
from tests.contract.whole_world.promises import highest_gen, live_bundle
from tests.contract.whole_world.segments import TAG, KeyHistory, is_claimed, rotate_rows

CHECK: Final = "check_vaults"
RETIRE: Final = "retire_iam_access_keys"
_OVERLAP: Final = timedelta(hours=168)  # the default of the tag overlap-hours where no consumer is declared
_INACTIVE: Final = timedelta(hours=24)  # the default of the tag inactive-hours


@dataclass(frozen=True, slots=True)
class Run:
    """One run, and the moments around it."""

    vault: Vault
    function: str
    before: Glance
    after: Glance

    def __str__(self) -> str:
        return f"a run of {self.function}"


def judge(run: Run, keys: KeyHistory) -> None:
    """Hold it to every rule.

    Raises:
        AssertionError: it did what it may not do.
    """
    for side in Side:
        before, after = run.before.secrets[side], run.after.secrets[side]
        assert (before.tags, before.values) == (after.tags, after.values), f"{run} changed the {side} secret"
    if run.function == RETIRE:
        assert run.before.objects == run.after.objects, f"{run} changed the vault"
        _labels_stand(run, *Side)
        _check_keys(run, keys)
    else:
        assert (run.before.keys, run.before.user_tags) == (run.after.keys, run.after.user_tags), f"{run} changed keys"
        _labels_stand(run, Side.KEY)
        _check_vault(run)


def _labels_stand(run: Run, *sides: Side) -> None:
    for side in sides:
        assert run.before.secrets[side].labels == run.after.secrets[side].labels, f"{run} moved a label of the {side}"


def _check_keys(run: Run, keys: KeyHistory) -> None:
    """What a label holds stays as it is; the rest goes by its hours, Inactive first, and never what a person made."""
    before, after = run.before.statuses(), run.after.statuses()
    assert after.keys() <= before.keys(), f"{run} made a key"
    for key_id in before:
        if after.get(key_id) == before[key_id]:
            continue
        assert key_id not in {run.before.key_in("AWSCURRENT"), run.before.key_in("AWSPENDING")}, (
            f"{run} touched {key_id}"
        )
        orphan = key_id in keys.made_by_rotation and key_id not in keys.promoted
        assert orphan or key_id in keys.promoted or is_claimed(run.before, key_id), f"{run} ended {key_id}, a person's"
        if key_id in after:
            assert after[key_id] == "Inactive", f"{run} activated {key_id}"
            assert _mark(run.before, "deactivated-at", key_id) is None, f"{run} overruled who activated {key_id}"
            revoked = _mark(run.before, "revoked-at", key_id) is not None
            assert revoked or key_id not in keys.promoted or _is_over(run, "superseded-at", key_id, _overlap(run))
        else:
            assert before[key_id] == "Inactive", f"{run} deleted the Active key {key_id}"
            assert _is_over(run, "deactivated-at", key_id, _INACTIVE), f"{run} deleted {key_id} too early"


def _overlap(run: Run) -> timedelta:
    told = run.before.secrets[Side.KEY].tags.get(f"{TAG}overlap-hours")
    return _OVERLAP if told is None else timedelta(hours=float(told))


def _mark(seen: Glance, name: str, key_id: str) -> str | None:
    return seen.user_tags.get(f"{TAG}{name}:{key_id}")


def _is_over(run: Run, name: str, key_id: str, hours: timedelta) -> bool:
    told = _mark(run.before, name, key_id)
    return told is not None and run.before.at - datetime.fromisoformat(told) >= hours


def _prunable(run: Run) -> set[str]:
    """Where the tag says so, every bundle that is older than the one before the live one."""
    if f"{TAG}keep-bundles" not in run.before.secrets[Side.PASSPHRASE].tags:
        return set()
    found = set[str]()
    for layout in pointers(run.vault):
        live = bundles(run.vault, live_bundle(run.after, run.vault, layout).timestamp)[layout]
        prefix = bundles(run.vault, "")[layout].removesuffix(".enc")
        older = sorted(key for key in run.before.objects if key.startswith(prefix) and key < live)
        found.update(older[:-1])
    return found


def _check_vault(run: Run) -> None:
    """Only what may be pruned is deleted; a pointer moves only to what AWSCURRENT opens, a label only to what was pending."""
    before, after = run.before.objects, run.after.objects
    gone = before.keys() - after.keys()
    assert gone <= _prunable(run), f"{run} deleted {gone}"
    books = {*cells(run.vault).values(), audit_key(run.vault)}
    changed = {key for key in before.keys() & after.keys() if before[key].etag != after[key].etag}
    assert changed <= {*books, *pointers(run.vault).values()}, f"{run} wrote over {changed}"
    secret = run.after.secrets[Side.PASSPHRASE]
    was = run.before.secrets[Side.PASSPHRASE]
    if secret.holder("AWSCURRENT") != was.holder("AWSCURRENT"):
        assert secret.holder("AWSCURRENT") == was.holder("AWSPENDING"), f"{run} promoted a wrong version"
        assert secret.holder("AWSPREVIOUS") == was.holder("AWSCURRENT"), "AWSPREVIOUS did not follow"
    for layout, pointer in pointers(run.vault).items():
        if pointer in changed:
            assert live_bundle(run.after, run.vault, layout).opener == secret.value("AWSCURRENT")
    rise = highest_gen(run.after, run.vault) - highest_gen(run.before, run.vault)
    assert rise in {0, 1}, f"{run} moved gen by {rise}"
    log = after.get(audit_key(run.vault))
    rows = [] if log is None else rotate_rows(log.body)
    assert len(rows) == len(set(rows)), f"{run} wrote a second row for one bundle"
