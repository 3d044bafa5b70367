"""Tags on the readers' users: this software's own memory of keys, and no other tag."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from cdk.permissions.grants import VaultGrant, on_users


def tagging_users(grants: Sequence[VaultGrant]) -> iam.PolicyStatement:
    """Tag and untag, under our prefix only: other tags may decide what the user is allowed elsewhere."""
    own_tags = {"ForAllValues:StringLike": {"aws:TagKeys": ["vsync-rotation:*"]}}
    return on_users("MarkReaderKeys", ["TagUser", "UntagUser"], grants, **own_tags)
