"""The guards, in their order."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.engine.fakes import secret
from vsync_rotation.engine.staging import Decision, decide
from vsync_rotation.errors import ContractError, PausedError
from vsync_rotation.settings import Kind

KEY = Kind.IAM_ACCESS_KEY
PENDING = {"old": {"AWSCURRENT"}, "new": {"AWSPENDING"}}


def test_a_pending_version_proceeds() -> None:
    assert decide(secret(PENDING), "new", KEY) is Decision.PROCEED


@pytest.mark.parametrize("labels", [{"AWSCURRENT"}, {"AWSCURRENT", "AWSPENDING"}])
def test_a_current_version_is_done_whatever_else_it_carries(labels: set[str]) -> None:
    assert decide(secret({"new": labels}), "new", KEY) is Decision.ALREADY_CURRENT


def test_rotation_that_was_never_configured_is_not_off() -> None:
    assert decide(secret(PENDING, rotation_enabled=None), "new", KEY) is Decision.PROCEED


@pytest.mark.parametrize(
    ("changes", "version", "finding"),
    [
        pytest.param({"rotation_enabled": False}, "new", "turned off", id="rotation off"),
        pytest.param({"scheduled_for_deletion": True}, "new", "scheduled for deletion", id="scheduled for deletion"),
        pytest.param({"tags": {}}, "new", "missing", id="no kind"),
        pytest.param({"tags": {"vsync-rotation:kind": "vault-passphrase"}}, "new", "another one", id="another kind"),
        pytest.param({"tags": {"vsync-rotation:kind": "IAM-ACCESS-KEY"}}, "new", "another one", id="kind in capitals"),
        pytest.param({}, "unknown", "no such version", id="unknown version"),
        pytest.param(
            {"labels": {"new": frozenset({"AWSPREVIOUS"})}}, "new", "not labelled AWSPENDING", id="other label"
        ),
        pytest.param({"labels": {"new": frozenset()}}, "new", "not labelled AWSPENDING", id="no label"),
    ],
)
def test_a_guard_that_does_not_hold_says_which(changes: dict[str, Any], version: str, finding: str) -> None:
    with pytest.raises(ContractError, match=finding):
        decide(replace(secret(PENDING), **changes), version, KEY)


def test_a_pause_holds_even_for_a_version_that_is_current() -> None:
    tags = {"vsync-rotation:kind": "iam-access-key", "vsync-rotation:paused": "until monday"}
    with pytest.raises(PausedError, match="vsync-rotation:paused"):
        decide(secret({"new": {"AWSCURRENT"}}, tags=tags), "new", KEY)
