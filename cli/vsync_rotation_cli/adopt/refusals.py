"""Why a secret or user that exists cannot be adopted as it stands: descriptions in, sentences out."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from cdk.config.model import Adopted, Deployment, Vault
from cdk.names import SERVED_BY
from vsync_rotation.keys.marks import MADE, PROMOTED, SUPERSEDED
from vsync_rotation_cli.adopt.changes import TagChanges
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.session import same_place
from vsync_rotation_cli.aws.users import UserFacts
from vsync_rotation_cli.other_deployments import stack_prefix_of

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
    if secret.arn != adopted.arn:
        yield (
            f"the file names {adopted.arn}, but the secret's ARN is {secret.arn}; "
            "write that one, its last six characters included"
        )
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


def of_rotation(vault: Vault, deployment: Deployment, folder: str, secret: SecretFacts) -> Iterator[str]:
    """Another rotation function that is switched on. One that was switched off with cancel-rotate-secret is past."""
    if secret.rotation_function is None or secret.rotation_enabled is False:
        return
    name = secret.rotation_function.split(":")[6]
    if re.fullmatch(rf"{re.escape(deployment.stack_prefix)}-[1-9][0-9]*-{folder}", name):
        return
    told = f"secret {secret.name} is rotated by another function, {secret.rotation_function}"
    other = stack_prefix_of(name)
    if other not in (None, deployment.stack_prefix):
        whose = f"of the vsync deployment with stack_prefix {other}"
        yield f"{told}, {whose}; {_leave_first(vault)}, and only then adopt it here"
    elif not _is_served_elsewhere(deployment, secret):  # where it is, what to do first is said of that
        yield (
            f"{told}; once nobody needs that, "
            f"aws secretsmanager cancel-rotate-secret --secret-id {secret.arn} {same_place(secret.region)}"
        )


def of_serving(vault: Vault, deployment: Deployment, secret: SecretFacts, served_by: str | None) -> Iterator[str]:
    """A secret that one rotation stack serves and the file gives to another: neither would see that it is served.

    `served_by` is what the file says; None where nothing here serves it.
    """
    now = secret.tags.get(SERVED_BY)
    if _is_served_elsewhere(deployment, secret):
        untag = f"aws secretsmanager untag-resource --secret-id {secret.arn} --tag-keys {SERVED_BY}"
        yield (
            f"secret {secret.name} is served by {now}, of another vsync deployment; {_leave_first(vault)}, "
            f"take the tag off with {untag} {same_place(secret.region)}, and only then adopt it here"
        )
        return
    number = re.fullmatch(_ours(deployment), now) if now is not None else None
    # Of a vault that was forgotten the tag is all that is left, and says nothing any more.
    if number is not None and served_by is not None and now != served_by and secret.rotation_enabled:
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


def _is_served_elsewhere(deployment: Deployment, secret: SecretFacts) -> bool:
    """Whatever says that it serves the secret and is none of this deployment's stacks does so until it is asked."""
    now = secret.tags.get(SERVED_BY)
    return now is not None and re.fullmatch(_ours(deployment), now) is None


def _ours(deployment: Deployment) -> str:
    return rf"{re.escape(deployment.stack_prefix)}-rotation-([1-9][0-9]*)"


def _leave_first(vault: Vault) -> str:
    return f"take the vault out of that deployment's file and deploy that with --forget {vault.id}"


def _marked(tags: Mapping[str, str]) -> Iterator[str]:
    for tag in tags:
        for mark in (MADE, PROMOTED, SUPERSEDED):
            if tag.startswith(mark):
                yield tag.removeprefix(mark)


def _of_key(adopted: Adopted, secret: SecretFacts) -> Iterator[str]:
    """Roles may use the customer key that the file names, and no other."""
    used = secret.kms_key if secret.kms_key != _DEFAULT_KEY else None
    if used is None and adopted.kms_key is not None:
        yield (
            f"secret {secret.name} is encrypted with the account's default key; take kms_key out of the file, or write "
            '"default" as this secret\'s own (adopt.config_kms_key, passphrase_kms_key or writer_kms_key)'
        )
    elif used is not None and adopted.kms_key is None:
        yield (
            f"secret {secret.name} is encrypted with KMS key {used}; name its ARN in the file, as adopt.kms_key, or as "
            "this secret's own (adopt.config_kms_key, passphrase_kms_key or writer_kms_key)"
        )
    elif used is not None and not _may_be(used, adopted.kms_key or ""):
        yield f"secret {secret.name} is encrypted with KMS key {used}, the file names {adopted.kms_key}; correct it"


def _may_be(used: str, arn: str) -> bool:
    """An id or ARN can be compared; an alias tells nothing."""
    return "alias/" in used or used.rpartition("/")[2] == arn.rpartition("/")[2]
