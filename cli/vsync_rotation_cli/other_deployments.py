"""Whose a function is, by its name: every vsync deployment gives its functions names of one form."""

import re
from typing import Final

from cdk.names import FUNCTIONS

# As cdk.names.function_name has it, for any deployment.
_FUNCTION: Final = re.compile(rf"(.+)-[1-9][0-9]*-(?:{'|'.join(FUNCTIONS)})")


def stack_prefix_of(function_name: str) -> str | None:
    """The stack_prefix of the vsync deployment that has a function of this name; None where it is anybody else's."""
    found = _FUNCTION.fullmatch(function_name)
    return found[1] if found else None
