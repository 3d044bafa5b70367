"""What IAM tells of access keys: when new ones work, when they were used, and what becomes of deleted ones."""

from collections.abc import Callable
from typing import Any, Final

from cdk import names
from tests.acceptance.aws import Aws, Tried, tried
from tests.acceptance.functions import Statement, actions, statements
from tests.acceptance.probes.role import acting_with
from tests.acceptance.probes.user import ProbeUser
from tests.acceptance.question import Answer, Question, judged, learnt, unanswered
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_KNOWN_WITHIN_SECONDS: Final = 180.0
_EVERY_SECONDS: Final = 1.0
# As many as testSecret wants, and more: one success does not prove the next.
_IN_A_ROW: Final = 10
_LAST_USE_WITHIN_SECONDS: Final = 1_800.0
_LAST_USE_EVERY_SECONDS: Final = 60.0
_GONE: Final = "NoSuchEntity"
_DENIED: Final = "AccessDenied"
_LAST_USED: Final = "iam:GetAccessKeyLastUsed"


def _new_key(stage: Stage) -> Answer:
    user = ProbeUser(stage, "new-key", _reading(stage))
    seen = stage.aws.seen_with(user.new_key())
    run, began = stage.run, stage.clock.monotonic()
    calls: dict[str, Callable[[], Any]] = {
        "STS": lambda: tried(seen.client("sts").get_caller_identity),
        "S3": lambda: tried(seen.client("s3").head_object, Bucket=run.bucket, Key=f"{run.place}manifest"),
    }
    uses: dict[str, list[tuple[float, str]]] = {name: [] for name in calls}

    def use() -> bool | None:
        for name, call in calls.items():
            uses[name].append((stage.clock.monotonic() - began, call().code))
        return True if all(_settled(found) for found in uses.values()) else None

    settled = until(stage.clock, use, timeout_seconds=_KNOWN_WITHIN_SECONDS, every_seconds=_EVERY_SECONDS)
    told = {name: _told(found) for name, found in uses.items()}
    return judged(
        as_relied_on=settled is not None,
        text="; ".join(f"{name}: {text}" for name, text in told.items()),
        **{f"{name}: refused with": sorted({code for _, code in found if code}) for name, found in uses.items()},
    )


def _reading(stage: Stage) -> list[Statement]:
    arn = f"arn:{stage.aws.partition}:s3:::{stage.run.bucket}"
    return [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/{stage.run.place}*"}]


def _settled(uses: list[tuple[float, str]]) -> bool:
    return len(uses) >= _IN_A_ROW and not any(code for _, code in uses[-_IN_A_ROW:])


def _told(uses: list[tuple[float, str]]) -> str:
    first = next((at for at, code in uses if not code), None)
    last = max((at for at, code in uses if code), default=None)
    if first is None:
        return f"refused for {uses[-1][0]:.0f} s"
    if last is None:
        return "accepted from the first use on"
    return f"first accepted after {first:.0f} s, last refused after {last:.0f} s"


def _last_use(stage: Stage) -> Answer:
    return _told_of_use(stage, ProbeUser(stage, "last-use", _reading(stage)), let_in=True)


def _refused_use(stage: Stage) -> Answer:
    return _told_of_use(stage, ProbeUser(stage, "refused-use"), let_in=False)


def _told_of_use(stage: Stage, user: ProbeUser, *, let_in: bool) -> Answer:
    """Use a key of the user's once on the vault's bucket, and see when, and whether, IAM tells of it."""
    key = user.new_key()
    s3, where = stage.aws.seen_with(key).client("s3"), f"{stage.run.place}manifest"
    wanted = "" if let_in else _DENIED  # not the code for a key that S3 does not know yet

    def use() -> bool | None:
        return True if tried(s3.get_object, Bucket=stage.run.bucket, Key=where).code == wanted else None

    if until(stage.clock, use, timeout_seconds=_KNOWN_WITHIN_SECONDS, every_seconds=_EVERY_SECONDS) is None:
        return unanswered(f"the new key was not {'let in' if let_in else 'known'} within {_KNOWN_WITHIN_SECONDS:g} s")
    began, iam = stage.clock.monotonic(), stage.client("iam")

    def told() -> str | None:
        found = iam.get_access_key_last_used(AccessKeyId=key.access_key_id)["AccessKeyLastUsed"]
        return str(found["ServiceName"]) if "LastUsedDate" in found else None

    service = until(stage.clock, told, timeout_seconds=_LAST_USE_WITHIN_SECONDS, every_seconds=_LAST_USE_EVERY_SECONDS)
    seconds = round(stage.clock.monotonic() - began)
    user.delete_key(key.access_key_id)
    what = "a use that was let in" if let_in else "a use that was refused"
    if service is None:
        return learnt(f"{what} was not told of within {seconds} s", waited_seconds=seconds)
    return learnt(f"{what} was told of after {seconds} s", after_seconds=seconds, service=service)


def _deleted_key(stage: Stage) -> Answer:
    """Asked as `retire_iam_access_keys` would, narrowed to one user; and as the caller, who may do more."""
    user = ProbeUser(stage, "deleted-key")
    key = user.new_key()
    deployed = [each for each in statements(stage, names.RETIRE, "iam") if _LAST_USED in actions(each)]
    # Word for word, but about the user whose key may be deleted here.
    on_user = [{**statement, "Resource": user.arn} for statement in deployed]
    narrowed = acting_with(stage, "deleted-key", on_user, lambda aws: _owner(aws, key.access_key_id).went_well)
    user.delete_key(key.access_key_id)
    by_role, by_caller = _owner(narrowed, key.access_key_id), _owner(stage.aws, key.access_key_id)
    return judged(
        as_relied_on=by_role.code == _GONE,
        text=f"of a deleted key GetAccessKeyLastUsed says {by_role} to a role narrowed to its user, "
        f"{by_caller} to the caller",
        narrowed_role=str(by_role),
        caller=str(by_caller),
    )


def _owner(aws: Aws, key_id: str) -> Tried:
    return tried(aws.client("iam").get_access_key_last_used, AccessKeyId=key_id)


QUESTIONS: Final = (
    Question(
        id="new-key-becomes-known",
        asks="How long does a new access key take to be accepted in STS and in S3, and is one success final?",
        left_open_by="IAM: changes are eventually consistent; no time is given",
        relied_on="accepted everywhere well within the time that testSecret has",
        only_aws="",
        minutes=4,
        ask=_new_key,
    ),
    Question(
        id="last-use-of-a-deleted-key",
        asks="Does GetAccessKeyLastUsed deny, or say that there is no such key, where the key was deleted?",
        left_open_by="IAM: the action is judged by the user's ARN, which a deleted key has no more",
        relied_on="NoSuchEntity: a current key that no longer exists is rotated, one that cannot be looked at is not",
        only_aws="",
        minutes=4,
        ask=_deleted_key,
    ),
    Question(
        id="last-use-lag",
        asks="How long after a use does GetAccessKeyLastUsed tell of it?",
        left_open_by="IAM: GetAccessKeyLastUsed gives no delay",
        relied_on="",
        only_aws="",
        minutes=35,
        ask=_last_use,
    ),
    Question(
        id="refused-use-counts",
        asks="Does a request that IAM refuses count as a use of its key?",
        left_open_by="IAM: GetAccessKeyLastUsed does not say",
        relied_on="",
        only_aws="",
        minutes=35,
        ask=_refused_use,
    ),
)
