"""From a deployment file's values to a cloud assembly: stacks composed, rules checked, sizes measured."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App, CfnOutput, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from cdk import sizes
from cdk.assembly import Assembly
from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment
from cdk.nag_acknowledgements import acknowledge
from cdk.names import DEPLOYMENT_FILE
from cdk.packaging.package import Package
from cdk.permissions.grants import VaultGrant
from cdk.placement import placed
from cdk.stacks.chat import ChatStack
from cdk.stacks.foundation import FoundationStack
from cdk.stacks.rotation import RotationStack
from cdk.stacks.vault import VaultStack, adopted_whole
from cdk.stacks.watch import WatchStack


def synthesize(deployment: Deployment, package: Package, folder: Path, context: Mapping[str, Any]) -> Assembly:
    """Write the cloud assembly of one deployment into the folder; the same again for the same values.

    Raises:
        DeploymentError: a rule of cdk-nag is broken and not acknowledged, or something is larger than AWS takes.
    """
    # Sizes are measured here, all of them: the library would stop at the first stack that has too many resources.
    own = {**context, "@aws-cdk/core:stackResourceLimit": 0}
    app = App(outdir=str(folder), context=own, analytics_reporting=False)
    stacks = compose(app, deployment, package)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    acknowledge(app)
    try:
        app.synth()
    except RuntimeError:
        found = _too_large(_written(deployment, folder, stacks)) or _broken_rules(folder)
        if not found:
            raise
        raise DeploymentError(found) from None
    assembly = _written(deployment, folder, stacks)
    if too_large := _too_large(assembly):
        raise DeploymentError(too_large)
    return assembly


def _written(deployment: Deployment, folder: Path, stacks: Sequence[str]) -> Assembly:
    """The templates of these stacks, and not what an earlier run left in the folder."""
    files = {stack: folder / f"{stack}.template.json" for stack in stacks}
    return Assembly(deployment, folder, {stack: json.loads(file.read_text()) for stack, file in files.items()})


def _too_large(assembly: Assembly) -> list[str]:
    return [f"{assembly.deployment.name}: {problem}" for problem in sizes.problems(assembly.rendering)]


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
    stacks += [*rotations, WatchStack(app, deployment, foundation.topics, foundation.secrets_key_arn, rotations)]
    if deployment.notifications.slack is not None:
        stacks.append(ChatStack(app, deployment, deployment.notifications.slack, foundation.topics.chat))
    for stack in stacks:
        # Whoever deploys a file of another name over it is told whose it was. An output and not the template's
        # metadata: CloudFormation takes a change of that alone for none.
        CfnOutput(stack, DEPLOYMENT_FILE, value=deployment.name, description="The deployment file that it is from")
    return [stack.stack_name for stack in stacks]


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
