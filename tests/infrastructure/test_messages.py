"""What people are told: a sentence for every event, from real events, through the rules as synthesized."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

import pytest

from cdk.rendering import Resource
from tests.infrastructure.assemblies import EVERYTHING, EXAMPLE, Assembled
from tests.infrastructure.event_bridge import filled_in, matches
from vsync_rotation import events as runtime
from vsync_rotation.events import Event, KeyRotationFinished, PassphraseRotationFinished, Subject

Of = Callable[[str], Assembled]
AT: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
# It only asks a function to go on.
NOT_FOR_PEOPLE: Final = {"Consumers Restarting"}


def every_event() -> Iterator[type[Event]]:
    yield from (
        kind
        for kind in vars(runtime).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    )


def event(kind: type[Event], secret_kind: str, **known: Any) -> dict[str, Any]:
    """As it arrives on the bus; fields that are not given hold their own name, or a number."""
    hints = get_type_hints(kind)

    def stand_in(name: str) -> Any:
        types = set(get_args(hints[name])) - {NoneType} or {hints[name]}
        if int in types:
            return 7
        if bool in types:
            return True
        return f"the-{name}" if str in types else ("one", "two")

    made = kind(**{field.name: known.get(field.name, stand_in(field.name)) for field in fields(kind)})
    subject = Subject("arn:aws:secretsmanager:x", "acme_web/prod/THE_SECRET", secret_kind, "acme/web", "prod")
    return {"source": runtime.SOURCE, "detail-type": kind.detail_type, "detail": made.detail(subject, AT)}


def kind_of_secret(kind: type[Event]) -> str:
    return "iam-access-key" if kind is KeyRotationFinished else "vault-passphrase"


def told(assembled: Assembled, happened: dict[str, Any], target_id: str = "Told") -> list[str]:
    """What the target of each rule that matches is sent; events of ours are this deployment's own."""
    whose = (
        {"served_by": f"{assembled.deployment.stack_prefix}-rotation-1"} if happened["source"] == runtime.SOURCE else {}
    )
    return sent(assembled, {**happened, "detail": happened["detail"] | whose}, target_id)


def sent(assembled: Assembled, happened: dict[str, Any], target_id: str = "Told") -> list[str]:
    """As `told`, of an event as it stands."""
    return [
        filled_in(target["InputTransformer"]["InputPathsMap"], target["InputTransformer"]["InputTemplate"], happened)
        for rule in rules(assembled)
        if matches(rule.properties["EventPattern"], happened)
        for target in rule.properties["Targets"]
        if target["Id"] == target_id
    ]


def rules(assembled: Assembled) -> Iterator[Resource]:
    for rule in assembled.rendering.resources("AWS::Events::Rule"):
        if rule.stack.endswith("-watch"):
            yield rule


def test_a_passphrase_rotation_reads_as_a_sentence(of: Of) -> None:
    happened = event(PassphraseRotationFinished, "vault-passphrase", gen=4, prev_gen=3, race_window_ms=41)
    [message] = told(of("example"), happened)
    assert json.loads(message).startswith("prod passphrase of acme/web rotated, gen 3 -> 4, race window 41 ms.")


def test_a_key_rotation_reads_as_a_sentence(of: Of) -> None:
    happened = event(KeyRotationFinished, "iam-access-key", access_key_id="NEW", superseded_access_key_id="OLD")
    [message] = told(of("example"), happened)
    assert json.loads(message).startswith(
        "prod access key of acme/web rotated: NEW is current. Superseded, in its overlap: OLD"
    )


@pytest.mark.parametrize("kind", [kind for kind in every_event() if kind.detail_type not in NOT_FOR_PEOPLE])
def test_every_event_is_told_once_with_every_field_filled_in(of: Of, kind: type[Event]) -> None:
    [message] = told(of("example"), event(kind, kind_of_secret(kind)))
    sentence = json.loads(message)
    assert "<" not in sentence
    assert "  " not in sentence
    assert "acme" in sentence or "the-iam_user" in sentence


@pytest.mark.parametrize("kind", list(every_event()))
def test_every_sentence_names_only_fields_that_its_event_has(of: Of, kind: type[Event]) -> None:
    happened = event(kind, kind_of_secret(kind))
    for rule in rules(of("everything")):
        if matches(rule.properties["EventPattern"], happened):
            for target in rule.properties["Targets"]:
                for path in target["InputTransformer"]["InputPathsMap"].values():
                    assert path.removeprefix("$.detail.") in happened["detail"], path


