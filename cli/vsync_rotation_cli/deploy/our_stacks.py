"""Which of an account's stacks are a deployment's own: by their names, and by what their templates say.

A name alone proves nothing: another deployment's prefix may begin with this one's, and anybody may call a stack so.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from cdk import names
from cdk.config.model import Deployment
from vsync_rotation_cli.aws.stacks import StackGoneError, Stacks, Template
from vsync_rotation_cli.deploy.templates import origin

_DESCRIBED: Final = "vsync rotation: "
# As cdk/stacks/vault.py describes it; the stack's name follows from the vault's id.
_VAULT: Final = re.compile(rf"{_DESCRIBED}vault (\S+)/(\S+)\. Survives.*")
# Of these nothing was made yet, or nothing is left.
_NOTHING_YET: Final = "REVIEW_IN_PROGRESS"
_FAILED_AT_FIRST: Final = "ROLLBACK_COMPLETE"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The stacks of a deployment, as they are.

    Attributes:
        templates: of the stacks in which something is.
        failed: the ids of stacks whose first creation failed, by name: nothing is in them, and they cannot be updated.
        statuses: of both.
        strangers: somebody else's stacks that are called as one of ours might be.
    """

    templates: Mapping[str, Template]
    failed: Mapping[str, str]
    statuses: Mapping[str, str]
    strangers: frozenset[str]


@dataclass(frozen=True, slots=True)
class OurStacks:
    """Those of one deployment."""

    deployment: Deployment

    def find(self, stacks: Stacks) -> Deployed:
        """Look at every stack that is called as one of ours might be."""
        statuses = {
            name: status
            for name, status in stacks.statuses().items()
            if self._may_be_ours(name) and status != _NOTHING_YET
        }
        found = {}
        for name in statuses:
            with suppress(StackGoneError):
                found[name] = stacks.template(name)
        ours = {
            name: template for name, template in found.items() if template is not None and self._is_ours(name, template)
        }
        failed = {name for name in ours if statuses[name] == _FAILED_AT_FIRST}
        ids = stacks.failed_at_first() if failed else {}
        return Deployed(
            templates={name: template for name, template in ours.items() if name not in failed},
            failed={name: ids[name] for name in failed & ids.keys()},
            statuses={name: statuses[name] for name in ours},
            strangers=frozenset(found.keys() - ours.keys()),
        )

    def number(self, stack: str) -> int | None:
        """The number of a rotation stack; None for others."""
        found = re.fullmatch(rf"{self._prefix}rotation-([1-9][0-9]*)", stack)
        return int(found[1]) if found else None

    def was_left(self, stack: str) -> bool:
        """Whether it is a stack of a vault that is not in the deployment file."""
        wanted = {names.vault_stack(self.deployment, vault) for vault in self.deployment.vaults}
        return self._may_be_a_vaults(stack) and stack not in wanted

    @property
    def _prefix(self) -> str:
        return re.escape(f"{self.deployment.stack_prefix}-")

    def _may_be_ours(self, stack: str) -> bool:
        alone = (names.foundation_stack, names.watch_stack, names.chat_stack)
        return (
            stack in {name(self.deployment) for name in alone}
            or self.number(stack) is not None
            or self._may_be_a_vaults(stack)
        )

    def _may_be_a_vaults(self, stack: str) -> bool:
        return re.fullmatch(rf"{self._prefix}vault-[A-Za-z0-9-]+-[0-9a-f]{{6}}", stack) is not None

    def _is_ours(self, stack: str, template: Template) -> bool:
        if self._may_be_a_vaults(stack):
            return stack == self._described(template)
        return origin(template) is not None or _description(template).startswith(_DESCRIBED)

    def _described(self, template: Template) -> str | None:
        """What the stack is called here whose template this is; None where it is no vault's."""
        found = vault_described(template)
        if found is None:
            return None
        # Every name follows from repo and env alone, whatever else a vault has.
        repo, env = found
        return names.vault_stack(self.deployment, replace(self.deployment.vaults[0], repo=repo, env=env))


def vault_described(template: Template) -> tuple[str, str] | None:
    """Repo and env of the vault whose own stack this is; None where it is no vault's."""
    found = _VAULT.fullmatch(_description(template))
    return (found[1], found[2]) if found else None


def _description(template: Template) -> str:
    return str(template.get("Description", ""))
