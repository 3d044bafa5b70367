"""Why a secret or user that exists cannot be adopted as it stands. Pure: descriptions in, sentences out."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from cdk.config.model import Adopted, Deployment
from cdk.names import SERVED_BY
from vsync_rotation.keys.marks import MADE, PROMOTED, SUPERSEDED
from vsync_rotation_cli.adopt.changes import TagChanges
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.users import UserFacts

# Secrets Manager: a secret has at most so many tags.
MAX_TAGS: Final = 50
_DEFAULT_KEY: Final = "alias/aws/secretsmanager"
# IAM: a user has at most so many access keys.
_KEY_SLOTS: Final = 2


def of_secret(adopted: Adopted, secret: SecretFacts | None) -> Iterator[str]:
    """What forbids adopting any kind of secret."""
    if secret is None:
        yield f"there is no secret {adopted.arn}; correct the ARN, its last six characters included"
        return
    if secret.to_be_deleted:
        yield f"secret {secret.name} is scheduled for deletion; aws secretsmanager restore-secret brings it back"
    if secret.primary_region not in (None, secret.region):
        yield f"secret {secret.name} is a replica; adopt the primary, in {secret.primary_region}"
    if secret.owner is not None:
        yield f"secret {secret.name} belongs to {secret.owner}, which rotates it itself"
    if not secret.has_value:
        yield f"secret {secret.name} has no value; store it first: aws secretsmanager put-secret-value"
    yield from _of_key(adopted, secret)


def of_rotation(deployment: Deployment, folder: str, secret: SecretFacts) -> Iterator[str]:
    """Another rotation function that is switched on. One that was switched off with cancel-rotate-secret is past."""
    if secret.rotation_function is None or secret.rotation_enabled is False:
        return
    name = secret.rotation_function.split(":")[6]
    if not re.fullmatch(rf"{re.escape(deployment.stack_prefix)}-[1-9][0-9]*-{folder}", name):
        yield (
            f"secret {secret.name} is rotated by another function, {secret.rotation_function}; once nobody needs that, "
            f"aws secretsmanager cancel-rotate-secret --secret-id {secret.arn}"
        )


def of_serving(deployment: Deployment, secret: SecretFacts, served_by: str | None) -> Iterator[str]:
    """A secret that one rotation stack serves and the file gives to another: neither would see that it is served.

    `served_by` is what the file says; None where nothing here serves it.
    """
    now = secret.tags.get(SERVED_BY)
    ours = rf"{re.escape(deployment.stack_prefix)}-rotation-([1-9][0-9]*)"
    number = re.fullmatch(ours, now) if now is not None else None
    if number is not None and served_by is not None and now != served_by:
        yield (
            f"secret {secret.name} is served by {now}, and the file would have {served_by} serve it; "
            f"write rotation_stack = {number[1]} for its vault in the file"
        )


def of_tags(secret: SecretFacts, changes: TagChanges) -> Iterator[str]:
    """Too many tags."""
    count = len((secret.tags.keys() | changes.to_set.keys()) - changes.removed.keys())
    if count > MAX_TAGS:
        yield f"secret {secret.name} would have {count} tags, it can have {MAX_TAGS}; remove some of your own"


def of_user(adopted: Adopted, user: UserFacts | None) -> Iterator[str]:
    """A user that is not the one that the file names."""
    if user is None:
        yield f"there is no IAM user {adopted.name}; correct reader_user in the file"
    elif user.arn != adopted.arn:
        yield f"the file names {adopted.arn}, but the user's ARN is {user.arn}; correct the path in the file"


def notes_on_keys(name: str, user: UserFacts, current_key: str | None) -> Iterator[str]:
    """A key that a rotation will find in its way. `current_key` is the one in the blob, None where it was not read."""
    if len(user.key_ids) < _KEY_SLOTS:
        return
    ours = {current_key, *_marked(user.tags)}
    foreign = [key_id for key_id in user.key_ids if key_id not in ours]
    if current_key is None and len(foreign) < _KEY_SLOTS:
        return  # the one that is not marked is the one in the blob, as far as can be seen
    for key_id in foreign:
        yield (
            f"user {name} has two access keys, and {key_id} is not "
            f"{'known to be ours' if current_key is None else 'the one in the secret'}: a rotation needs its place, "
            "takes no key away that it did not make, and will refuse; see who uses it"
        )


def _marked(tags: Mapping[str, str]) -> Iterator[str]:
    for tag in tags:
        for mark in (MADE, PROMOTED, SUPERSEDED):
            if tag.startswith(mark):
                yield tag.removeprefix(mark)


def _of_key(adopted: Adopted, secret: SecretFacts) -> Iterator[str]:
    """Roles may use the customer key that the file names, and no other."""
    used = secret.kms_key if secret.kms_key != _DEFAULT_KEY else None
    if used is None and adopted.kms_key is not None:
        yield f"secret {secret.name} is encrypted with the account's default key; take its kms_key out of the file"
    elif used is not None and adopted.kms_key is None:
        yield f"secret {secret.name} is encrypted with KMS key {used}; name its ARN in the file, as adopt.kms_key"
    elif used is not None and not _may_be(used, adopted.kms_key or ""):
        yield f"secret {secret.name} is encrypted with KMS key {used}, the file names {adopted.kms_key}; correct it"


def _may_be(used: str, arn: str) -> bool:
    """An id or ARN can be compared; an alias tells nothing."""
    return "alias/" in used or used.rpartition("/")[2] == arn.rpartition("/")[2]