@pytest.mark.parametrize("kind", [PassphraseRotationFinished, runtime.VaultDriftDetected])
def test_what_another_deployment_of_the_account_says_is_for_its_own_people(of: Of, kind: type[Event]) -> None:
    everything = of("everything")
    happened = event(kind, kind_of_secret(kind))
    own = [stack for stack in everything.templates if "-rotation-" in stack]
    assert len(own) > 1
    others = ("everything-rotation", "everything-rotation-rotation-1", "everything-rotation-0", "other-rotation-1")
    for target in ("Told", "Told1", "Chat"):
        assert len(sent(everything, happened, target)) == 1  # a function that says nothing of whose it is
        for served_by, count in (
            *((stack, 1) for stack in (*own, "everything-rotation-10")),
            *((it, 0) for it in others),
        ):
            whose = {**happened, "detail": happened["detail"] | {"served_by": served_by}}
            assert len(sent(everything, whose, target)) == count, served_by


def test_restarts_under_way_are_told_to_nobody(of: Of) -> None:
    assert told(of("example"), event(runtime.ConsumersRestarting, "iam-access-key")) == []


def test_the_chat_gets_its_own_form_of_every_message(of: Of) -> None:
    for kind in every_event():
        if kind.detail_type not in NOT_FOR_PEOPLE:
            happened = event(kind, kind_of_secret(kind))
            [chat], [plain] = told(of("example"), happened, "Chat"), told(of("example"), happened)
            form = json.loads(chat)
            assert (form["version"], form["source"]) == ("1.0", "custom")
            assert form["content"]["description"] == json.loads(plain)


def test_a_message_with_quotes_and_lines_stays_one_message(of: Of) -> None:
    happened = event(runtime.RotationStepFailed, "iam-access-key", message='it said "no"\nand stopped')
    [plain], [chat] = told(of("example"), happened), told(of("example"), happened, "Chat")
    assert 'it said "no"\nand stopped' in json.loads(plain)
    assert 'it said "no"\nand stopped' in json.loads(chat)["content"]["description"]


def test_topics_of_the_operators_own_get_the_same(of: Of) -> None:
    happened = event(runtime.RotationStuck, "iam-access-key")
    assert told(of("everything"), happened, "Told1") == told(of("everything"), happened)


@pytest.mark.parametrize("spelling", ["arn", "aRN"])
@pytest.mark.parametrize("name", ["RotationFailed", "RotationAbandoned"])
def test_the_services_own_events_are_told_in_both_spellings(of: Of, name: str, spelling: str) -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme_web/prod/VSYNC_CONFIG-AbCdEf"
    happened = {
        "source": "aws.secretsmanager",
        "detail-type": "AWS Service Event via CloudTrail",
        "detail": {"eventName": name, "responseElements": {spelling: arn}},
    }
    [message] = told(of("example"), happened)
    assert json.loads(message).startswith(f"Secrets Manager: {name} of {arn}.")


def test_the_services_own_events_are_told_where_the_arn_stands_beside_the_request(of: Of) -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:api/prod/passphrase-Ef34Gh"
    happened = {
        "source": "aws.secretsmanager",
        "detail-type": "AWS Service Event via CloudTrail",
        "detail": {"eventName": "RotationFailed", "additionalEventData": {"SecretId": arn}},
    }
    assert len(told(of("example"), happened)) == 1


@pytest.mark.parametrize(
    "name", ["billing/database", "my_acme_web/prod/VSYNC_CONFIG", "api/prod/configuration", "acme_web/production/X"]
)
def test_rotations_of_somebody_elses_secrets_are_told_to_nobody(of: Of, name: str) -> None:
    arn = f"arn:aws:secretsmanager:eu-central-1:111122223333:secret:{name}-AbCdEf"
    happened = {
        "source": "aws.secretsmanager",
        "detail-type": "AWS Service Event via CloudTrail",
        "detail": {"eventName": "RotationFailed", "additionalEventData": {"SecretId": arn}},
    }
    assert told(of("example"), happened) == []


def called(source: str, name: str, **parameters: str) -> dict[str, Any]:
    return {
        "source": source,
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventName": name,
            "requestParameters": parameters,
            "userIdentity": {"arn": "arn:aws:iam::111122223333:user/somebody"},
            "sourceIPAddress": "198.51.100.7",
        },
    }


