"""What the trust policies and the policies on resources have to be in `every_permission.toml`, statement by statement."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cdk.names import FUNCTIONS
from tests.infrastructure.privilege.documents import normal

ACCOUNT: Final = "123456789012"
HERE: Final = f"eu-central-1:{ACCOUNT}"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role"
# Who may read every secret.
OF_ALL: Final = (ROOT, f"{ROLE}/admin")
OPENERS: Final = ("rotate_vault_passphrase", "check_vaults")
KEEPERS: Final = (*OPENERS, "rotate_iam_access_key", "retire_iam_access_keys")
# By secret: applications, and functions whose role names it.
READERS: Final[Mapping[str, Sequence[str]]] = {
    "acme_web/prod/VSYNC_CONFIG": ("web", *KEEPERS),
    "acme_web/prod/VSYNC_PASSPHRASE": ("web", *OPENERS),
    "acme_api/prod/VSYNC_CONFIG": ("api", *KEEPERS),
    "acme_api/prod/VSYNC_PASSPHRASE": ("api", *OPENERS),
    "acme_edge/prod/VSYNC_CONFIG": ("edge", *OPENERS),
    "acme_edge/prod/VSYNC_PASSPHRASE": ("edge", *OPENERS),
    "acme_edge/prod/VSYNC_WRITER": OPENERS,
}

EVERYBODY: Final = {"AWS": "*"}
EVENTS: Final = {"Service": "events.amazonaws.com"}
ALARMS: Final = {"Service": "cloudwatch.amazonaws.com"}
_USE: Final = ("kms:Decrypt", "kms:GenerateDataKey")


def of_this_account(source: str) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": f"arn:aws:{source}"}}


def allow(
    sid: str | None, principal: Mapping[str, str], actions: Any, resources: Any, **condition: Any
) -> dict[str, Any]:
    return normal(
        {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resources}
        | ({"Condition": condition} if condition else {})
    )


def deny(sid: str, actions: Any, resources: Any, **condition: Any) -> dict[str, Any]:
    return {**allow(sid, EVERYBODY, actions, resources, **condition), "Effect": "Deny"}


def over_plain_http(actions: str, *resources: str) -> dict[str, Any]:
    return deny("TlsOnly", actions, resources, Bool={"aws:SecureTransport": "false"})


def trust(service: str, **condition: Any) -> list[dict[str, Any]]:
    return [allow(None, {"Service": f"{service}.amazonaws.com"}, "sts:AssumeRole", (), **condition)]


TRUSTED: Final = {
    **{folder: trust("lambda") for folder in FUNCTIONS},
    "scheduler": trust("scheduler", **of_this_account(f"scheduler:{HERE}:schedule-group/*")),
    "hook": trust("events", **of_this_account(f"events:{HERE}:rule/*")),
    "chat": trust("chatbot", StringEquals={"aws:SourceAccount": ACCOUNT}),
}

ADMINISTERED: Final = allow("AccountAdministers", {"AWS": ROOT}, "kms:*", "*")
KEYS: Final = {
    "SecretsKey": [
        ADMINISTERED,
        allow(
            "UsedThroughSecretsManager",
            EVERYBODY,
            _USE,
            "*",
            StringEquals={
                "kms:CallerAccount": ACCOUNT,
                "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
            },
            ArnNotLike={"aws:PrincipalArn": [f"{ROLE}/vsync-rotation-*-{folder}" for folder in FUNCTIONS]},
        ),
    ],
    "TopicsKey": [
        ADMINISTERED,
        allow("EventsUseIt", EVENTS, _USE, "*"),
        allow("AlarmsUseIt", ALARMS, _USE, "*", **of_this_account(f"cloudwatch:{HERE}:alarm:*")),
    ],
}


def on_secret(name: str) -> list[dict[str, Any]]:
    named = [f"{ROLE}/vsync-rotation-1-{who}" if who in FUNCTIONS else f"{ROLE}/{who}" for who in READERS[name]]
    reading = "secretsmanager:GetSecretValue"
    return [deny("OnlyWhoIsNamedReads", reading, "*", ArnNotLike={"aws:PrincipalArn": [*OF_ALL, *named]})]


def on_queue(arn: str) -> list[dict[str, Any]]:
    rules = {"aws:SourceArn": f"arn:aws:events:{HERE}:rule/*"}
    return [
        allow("RulesKeepWhatFails", EVENTS, "sqs:SendMessage", arn, ArnLike=rules),
        over_plain_http("sqs:*", arn),
    ]


def on_topic(arn: str) -> list[dict[str, Any]]:
    return [
        allow("EventsTell", EVENTS, "sns:Publish", arn),
        allow("AlarmsTell", ALARMS, "sns:Publish", arn, **of_this_account(f"cloudwatch:{HERE}:alarm:*")),
        over_plain_http("sns:Publish", arn),
    ]


def on_bucket(name: str) -> list[dict[str, Any]]:
    return [over_plain_http("s3:*", f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*")]
