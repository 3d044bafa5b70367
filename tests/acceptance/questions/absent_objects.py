"""Does an absent object answer 404 or 403 where ListBucket is narrowed to a prefix?

A vault with one layout lacks the other's pointer. 403 would look like a denial, and every rotation of it would fail.
"""

from typing import Final

from cdk import names
from tests.acceptance.aws import Aws, Tried, tried
from tests.acceptance.functions import statements
from tests.acceptance.probes.role import acting_with
from tests.acceptance.question import Answer, Question, judged
from tests.acceptance.run import Run
from tests.acceptance.stage import Stage

_LEFT_OPEN_BY: Final = "S3: GetObject documents ListBucket for absent keys, not whether s3:prefix is known then"
_ABSENT: Final = 404
_DENIED: Final = 403


def _head(aws: Aws, run: Run, key: str) -> Tried:
    return tried(aws.client("s3").head_object, Bucket=run.bucket, Key=key)


def _absent(aws: Aws, run: Run, who: str) -> Answer:
    key = f"{run.place}nothing-lies-here"
    elsewhere = "somebody-else/nothing-lies-here"
    asked = {
        "HEAD of an object that is there": _head(aws, run, f"{run.place}manifest"),
        "HEAD of an absent one under the prefix": _head(aws, run, key),
        "GET of it": tried(aws.client("s3").get_object, Bucket=run.bucket, Key=key),
        "HEAD of an absent one under another prefix": _head(aws, run, elsewhere),
    }
    there, head, get, other = (found.status for found in asked.values())
    return judged(
        as_relied_on=(there, head, get, other) == (200, _ABSENT, _ABSENT, _DENIED),
        text=f"{who}: an absent object under the prefix answers {head} to HEAD and {get} to GET, "
        f"one under another prefix {other}",
        **{what: str(found) for what, found in asked.items()},
    )


def _of_readers(stage: Stage) -> Answer:
    reader = stage.aws.seen_with(stage.vault.credentials())
    return _absent(reader, stage.run, "StringLike, as the readers' users have it")


def _function(stage: Stage) -> Aws:
    """As `rotate_vault_passphrase` sees S3."""
    own = statements(stage, names.ROTATE_PASSPHRASE, "s3")
    return acting_with(stage, "absent", own, lambda aws: _head(aws, stage.run, f"{stage.run.place}manifest").went_well)


def _of_functions(stage: Stage) -> Answer:
    return _absent(_function(stage), stage.run, "StringLikeIfExists, as the functions' roles have it")


def _listing(stage: Stage) -> Answer:
    s3, bucket = _function(stage).client("s3"), stage.run.bucket
    asked = {
        "under the vault's prefix": tried(s3.list_objects_v2, Bucket=bucket, Prefix=stage.run.place),
        "under another prefix": tried(s3.list_objects_v2, Bucket=bucket, Prefix="somebody-else/"),
        "under an empty prefix": tried(s3.list_objects_v2, Bucket=bucket, Prefix=""),
        "without a prefix": tried(s3.list_objects_v2, Bucket=bucket),
    }
    own, *others = (found.went_well for found in asked.values())
    open_to = [what for what, found in asked.items() if found.went_well]
    return judged(
        as_relied_on=own and not any(others),
        text=f"with StringLikeIfExists the functions' roles may list {', '.join(open_to) or 'nothing'}",
        **{f"listing {what}": str(found) for what, found in asked.items()},
    )


QUESTIONS: Final = (
    Question(
        id="absent-object-for-readers",
        asks="Does HEAD or GET of an absent object answer 404 or 403 where ListBucket has StringLike on s3:prefix?",
        left_open_by=_LEFT_OPEN_BY,
        relied_on="404 under the prefix: testSecret takes a 403 at the deadline for a denial",
        only_aws="",
        minutes=1,
        ask=_of_readers,
    ),
    Question(
        id="absent-object-for-functions",
        asks="The same where ListBucket has StringLikeIfExists, as the functions' roles have it?",
        left_open_by=_LEFT_OPEN_BY,
        relied_on="404 under the prefix: a layout that is not there must not look denied",
        only_aws="",
        minutes=4,
        ask=_of_functions,
    ),
    Question(
        id="listing-without-prefix",
        asks="May a role with StringLikeIfExists on s3:prefix list the whole bucket by naming no prefix?",
        left_open_by="IAM: IfExists holds where the key is absent; S3 does not say what a listing without a prefix carries",
        relied_on="no: the names of other vaults' objects in a shared bucket are not for this one's functions",
        only_aws="",
        minutes=4,
        ask=_listing,
    ),
)
