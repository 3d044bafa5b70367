"""Which rotation stack serves which vault.

A vault must not wander: its old stack would cancel the rotation that its new stack has just set up. What the file says
(`rotation_stack`) holds; the others are placed in the order of the file, so that appending moves nobody. `make deploy`
refuses whatever would move a vault all the same.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment

# What keeps a role's inline policies under IAM's 10,240 characters: `check_vaults` takes 1,000 to 1,300 a vault with
# names of ordinary length, up to 1,700 with long ones. Sizes are measured at synth all the same.
VAULTS_PER_STACK: Final = 5


def placed(deployment: Deployment) -> Mapping[str, int]:
    """The number of the rotation stack for each vault's id; 1 is the first.

    Raises:
        DeploymentError: the file puts more vaults into one stack than it holds.
    """
    chosen = {vault.id: vault.rotation_stack for vault in deployment.vaults if vault.rotation_stack is not None}
    taken = Counter(chosen.values())
    crowded = sorted(number for number, count in taken.items() if count > VAULTS_PER_STACK)
    if crowded:
        raise DeploymentError(
            [
                f"{deployment.name}: rotation_stack = {number} is chosen by {taken[number]} vaults, "
                f"a rotation stack holds {VAULTS_PER_STACK}: choose another number for some"
                for number in crowded
            ]
        )
    numbers = dict(chosen)
    number = 1
    for vault in deployment.vaults:
        if vault.id in numbers:
            continue
        while taken[number] >= VAULTS_PER_STACK:
            number += 1
        numbers[vault.id] = number
        taken[number] += 1
    return numbers
