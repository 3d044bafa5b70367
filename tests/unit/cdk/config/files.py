"""Deployment files for tests: one that is good, and what is changed in it."""

from pathlib import Path
from typing import Final

import pytest

from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment
from cdk.config.reading import read

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-central-1"
HERE: Final = f"{REGION}:{ACCOUNT}"
OTHER_STORE: Final = 'endpoint = "https://storage.example"\n'


def secret_arn(name: str) -> str:
    """The full ARN of a secret of the account."""
    return f"arn:aws:secretsmanager:{HERE}:secret:{name}-Ab12Cd"


def text(*, top: str = "", vault: str = "", more: str = "", named: str = 'repo = "acme_web"\nenv = "prod"') -> str:
    """A good file with one vault on S3, nothing protected; with these lines more."""
    return f"""
account = "{ACCOUNT}"
region = "{REGION}"
{top if "protect_reading" in top else f"protect_reading = false{chr(10)}{top}"}
[[vaults]]
{named}
bucket = "acme-vaults"
{vault}
{more}
"""


class Folder:
    """A folder for deployment files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, content: str, name: str = "test") -> Path:
        """A file with this content."""
        file = self.path / f"{name}.toml"
        file.write_text(content, encoding="utf-8")
        return file

    def read(self, content: str) -> Deployment:
        """The deployment that a file of this content describes."""
        return read(self.write(content))

    def problems(self, content: str) -> list[str]:
        """Every problem of a file of this content, without the file's name; there is one, and each is one line."""
        file = self.write(content)
        with pytest.raises(DeploymentError) as caught:
            read(file)
        problems = caught.value.problems
        assert all(problem.startswith(f"{file}: ") for problem in problems)
        assert str(caught.value).splitlines() == list(problems)
        return [problem.removeprefix(f"{file}: ") for problem in problems]
