"""The functions, deployed to the embedded AWS as they are deployed to the real one: by their handlers."""

import pytest

from check_vaults.handler import lambda_handler as check_vaults
from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.world import World


@pytest.fixture
def key_function(world: World) -> str:
    """The ARN of the function that rotates IAM access keys."""
    return world.deploy("rotate_iam_access_key", rotate_iam_access_key)


@pytest.fixture
def passphrase_function(world: World) -> str:
    """The ARN of the function that rotates vault passphrases."""
    return world.deploy("rotate_vault_passphrase", rotate_vault_passphrase)


@pytest.fixture
def retire_function(world: World) -> str:
    """The ARN of the function that retires superseded keys."""
    return world.deploy("retire_iam_access_keys", retire_iam_access_keys)


@pytest.fixture
def check_function(world: World) -> str:
    """The ARN of the function that checks vaults and their rotations."""
    return world.deploy("check_vaults", check_vaults)
