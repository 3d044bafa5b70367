"""How many vaults a rotation stack serves, and which are given more."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

# What keeps a role's inline policies under IAM's 10,240 characters: `check_vaults` takes 1,000 to 1,300 a vault with
# names of ordinary length, up to 1,700 with long ones. Sizes are measured at synth all the same.
VAULTS_PER_STACK: Final = 5


def crowded(chosen: Iterable[int]) -> Mapping[int, str]:
    """What is wrong with each rotation stack that more vaults choose than it holds, by its number."""
    return {
        number: f"rotation_stack = {number} is chosen by {count} vaults, and a rotation stack holds "
        f"{VAULTS_PER_STACK}; choose another number for some"
        for number, count in sorted(Counter(chosen).items())
        if count > VAULTS_PER_STACK
    }
