"""What a folder's docstring says its role needs is what the role is given."""

import re
from importlib import import_module
from typing import Final

import pytest

from cdk.names import FUNCTIONS
from cdk.packaging.package import ROOT
from tests.infrastructure.privilege.actions import NEEDED

# Actions as a docstring names them: words with a capital inside, and these.
ACTION: Final = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b|\bDecrypt\b")
CONSUMERS: Final = ROOT / "docs" / "consumers.md"


def documented(folder: str) -> set[str]:
    text = str(import_module(folder).__doc__)
    needs = text[text.index("Its role needs") :].rpartition("\n\n")[0]
    found = set(ACTION.findall(needs))
    if folder == "restart_consumers":
        found |= {action.partition(":")[2] for action in re.findall(r'"([a-z]+:[A-Z]\w+)"', CONSUMERS.read_text())}
    return found


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_the_docstring_of_the_folder_lists_the_actions_of_its_role(folder: str) -> None:
    given = {action.partition(":")[2] for statement in NEEDED[folder].values() for action in statement}
    assert documented(folder) == given
