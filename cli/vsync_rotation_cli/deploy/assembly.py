"""What was synthesized: the stacks by name, as the construct library left them in a folder.

See: https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (cloud assembly)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.refused import RefusedError

_STACK: Final = "aws:cloudformation:stack"


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly.

    Attributes:
        folder: where it lies.
        templates: by stack name.
        bootstrap_version: the least version of the bootstrap stack that deploying it takes; 0 where it takes any.
    """

    folder: Path
    templates: Mapping[str, Template]
    bootstrap_version: int


def read(folder: Path) -> Assembly:
    """Read what lies there.

    Raises:
        RefusedError: it is no cloud assembly.
    """
    try:
        artifacts: Mapping[str, Any] = _json(folder / "manifest.json")["artifacts"]
        stacks = {
            artifact["properties"].get("stackName", artifact_id): artifact["properties"]
            for artifact_id, artifact in artifacts.items()
            if artifact["type"] == _STACK
        }
        return Assembly(
            folder=folder,
            templates={name: _json(folder / stack["templateFile"]) for name, stack in stacks.items()},
            bootstrap_version=max(
                (stack.get("requiresBootstrapStackVersion", 0) for stack in stacks.values()), default=0
            ),
        )
    except (OSError, ValueError, KeyError) as problem:
        raise RefusedError(
            f"{folder} holds no cloud assembly ({type(problem).__name__}); make synth makes it"
        ) from None


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
