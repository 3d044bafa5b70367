"""Every condition of every role and reader: what it lets through, and what it keeps out.

The embedded AWS plays most of them in the scenarios, always with the circumstances as they should be. Here each is held
against other circumstances as well, by the simulator's policy evaluator over all policies of the bearer together, so
that no other statement lets through what one keeps out.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from cdk.rendered_identities import Identity
from simulator.access.policy import Question, Statement, is_allowed
from tests.infrastructure.privilege.actions import BESIDE, NEEDED
from tests.infrastructure.privilege.proof import Proof, actions_of, by_sid, contexts_of, resources_of

ABSENT: Final = None
_HERE: Final = "eu-central-1:123456789012"

# By condition key: values that a statement with such a condition must keep out.
KEPT_OUT: Final[Mapping[str, tuple[str | None, ...]]] = {
    "kms:ViaService": (
        ABSENT,  # whoever asks KMS itself
        "ec2.eu-central-1.amazonaws.com",
        "secretsmanager.us-east-1.amazonaws.com",
        "s3.us-east-1.amazonaws.com",
    ),
    "kms:EncryptionContext:SecretARN": (
        ABSENT,
        f"arn:aws:secretsmanager:{_HERE}:secret:acme_web/prod/ANOTHER-AbCdEf",
    ),
    "kms:EncryptionContext:aws:s3:arn": (
        ABSENT,
        "arn:aws:s3:::another-bucket",
        "arn:aws:s3:::acme-api-vault/another/prod/latest",
    ),
    "aws:TagKeys": ("team", "vsync-rotation:minting\nteam", "aws:cloudformation:stack-name"),
    "events:source": (ABSENT, "aws.secretsmanager", "vsync.rotation.other"),
    "s3:prefix": ("", "another/", "acme_web/"),
    "ssm:resourceTag/vsync-rotation:consumer": (ABSENT, "another"),
    "aws:SecureTransport": (ABSENT, "false"),
    "aws:TokenIssueTime": ("2026-03-01T12:00:00Z",),
    "lambda:SourceFunctionArn": (ABSENT, f"arn:aws:lambda:{_HERE}:function:another"),
}
# Without the key the condition holds; what that lets through is said beside it.
HOLDS_WITHOUT: Final[Mapping[tuple[str, str], str]] = {
    ("aws:TokenIssueTime", "Null"): "long-term credentials have none",
    ("aws:TagKeys", "ForAllValues:StringLike"): "a request that sets and removes no tag changes nothing",
    # This also lets through a listing of the whole bucket, names and no contents: the price of telling absent objects
    # from denied ones wherever S3 asks for ListBucket without a prefix.
    ("s3:prefix", "StringLikeIfExists"): "a GET of an absent object, for which S3 documents no prefix",
}

_SECRETS_KEY: Final = {"StringEquals kms:ViaService", "StringEquals kms:EncryptionContext:SecretARN"}
_BUCKETS_KEY: Final = {"StringEquals kms:ViaService", "StringLike kms:EncryptionContext:aws:s3:arn"}
_OWN_TAGS: Final = {"ForAllValues:StringLike aws:TagKeys"}
_UNDER_PREFIX: Final = {"StringLike s3:prefix"}
_UNDER_PREFIX_IF_ANY: Final = {"StringLikeIfExists s3:prefix"}
_LONG_TERM_OVER_TLS: Final = {"Bool aws:SecureTransport", "Null aws:TokenIssueTime"}
_OF_EVERY_FUNCTION: Final = {
    "TellEvents": {"StringEquals events:source"},
    "JoinNetworkByLambdaAlone": {"ArnEquals lambda:SourceFunctionArn"},
}

# By bearer and statement.
CONDITIONS: Final[Mapping[str, Mapping[str, set[str]]]] = {
    "rotate_iam_access_key": {
        "UseSecretsKey": _SECRETS_KEY,
        "UseSecretsKey1": _SECRETS_KEY,
        "MarkReaderKeys": _OWN_TAGS,
        **_OF_EVERY_FUNCTION,
    },
    "rotate_vault_passphrase": {
        "UsePassphrasesKey": _SECRETS_KEY,
        "UsePassphrasesKey1": _SECRETS_KEY,
        "ReadWithKey": _SECRETS_KEY,
        "ReadWithKey1": _SECRETS_KEY,
        "TellAbsentFromDenied": _UNDER_PREFIX_IF_ANY,
        "TellAbsentFromDenied1": _UNDER_PREFIX_IF_ANY,
        "TellAbsentFromDenied2": _UNDER_PREFIX_IF_ANY,
        "UseBucketsKey": _BUCKETS_KEY,
        **_OF_EVERY_FUNCTION,
    },
    "retire_iam_access_keys": {
        "ReadWithKey": _SECRETS_KEY,
        "ReadWithKey1": _SECRETS_KEY,
        "MarkReaderKeys": _OWN_TAGS,
        **_OF_EVERY_FUNCTION,
    },
    "check_vaults": {
        "ReadWithKey": _SECRETS_KEY,
        "ReadWithKey1": _SECRETS_KEY,
        "TellAbsentFromDenied": _UNDER_PREFIX_IF_ANY,
        "TellAbsentFromDenied1": _UNDER_PREFIX_IF_ANY,
        "TellAbsentFromDenied2": _UNDER_PREFIX_IF_ANY,
        "FindOldBundles": _UNDER_PREFIX,
        "UseBucketsKey": _BUCKETS_KEY,
        **_OF_EVERY_FUNCTION,
    },
    "restart_consumers": {
        "SendToTaggedNodes": {"StringEquals ssm:resourceTag/vsync-rotation:consumer"},
        **_OF_EVERY_FUNCTION,
    },
    "vsync-acme_web-prod-reader": {
        "ReadObjects": _LONG_TERM_OVER_TLS,
        "TellAbsentFromDenied": _UNDER_PREFIX | _LONG_TERM_OVER_TLS,
    },
    "vsync-acme_api-prod-reader": {
        "ReadObjects": _LONG_TERM_OVER_TLS,
        "TellAbsentFromDenied": _UNDER_PREFIX | _LONG_TERM_OVER_TLS,
        "ReadWithBucketKey": _BUCKETS_KEY,
    },
}
EACH: Final = [pytest.param(bearer, sid, id=f"{bearer}: {sid}") for bearer, sids in CONDITIONS.items() for sid in sids]


@pytest.mark.parametrize(("bearer", "sid"), EACH)
def test_what_the_condition_wants_is_let_through(proof: Proof, bearer: str, sid: str) -> None:
    identity, statement = _found(proof, bearer, sid)
    for question in _wanted(statement):
        assert is_allowed(identity.documents, question) is (statement["Effect"] == "Allow"), question


@pytest.mark.parametrize(("bearer", "sid"), EACH)
def test_anything_else_is_kept_out(proof: Proof, bearer: str, sid: str) -> None:
    identity, statement = _found(proof, bearer, sid)
    question = next(_wanted(statement))
    for operator, keys in statement["Condition"].items():
        for key in keys:
            for value in _kept_out(operator, key):
                context = {name: was for name, was in question.context.items() if name != key}
                other = Question(question.action, question.resource, context | ({} if value is None else {key: value}))
                assert is_allowed(identity.documents, other) is (statement["Effect"] != "Allow"), other


@pytest.mark.parametrize("bearer", CONDITIONS)
def test_every_statement_has_exactly_the_conditions_of_the_table(proof: Proof, bearer: str) -> None:
    found = {
        sid: {f"{operator} {key}" for operator, keys in statement["Condition"].items() for key in keys}
        for sid, statement in by_sid(proof.bearer(bearer)).items()
        if "Condition" in statement
    }
    assert found == CONDITIONS[bearer]


def test_every_bearer_is_looked_at() -> None:
    assert CONDITIONS.keys() == NEEDED.keys()


@pytest.mark.parametrize("bearer", BESIDE)
def test_no_role_may_use_a_key_directly(proof: Proof, bearer: str) -> None:
    """Every use of a KMS key is bound to the service that asks and to what it encrypts."""
    for statement in by_sid(proof.bearer(bearer)).values():
        if any(action.startswith("kms:") for action in actions_of(statement)):
            keys = {key for keys in statement["Condition"].values() for key in keys}
            assert "kms:ViaService" in keys
            assert any(key.startswith("kms:EncryptionContext:") for key in keys)


def _found(proof: Proof, bearer: str, sid: str) -> tuple[Identity, Statement]:
    identity = proof.bearer(bearer)
    return identity, by_sid(identity)[sid]


def _kept_out(operator: str, key: str) -> Iterator[str | None]:
    for value in KEPT_OUT[key]:
        if value is ABSENT and (key, operator) in HOLDS_WITHOUT:
            continue
        yield value


def _wanted(statement: Statement) -> Iterator[Question]:
    """Each action on each resource, under each of the values that the conditions name."""
    for action in actions_of(statement):
        for resource in resources_of(statement):
            for context in contexts_of(statement):
                yield Question(action, resource.replace("*", "x"), context)
