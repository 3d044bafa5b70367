"""Do the denials hold: of a secret's own policy, for sessions of the reader's key, and for requests without TLS?"""

from typing import Any, Final

from tests.acceptance.aws import Aws, Credentials, Tried, tried
from tests.acceptance.functions import Statement
from tests.acceptance.probes.role import acting_with
from tests.acceptance.question import Answer, Question, judged, unanswered
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_DENIED_BY_SECRETS_MANAGER: Final = "AccessDeniedException"
_DENIED_BY_S3: Final = "AccessDenied"
_KNOWN_WITHIN_SECONDS: Final = 60.0
_EVERY_SECONDS: Final = 3.0


def _deny(stage: Stage) -> Answer:
    """A role that its own policy lets read everything of the vault's; the rotations have shown that the named may."""
    secrets = [stage.vault.facts(name)["ARN"] for name in (stage.run.config_secret, stage.run.passphrase_secret)]
    everything: list[Statement] = [
        {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": secrets},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
    ]
    other = acting_with(stage, "denied", everything, lambda aws: _described(aws, secrets[0]).went_well)
    asked = {arn.rpartition("/")[2].rpartition("-")[0]: _read(other, arn) for arn in secrets}
    by_caller = _read(stage.aws, secrets[0])
    return judged(
        as_relied_on=all(found.code == _DENIED_BY_SECRETS_MANAGER for found in asked.values()) and by_caller.went_well,
        text="a role that may read everything by its own policy is answered "
        f"{', '.join(str(found) for found in asked.values())}; the admin named in the file {by_caller}",
        **{name: str(found) for name, found in asked.items()},
        admin=str(by_caller),
        last_rotated_by_the_named_functions=str(stage.vault.facts(secrets[1]).get("LastRotatedDate")),
    )


def _described(aws: Aws, arn: str) -> Tried:
    return tried(aws.client("secretsmanager").describe_secret, SecretId=arn)


def _read(aws: Aws, arn: str) -> Tried:
    return tried(aws.client("secretsmanager").get_secret_value, SecretId=arn)


def _session(stage: Stage) -> Answer:
    reader = stage.aws.seen_with(stage.vault.credentials())
    opened = tried(reader.client("sts").get_session_token)
    if opened.code == _DENIED_BY_S3:  # STS's word for it too
        return judged(as_relied_on=True, text=f"no session can be opened with the reader's key at all: {opened}")
    if not opened.went_well:
        return unanswered(f"no session could be opened with the reader's key: {opened}")
    credentials = Credentials.of_session(opened.value["Credentials"])
    stage.discretion.keep(credentials.secret_access_key, credentials.session_token)
    session = stage.aws.seen_with(credentials)
    known = until(
        stage.clock,
        lambda: _as_session(session),
        timeout_seconds=_KNOWN_WITHIN_SECONDS,
        every_seconds=_EVERY_SECONDS,
    )
    by_key, by_session = _manifest(reader, stage), _manifest(session, stage)
    if known is None:
        return unanswered(f"the session was not known within {_KNOWN_WITHIN_SECONDS:g} s", by_session=str(by_session))
    return judged(
        as_relied_on=by_key.went_well and by_session.code == _DENIED_BY_S3,
        text=f"the reader's key reads the vault with {by_key}, a session opened with it with {by_session}",
        by_key=str(by_key),
        by_session=str(by_session),
    )


def _as_session(session: Aws) -> bool | None:
    """A session that STS does not know would be refused for that, and show nothing."""
    return True if tried(session.client("sts").get_caller_identity).went_well else None


def _manifest(aws: Aws, stage: Stage, client: Any = None) -> Tried:
    s3 = aws.client("s3") if client is None else client
    return tried(s3.get_object, Bucket=stage.run.bucket, Key=f"{stage.run.place}manifest")


def _plain_http(stage: Stage) -> Answer:
    reader = stage.aws.seen_with(stage.vault.credentials())
    over_tls = _manifest(reader, stage)
    in_the_open = _manifest(reader, stage, reader.plain_http("s3"))
    by_caller = _manifest(stage.aws, stage, stage.aws.plain_http("s3"))
    return judged(
        as_relied_on=over_tls.went_well and {in_the_open.code, by_caller.code} == {_DENIED_BY_S3},
        text=f"over TLS the reader's key is answered {over_tls}, over plain http {in_the_open}; "
        f"the caller over plain http {by_caller}",
        reader_over_tls=str(over_tls),
        reader_over_plain_http=str(in_the_open),
        caller_over_plain_http=str(by_caller),
    )


QUESTIONS: Final = (
    Question(
        id="deny-holds-for-others",
        asks="Does the policy on a made secret deny reading to a role with every permission, and to none that it names?",
        left_open_by="IAM: aws:PrincipalArn of a session is its role's ARN; that it holds for a role made later is our conclusion",
        relied_on="both: the vault's stack names the functions' roles before there are any",
        only_aws="",
        minutes=4,
        ask=_deny,
    ),
    Question(
        id="session-of-the-readers-key",
        asks="Can a session opened with GetSessionToken from the reader's key read the vault?",
        left_open_by="IAM: aws:TokenIssueTime is there for temporary credentials; what Null makes of it is our conclusion",
        relied_on="no: a leaked key must not live on in sessions made from it",
        only_aws="sessions of users, and aws:TokenIssueTime in them",
        minutes=2,
        ask=_session,
    ),
    Question(
        id="plain-http",
        asks="Is a request over plain http refused, for the reader and for whoever may do everything?",
        left_open_by="S3: TlsOnly policies are documented; this one is ours",
        relied_on="yes",
        only_aws="endpoints with and without TLS",
        minutes=1,
        ask=_plain_http,
    ),
)
