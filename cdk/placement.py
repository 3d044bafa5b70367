"""Which rotation stack serves which vault.

A vault must not wander: its old stack would cancel the rotation that its new stack has just set up. What the file says
(`rotation_stack`) holds; the others are placed in the order of the file, so that appending moves nobody. `make deploy`
refuses whatever would move a vault all the same.
"""

from collections import Counter
from collections.abc import Mapping

from cdk.config.crowds import VAULTS_PER_STACK
from cdk.config.model import Deployment


def placed(deployment: Deployment) -> Mapping[str, int]:
    """The number of the rotation stack for each vault's id; 1 is the first. No file that was read crowds one."""
    chosen = {vault.id: vault.rotation_stack for vault in deployment.vaults if vault.rotation_stack is not None}
    taken = Counter(chosen.values())
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
