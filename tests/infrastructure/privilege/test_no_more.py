"""Whatever is taken from a role, something named fails; and each role has exactly what the table says.

What no scenario can ask for is in `actions.BESIDE` and `actions.OTHERS`, and judged in test_beside.py.
"""

from collections.abc import Mapping
from typing import Final

import pytest

from cdk.rendered_identities import Identity
from simulator.access.conditions import like
from simulator.access.policy import Question, is_allowed
from tests.infrastructure.privilege.actions import BESIDE, NEEDED, OTHERS
from tests.infrastructure.privilege.proof import Proof, Taken, actions_of, by_sid, resources_of

SINGLE: Final = [
    pytest.param(bearer, sid, action, scenario, id=f"{bearer}: {sid} {action} -> {scenario}")
    for bearer, by_statement in NEEDED.items()
    for sid, by_action in by_statement.items()
    for action, scenario in by_action.items()
]
# A statement of one action is taken whole above.
WHOLE: Final = [
    pytest.param(bearer, sid, next(iter(by_action.values())), id=f"{bearer}: {sid} -> {next(iter(by_action.values()))}")
    for bearer, by_statement in NEEDED.items()
    for sid, by_action in by_statement.items()
    if len(by_action) > 1
]
# Resources that moto has nothing of: nodes that are no EC2 instances.
NEVER_ASKED_HERE: Final = {"arn:aws:ssm:eu-central-1:123456789012:managed-instance/*"}


@pytest.mark.parametrize(("bearer", "sid", "action", "scenario"), SINGLE)
def test_without_the_action_the_scenario_fails(proof: Proof, bearer: str, sid: str, action: str, scenario: str) -> None:
    refused = proof.play_without(scenario, bearer, Taken(sid, action))
    assert action in {question.action for question in refused.denied}
    assert refused.failure is not None


@pytest.mark.parametrize(("bearer", "sid", "scenario"), WHOLE)
def test_without_the_statement_the_scenario_fails(proof: Proof, bearer: str, sid: str, scenario: str) -> None:
    refused = proof.play_without(scenario, bearer, Taken(sid))
    assert {question.action for question in refused.denied} & NEEDED[bearer][sid].keys()
    assert refused.failure is not None


@pytest.mark.parametrize("bearer", [*NEEDED, *OTHERS])
def test_the_role_has_exactly_the_actions_of_the_table(proven_bearers: Mapping[str, Identity], bearer: str) -> None:
    found = {sid: sorted(actions_of(statement)) for sid, statement in by_sid(proven_bearers[bearer]).items()}
    tables = {**NEEDED.get(bearer, {}), **BESIDE.get(bearer, {}), **OTHERS.get(bearer, {})}
    assert found == {sid: sorted(actions) for sid, actions in tables.items()}


def test_the_table_has_every_role_and_reader(proof: Proof, proven_bearers: Mapping[str, Identity]) -> None:
    account = proof.account
    assert NEEDED.keys() == account.roles.keys() | account.readers.keys()
    assert BESIDE.keys() == account.roles.keys()
    assert NEEDED.keys() | OTHERS.keys() == proven_bearers.keys()


@pytest.mark.parametrize("bearer", NEEDED)
def test_every_resource_is_asked_for(proof: Proof, bearer: str) -> None:
    """None is given for nothing: each is met by one of its statement's actions. `test_reach` has how far it reaches."""
    asked = proof.everything_asked()[bearer]
    statements = by_sid(proof.bearer(bearer))
    unasked = {
        (sid, resource)
        for sid in NEEDED[bearer]
        for resource in resources_of(statements[sid])
        if not any(action in NEEDED[bearer][sid] and like(resource, about) for action, about in asked)
    }
    assert {resource for _, resource in unasked} <= NEVER_ASKED_HERE, unasked


@pytest.mark.parametrize(
    ("bearer", "readable"),
    [
        ("rotate_iam_access_key", {"config"}),
        ("rotate_vault_passphrase", {"config", "config of another store", "passphrase", "writer"}),
        ("retire_iam_access_keys", {"config"}),
        ("check_vaults", {"config", "config of another store", "passphrase", "writer"}),
        ("restart_consumers", set()),
    ],
)
def test_only_who_opens_vaults_reads_both_halves(proof: Proof, bearer: str, readable: set[str]) -> None:
    documents = proof.bearer(bearer).documents
    reading = ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue")
    found = {
        kind
        for arn, kind in _kinds(proof).items()
        if any(is_allowed(documents, Question(action, arn)) for action in reading)
    }
    assert found == readable


@pytest.mark.parametrize("bearer", BESIDE)
def test_every_action_on_secrets_is_asked_of_every_kind_of_secret_it_is_given_for(proof: Proof, bearer: str) -> None:
    """A statement names secrets one by one; here its actions are held against what those secrets are."""
    kinds = _kinds(proof)
    given = {
        (action, kinds[arn])
        for statement in by_sid(proof.bearer(bearer)).values()
        for action in actions_of(statement)
        for arn in resources_of(statement)
        if arn in kinds
    }
    asked = {(action, kinds[about]) for action, about in proof.everything_asked()[bearer] if about in kinds}
    assert given == asked


def _kinds(proof: Proof) -> dict[str, str]:
    """What each secret is, by its ARN."""
    account = proof.account
    kinds: dict[str, str] = {}
    for vault in account.deployment.vaults:
        secrets = {"passphrase": vault.passphrase_secret, "writer": vault.writer_secret}
        secrets["config" if vault.store.is_aws else "config of another store"] = vault.config_secret
        kinds |= {account.arn_of(secret.name): kind for kind, secret in secrets.items() if secret is not None}
    return kinds


@pytest.mark.parametrize("bearer", NEEDED)
def test_no_action_is_a_wildcard_and_every_resource_that_is_one_takes_no_narrower(proof: Proof, bearer: str) -> None:
    """The services offer no resource for these actions: see the service authorization reference."""
    without_resource = {
        "secretsmanager:ListSecrets",
        # Composite alarms are told to no narrower permission.
        "cloudwatch:DescribeAlarms",
        "apprunner:ListServices",
        "ssm:ListCommands",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        *BESIDE.get(bearer, {}).get("JoinNetwork", ()),
    }
    for statement in by_sid(proof.bearer(bearer)).values():
        assert not [action for action in actions_of(statement) if "*" in action]
        if "*" in resources_of(statement):
            assert set(actions_of(statement)) <= without_resource
