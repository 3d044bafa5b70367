"""Execution environments as Lambda keeps them: each serves one invocation at a time, and a busy one is not shared.

Within one process a handler's module would be one environment for every invocation of it, so that two at once shared
clients and the deadline these are bound by.
"""

import importlib.util
from functools import cache
from types import ModuleType
from typing import Any, Final

import check_vaults.handler
import retire_iam_access_keys.handler
import rotate_iam_access_key.handler
import rotate_vault_passphrase.handler
from simulator.world import World


class Environments:
    """All environments of one function. Called like its handler."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._made = 0
        self._idle: list[Any] = []

    def __call__(self, event: object, context: object) -> object:
        environment = self._idle.pop() if self._idle else self._one_more()
        try:
            return environment.lambda_handler(event, context)
        finally:
            self._idle.append(environment)

    def _one_more(self) -> Any:
        """The handler's module once more, with module-level state of its own; what it imports is code and shared."""
        self._made += 1
        name = f"{self._module.__name__}_environment_{self._made}"
        spec = importlib.util.spec_from_file_location(name, self._module.__file__)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


@cache
def _environments(module: ModuleType) -> Environments:
    return Environments(module)


def deploy_key_function(world: World) -> str:
    """Deploy the rotation of IAM access keys. Returns its ARN."""
    return world.deploy("rotate_iam_access_key", _environments(rotate_iam_access_key.handler))


def deploy_passphrase_function(world: World) -> str:
    """Deploy the rotation of vault passphrases. Returns its ARN."""
    return world.deploy("rotate_vault_passphrase", _environments(rotate_vault_passphrase.handler))


CHECK: Final = "check_vaults"
RETIRE: Final = "retire_iam_access_keys"


def deploy_care(world: World) -> None:
    """Deploy what looks after vaults and keys, under the names above."""
    world.deploy(CHECK, _environments(check_vaults.handler))
    world.deploy(RETIRE, _environments(retire_iam_access_keys.handler))
