"""Tags as condition keys: those a resource has, and those a request sets or removes.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from collections.abc import Iterable, Mapping

Tags = Iterable[Mapping[str, str]]


def tags_as(prefix: str, tags: Tags | None) -> dict[str, str]:
    """`<prefix>/<key>` to value, e.g. for `aws:ResourceTag`."""
    return {f"{prefix}/{tag['Key']}": tag["Value"] for tag in tags or ()}


def requested(tags: Tags | None, removed: Iterable[str] = ()) -> dict[str, str]:
    """`aws:RequestTag/<key>` for tags that are set, and `aws:TagKeys` for those and the ones that are removed.

    Without any tag neither key is there.
    """
    keys = [tag["Key"] for tag in tags or ()] + list(removed)
    return tags_as("aws:RequestTag", tags) | ({"aws:TagKeys": "\n".join(keys)} if keys else {})
