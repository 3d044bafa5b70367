"""The bucket of a vault and the place in it."""

import re
from typing import Final

from cdk.config.endpoints import ENDPOINT, aws_endpoint, host_of
from cdk.config.forms import Form, quoted
from cdk.config.model import Store
from cdk.config.references import KEY, REGION, Home, arn_anywhere_in, partition_of
from cdk.config.table import Table

# S3 keys end at 1,024 bytes; the rest is room for what stands behind the prefix. The functions have the same limit.
_MAX_PREFIX_BYTES: Final = 512
# What a policy's resource would read as a wildcard or a variable.
_WILDCARDS: Final = frozenset("*?$")
# What the construct library would read as a value of its own.
_BRACKETS: Final = frozenset("{}[]")
# See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
_LAST_OF_A_POLICY: Final = "\u00ff"

_BUCKET: Final = Form.matching(r"[A-Za-z0-9][A-Za-z0-9._-]{2,254}", "the name of a bucket")
# See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_RESERVED: Final = re.compile(
    r"([0-9]+\.){3}[0-9]+|(sthree-|amzn-s3-demo-).*|.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)"
)
_NOT_A_NEW_ONE: Final = "looks like an address, or begins or ends as S3 lets no new bucket's name; choose another"
_NEW_BUCKET: Final = Form.matching(
    r"(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "3 to 63 small letters, digits, dashes and dots, as S3 wants them for a new bucket",
).narrowed(lambda name: f"{quoted(name)} {_NOT_A_NEW_ONE}" if _RESERVED.fullmatch(name) else None)
# What other stores are signed for: "auto", "garage".
_ANY_REGION: Final = Form.matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "the region that the store is signed for")


def read_store(table: Table, default_prefix: str, home: Home) -> Store | None:
    """The keys about the bucket; None where one is refused."""
    mark = table.mark()
    bucket = table.text("bucket", _BUCKET)
    prefix = table.optional_text("prefix", _PREFIX)
    region = table.optional_text("bucket_region", _ANY_REGION) or home.region
    endpoint = table.optional_text("endpoint", ENDPOINT)
    create = table.switch("create_bucket", default=False)
    key = table.optional_text("bucket_kms_key", arn_anywhere_in(KEY, region, home))
    store = Store(
        bucket=bucket,
        prefix=default_prefix if prefix is None else prefix,
        region=region,
        endpoint=endpoint or aws_endpoint(region),
        is_aws=host_of(endpoint).is_aws if endpoint else True,
        create=create,
        kms_key=key,
    )
    if home.region and table.kept(store, mark) is not None:
        _check(table, store, home)
    return table.kept(store, mark)


def _check(table: Table, store: Store, home: Home) -> None:
    if store.is_aws:
        _check_aws(table, store, home)
        return
    for key in ("create_bucket", "bucket_kms_key"):
        if key in table and (store.create or store.kms_key):
            table.refuse(key, "is about S3 itself, and the endpoint is another store's; remove it and see to it there")


def _check_aws(table: Table, store: Store, home: Home) -> None:
    if wrong := REGION.wrong(store.region):
        table.refuse("bucket_region", wrong)
        return
    if partition_of(store.region) != home.partition:
        table.refuse("bucket_region", f"is in another partition than {home.region}; its bucket knows none of our roles")
    named = host_of(store.endpoint).region
    if named not in (None, store.region):
        table.refuse("endpoint", f"is {named}'s, the bucket is in {store.region}; change it, or bucket_region")
    if store.create and store.region != home.region:
        table.refuse(
            "create_bucket",
            f"makes it in {home.region}, and bucket_region is {store.region}; make it there yourself, or change one",
        )
    if store.create and (wrong := _NEW_BUCKET.wrong(store.bucket)):
        table.refuse("bucket", wrong)


def _wrong_prefix(text: str) -> str | None:
    if not text.isprintable():
        return f"holds an invisible character; write {_PREFIX_MEANING}"
    if max(text, default="") > _LAST_OF_A_POLICY:
        return f"{quoted(text)} holds a character that IAM takes in no policy; write {_PREFIX_MEANING}"
    if len(text.encode()) > _MAX_PREFIX_BYTES:
        return f"has more than {_MAX_PREFIX_BYTES} bytes; write {_PREFIX_MEANING}"
    if text.startswith("/") or (text and not text.endswith("/")):
        return f"{quoted(text)} must end in a slash and not begin with one, or be empty; write {_PREFIX_MEANING}"
    if _WILDCARDS & set(text):
        return f"{quoted(text)} holds *, ? or $, which a policy would read as a wildcard; write {_PREFIX_MEANING}"
    if _BRACKETS & set(text):
        return f"{quoted(text)} holds a brace or a bracket, which no template takes as it is; write {_PREFIX_MEANING}"
    return None


_PREFIX_MEANING: Final = "where the vault lies in the bucket, such as acme_web/prod/"
_PREFIX: Final = Form(_PREFIX_MEANING, _wrong_prefix)
