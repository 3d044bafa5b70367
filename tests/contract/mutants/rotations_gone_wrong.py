"""Rotations broken on purpose: the mistakes that rotation functions really make, one small change of behaviour each."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from rotate_iam_access_key.minting import Minting
from rotate_vault_passphrase.steps import VaultPassphraseRotation
from vsync_rotation.aws.s3 import Bucket
from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.engine.rotation import Job
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.key_secret import KeySecret
from vsync_rotation.keys import slots
from vsync_rotation.keys.evidence import AccessKey, Evidence
from vsync_rotation.keys.marks import AccessKeyId
from vsync_rotation.redacted import SecretText
from vsync_rotation.vault import audit_log
from vsync_rotation.vault.ports import ETag, ObjectInfo
from vsync_rotation.vault.rotation import Publication, VaultRotation

Mutation = Callable[[pytest.MonkeyPatch], None]


def _pointer_swapped_in_set_secret(patch: pytest.MonkeyPatch) -> None:
    """The new bundle goes live while AWSCURRENT still is the old passphrase."""
    set_secret = VaultPassphraseRotation.set_secret

    def mutant(self: VaultPassphraseRotation, job: Job) -> None:
        set_secret(self, job)
        pending = job.pending()
        rotation, _ = self._rotation(job, job.current(), pending)
        prepared = rotation._prepare()
        assert prepared is not None
        rotation._swap_all(prepared)

    patch.setattr(VaultPassphraseRotation, "set_secret", mutant)


def _put_without_compensation(patch: pytest.MonkeyPatch) -> None:
    """A value that certainly was not stored leaves its key behind."""
    patch.setattr(Minting, "_undo", lambda _self, _key_id: None)


def _compensation_on_a_lost_answer(patch: pytest.MonkeyPatch) -> None:
    """The key is deleted although the value with it may be stored."""

    def mutant(self: Minting, minted: SecretText, key_id: AccessKeyId) -> None:
        try:
            self._job.store_pending(minted)
        except RotationError:
            self._undo(key_id)
            raise

    patch.setattr(Minting, "_store", mutant)


def unconditional_pointer_write(patch: pytest.MonkeyPatch) -> None:
    """The last writer wins."""

    def mutant(self: Bucket, old: ObjectInfo, body: bytes, metadata: Mapping[str, str]) -> ETag | None:
        return self._put(old.key, body, metadata, old.headers, {})

    patch.setattr(Bucket, "replace", mutant)


def _orphan_deleted_by_age(patch: pytest.MonkeyPatch) -> None:
    """A second key that is a day old counts as nobody's."""

    def mutant(key: AccessKey, evidence: Evidence) -> bool:
        return evidence.now - key.created_at > timedelta(days=1)

    patch.setattr(slots, "is_orphan", mutant)


def _throttled_read_taken_for_nothing_pending(patch: pytest.MonkeyPatch) -> None:
    """Any error of a read is an absence."""
    find = SecretsManager.find

    def mutant(self: SecretsManager, *args: Any, **options: Any) -> Any:
        try:
            return find(self, *args, **options)
        except (RotationError, ClientError):
            return None

    patch.setattr(SecretsManager, "find", mutant)


def _audit_failure_fails_the_rotation(patch: pytest.MonkeyPatch) -> None:
    """What could not be appended is raised."""
    append = audit_log.append

    def mutant(*args: Any) -> None:
        reason = append(*args)
        if reason is not None:
            raise reason

    patch.setattr(audit_log, "append", mutant)


def _pointer_put_back_after_the_label_moved(patch: pytest.MonkeyPatch) -> None:
    """Whatever fails while a rotation is being published undoes the swap."""
    publish = VaultRotation.publish

    def mutant(self: VaultRotation, **options: Any) -> Publication:
        try:
            return publish(self, **options)
        except RotationError:
            self._put_back()
            raise

    patch.setattr(VaultRotation, "publish", mutant)


def _intent_left_behind(patch: pytest.MonkeyPatch) -> None:
    """The intent stays when the value is stored, and claims the next key that a person makes."""
    mint = Minting.mint

    def mutant(self: Minting, value: KeySecret, *args: Any) -> None:
        with pytest.MonkeyPatch.context() as within:
            within.setattr(Minting, "_remove_intent", lambda _self: None)
            mint(self, value, *args)

    patch.setattr(Minting, "mint", mutant)


MUTATIONS: Final[Mapping[str, Mutation]] = {
    "pointer swapped in setSecret": _pointer_swapped_in_set_secret,
    "put without compensation": _put_without_compensation,
    "compensation on a lost answer": _compensation_on_a_lost_answer,
    "unconditional pointer write": unconditional_pointer_write,
    "orphan deleted by age": _orphan_deleted_by_age,
    "a throttled read taken for nothing pending": _throttled_read_taken_for_nothing_pending,
    "audit failure fails the rotation": _audit_failure_fails_the_rotation,
    "pointer put back after the label moved": _pointer_put_back_after_the_label_moved,
    "intent left behind": _intent_left_behind,
}
