"""What was synthesized of one deployment file, as it lies in a folder. Knows no construct library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cdk.config.model import Deployment
from cdk.rendering import Rendering

_TEMPLATE = ".template.json"


@dataclass(frozen=True, slots=True)
class Assembly:
    """The templates of a deployment by stack name, and where they lie."""

    deployment: Deployment
    folder: Path
    templates: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, deployment: Deployment, folder: Path) -> Self:
        """Every template in the folder of a cloud assembly."""
        files = sorted(folder.glob(f"*{_TEMPLATE}"))
        templates = {file.name.removesuffix(_TEMPLATE): json.loads(file.read_text()) for file in files}
        return cls(deployment, folder, templates)

    @property
    def rendering(self) -> Rendering:
        """The templates with everything filled in that is known before they are deployed."""
        deployment = self.deployment
        return Rendering(self.templates, deployment.account, deployment.region, deployment.partition)
