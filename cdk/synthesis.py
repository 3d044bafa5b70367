"""From a deployment file's values to a cloud assembly: stacks composed, rules checked, sizes measured."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from cdk import sizes
from cdk.assembly import Assembly
from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment
from cdk.nag_acknowledgements import acknowledge
from cdk.packaging.package import Package
from cdk.permissions.grants import VaultGrant
from cdk.placement import placed
from cdk.stacks.foundation import FoundationStack
from cdk.stacks.rotation import RotationStack
from cdk.stacks.vault import VaultStack, adopted_whole
from cdk.stacks.watch import WatchStack


def synthesize(deployment: Deployment, package: Package, folder: Path, context: Mapping[str, Any]) -> Assembly:
    """Write the cloud assembly of one deployment into the folder; the same again for the same values.

    Raises:
        DeploymentError: a rule of cdk-nag is broken and not acknowledged, or something is larger than AWS takes.
    """
    app = App(outdir=str(folder), context=dict(context), analytics_reporting=False)
    stacks = compose(app, deployment, package)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    acknowledge(app)
    try:
        app.synth()
    except RuntimeError:
        found = _broken_rules(folder)
        if not found:
            raise
        raise DeploymentError(found) from None
    templates = {stack: json.loads((folder / f"{stack}.template.json").read_text()) for stack in stacks}
    assembly = Assembly(deployment, folder, templates)  # and not what an earlier run left in the folder
    too_large = [f"{deployment.name}: {problem}" for problem in sizes.problems(assembly.rendering)]
    if too_large:
        raise DeploymentError(too_large)
    return assembly


def compose(app: App, deployment: Deployment, package: Package) -> Sequence[str]:
    """The stacks of a deployment, in the order they are deployed in. Returns their names."""
    numbers = placed(deployment)
    foundation = FoundationStack(app, deployment)
    stacks: list[Stack] = [foundation]
    grants: dict[str, VaultGrant] = {}
    for vault in deployment.vaults:
        grant = adopted_whole(vault)
        if grant is None:
            made = VaultStack(app, deployment, vault, foundation.secrets_key_arn, numbers[vault.id])
            stacks.append(made)
            grant = made.grant
        grants[vault.id] = grant
    rotations = [
        RotationStack(
            app,
            deployment,
            number,
            [grants[vault.id] for vault in deployment.vaults if numbers[vault.id] == number],
            package,
        )
        for number in sorted(set(numbers.values()))
    ]
    watch = WatchStack(app, deployment, foundation.topics, foundation.secrets_key_arn, rotations)
    return [stack.stack_name for stack in (*stacks, *rotations, watch)]


def _broken_rules(folder: Path) -> list[str]:
    report = folder / "validation-report.json"
    if not report.exists():
        return []
    found = json.loads(report.read_text())
    return [
        f"{violation['ruleName']}: {violation.get('description', '')} "
        f"({', '.join(str(place.get('constructPath')) for place in violation.get('violatingConstructs', []))})"
        for plugin in found.get("pluginReports", [])
        for violation in plugin.get("violations", [])
    ]