@pytest.mark.parametrize(
    "happened",
    [
        called("aws.secretsmanager", "DeleteSecret", secretId="acme_web/prod/VSYNC_PASSPHRASE"),
        called(
            "aws.secretsmanager",
            "DeleteResourcePolicy",
            secretId="arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme_web/prod/VSYNC_CONFIG-AbCdEf",
        ),
        called("aws.secretsmanager", "PutResourcePolicy", secretId="acme_edge/prod/VSYNC_WRITER"),
        called("aws.secretsmanager", "DeleteSecret", secretId="api/prod/config"),
        called(
            "aws.secretsmanager",
            "CancelRotateSecret",
            secretId="arn:aws:secretsmanager:eu-central-1:111122223333:secret:api/prod/passphrase-Ef34Gh",
        ),
        called(
            "aws.secretsmanager",
            "CancelRotateSecret",
            secretId="arn:aws:secretsmanager:eu-central-1:111122223333:secret:api/prod/passphrase",
        ),
        called("aws.s3", "DeleteBucketPolicy", bucketName="acme-vaults"),
    ],
    ids=lambda happened: happened["detail"]["eventName"],
)
def test_who_touches_what_we_protect_is_told(of: Of, happened: dict[str, Any]) -> None:
    [message] = told(of("example"), happened)
    assert "by arn:aws:iam::111122223333:user/somebody from 198.51.100.7" in json.loads(message)


@pytest.mark.parametrize("first_characters", ["11111111", "66666666", "aaaaaaaa"], ids=["secrets", "bucket", "adopted"])
def test_a_key_that_somebody_wants_gone_is_told(of: Of, first_characters: str) -> None:
    text = EVERYTHING.read_text()
    [arn] = re.findall(rf'"(arn:aws:kms:[^"]+:key/{first_characters}[^"]+)"', text)
    for name in (arn, arn.rpartition("/")[2]):
        assert len(told(of("everything"), called("aws.kms", "ScheduleKeyDeletion", keyId=name))) == 1


def test_no_rule_waits_for_what_another_region_tells(of: Of) -> None:
    """CloudTrail's events reach EventBridge where the bucket is: the rule would never match, and seem to watch."""
    assert told(of("example"), called("aws.s3", "DeleteBucketPolicy", bucketName="acme-vaults"))
    assert 'bucket_region = "eu-west-1"' in EXAMPLE.read_text()
    assert not told(of("example"), called("aws.s3", "DeleteBucketPolicy", bucketName="acme-api-vault"))


def test_no_pattern_has_a_wildcard(of: Of) -> None:
    # A few of them make EventBridge refuse a rule as too complex, at a limit that is not documented.
    for name in ("example", "everything", "many"):
        for rule in of(name).rendering.resources("AWS::Events::Rule"):
            assert "wildcard" not in json.dumps(rule.properties["EventPattern"])


def test_changes_of_readers_are_told_where_iam_tells_them(of: Of) -> None:
    happened = called("aws.iam", "PutUserPolicy", userName="vsync-shop-prod-reader")
    assert len(told(of("everything"), happened)) == 1  # us-east-1
    assert not any("iam" in str(rule.properties["EventPattern"]["source"]) for rule in rules(of("example")))


def test_every_alarming_message_has_an_alarm_and_every_alarm_speaks(of: Of) -> None:
    assembled = of("everything")
    alarms = list(assembled.rendering.resources("AWS::CloudWatch::Alarm"))
    watched = {
        dimension["Value"]
        for alarm in alarms
        for dimension in alarm.properties.get("Dimensions", [])
        if dimension["Name"] == "RuleName"
    }
    names = {
        rule.properties["EventPattern"].get("detail-type", [""])[0]: assembled.rendering.attribute(
            rule.stack, rule.logical_id, "Ref"
        )
        for rule in rules(assembled)
        if rule.properties["EventPattern"]["source"] == [runtime.SOURCE]
    }
    expected = {
        "Rotation Step Failed",
        "Rotation Stuck",
        "Rotation Overdue",
        "Superseded Key Still In Use",
        "Vault Drift Detected",
    }
    assert {names[kind] for kind in expected} <= watched
    for alarm in alarms:
        assert len(alarm.properties["AlarmActions"]) == 3  # people, the chat, the operators' own topic


def test_every_pattern_fits(of: Of) -> None:
    for name in ("example", "everything", "many"):
        for rule in of(name).rendering.resources("AWS::Events::Rule"):
            assert len(json.dumps(rule.properties["EventPattern"], separators=(",", ":"))) <= 2048


def test_every_alarm_speaks_at_the_first_time(of: Of) -> None:
    for name in ("example", "everything", "many"):
        for alarm in of(name).rendering.resources("AWS::CloudWatch::Alarm"):
            properties = alarm.properties
            assert (properties["Threshold"], properties["EvaluationPeriods"]) == (1, 1), alarm.logical_id
            assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
