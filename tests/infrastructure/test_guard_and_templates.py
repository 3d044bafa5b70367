"""What `vsync-rotation deploy` refuses, on the templates as they are: it must know the resources by their real ids."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from cdk import names
from tests.infrastructure.assemblies import Assembled
from vsync_rotation_cli.aws.stacks import Stacks
from vsync_rotation_cli.deploy.forgetting import Forgetting
from vsync_rotation_cli.deploy.guard import Update
from vsync_rotation_cli.deploy.our_stacks import OurStacks
from vsync_rotation_cli.deploy.schedules import Forgotten
from vsync_rotation_cli.deploy.statuses import problems
from vsync_rotation_cli.deploy.templates import PINNED, SCHEDULE, origin


def test_deploying_the_same_again_is_no_violation(assembly: Assembled) -> None:
    assert Update(assembly.templates, assembly.templates).violations(Forgotten()) == ()
    assert Update({}, assembly.templates).violations(Forgotten()) == ()


def test_renaming_reordering_and_editing_schedules_is_no_violation(of: Callable[[str], Assembled]) -> None:
    before, after = of("example").templates, of("renamed").templates
    assert before != after
    assert Update(before, after).violations(Forgotten()) == ()
    assert Update(after, before).violations(Forgotten()) == ()


def test_taking_away_any_one_thing_that_must_stay_is_a_violation(assembly: Assembled) -> None:
    tried = set()
    for stack, template in assembly.templates.items():
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] in PINNED:
                rest = {name: found for name, found in template["Resources"].items() if name != logical_id}
                planned = {**assembly.templates, stack: {**template, "Resources": rest}}
                (line,) = Update(assembly.templates, planned).violations(Forgotten())
                assert logical_id in line
                tried.add(resource["Type"])
    assert tried == set(PINNED)


def test_forgetting_a_vault_covers_its_schedules_and_no_other_vaults(assembly: Assembled) -> None:
    schedules = {
        logical_id
        for template in assembly.templates.values()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == SCHEDULE
    }
    covered: list[str] = []
    for vault in assembly.deployment.vaults:
        others = tuple(other for other in assembly.deployment.vaults if other.id != vault.id)
        forgotten = Forgetting.of(replace(assembly.deployment, vaults=others), [vault.id]).forgotten
        found = {logical_id for logical_id in schedules if forgotten.covers(logical_id)}
        assert len(found) == (1 if vault.key is None else 2), vault.id
        covered += found
    assert sorted(covered) == sorted(schedules)


@dataclass(frozen=True)
class DeployedStacks:
    """What `Stacks` answers in an account where exactly these templates are deployed."""

    templates: dict[str, Any]

    def failed_at_first(self) -> dict[str, str]:
        return {}

    def statuses(self) -> dict[str, str]:
        return dict.fromkeys(self.templates, "UPDATE_COMPLETE")

    def template(self, name: str) -> Any:
        return self.templates[name]


def test_every_stack_is_known_again_by_its_name_and_what_its_template_says(of: Callable[[str], Assembled]) -> None:
    """What is not known again is a stranger's: never looked at, and its schedules go unguarded."""
    for name in ("example", "everything", "many"):
        assembled = of(name)
        found = OurStacks(assembled.deployment).find(cast("Stacks", DeployedStacks(dict(assembled.templates))))
        assert set(found.templates) == set(assembled.templates)
        assert found.strangers == frozenset()


def test_a_vault_that_could_be_forgotten_is_named_as_forgetting_takes_it(assembly: Assembled) -> None:
    """Of what is adopted the name of a secret may tell it, and need not."""
    named = []
    for vault in assembly.deployment.vaults:
        others = tuple(other for other in assembly.deployment.vaults if other.id != vault.id)
        forgetting = Forgetting.of(replace(assembly.deployment, vaults=others), ["never/here"])
        (line,) = forgetting.problems(assembly.templates, Path())
        if names.vault_stack(assembly.deployment, vault) in assembly.templates:
            assert line.endswith(f"could be forgotten: {vault.id}")
            named.append(vault.id)
    assert named


def test_whose_file_a_stack_is_from_is_known(of: Callable[[str], Assembled]) -> None:
    for name in ("example", "everything", "many"):
        assert {origin(template) for template in of(name).templates.values()} == {name}


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"])
@pytest.mark.parametrize("name", ["example", "everything", "every_permission"])
def test_what_is_told_of_deleting_a_stack_is_true_of_its_template(
    of: Callable[[str], Assembled], name: str, status: str
) -> None:
    assembled = of(name)
    manifest = json.loads((assembled.folder / "manifest.json").read_text())
    for stack, template in assembled.templates.items():
        (line,) = problems({stack: status}, {stack: template}, "--region eu-central-1")
        advice, _, going = line.partition("; with it go: ")
        advice, _, staying = advice.partition("; without a stack stay: ")
        if manifest["artifacts"][stack]["properties"].get("terminationProtection"):
            assert "--no-enable-termination-protection" in advice
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] in PINNED and resource["Type"] != SCHEDULE:
                kept = resource.get("DeletionPolicy") == "Retain"
                assert (f" {logical_id}" in f" {staying}", f" {logical_id}" in f" {going}") == (kept, not kept)
        rotates = any(resource["Type"] == SCHEDULE for resource in template["Resources"].values())
        assert ("ends its rotations" in line) is (rotates and status == "DELETE_FAILED")
