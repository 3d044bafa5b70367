"""Words of the command line as they may be shown again: a blob pasted in the wrong place is such a word too."""

import re
import sys
from pathlib import Path
from typing import Final

# Longer than names are as a rule, shorter than a secret access key (40) or a passphrase that we make (44).
_LONGEST: Final = 32
_BLOB: Final = "vsync-cfg-v"
# Long words that say themselves what they are: an ARN, and a secret's name as the stacks give it.
_KNOWN: Final = re.compile(
    r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:\S+|[A-Za-z0-9_.@+=/-]+/VSYNC_(CONFIG|PASSPHRASE|WRITER)"
)


PROGRAM: Final = "vsync-rotation"


def program() -> str:
    """How this command was called, so that what is suggested can be pasted where the person is."""
    return sys.argv[0] if Path(sys.argv[0]).name == PROGRAM else PROGRAM


def shown(word: str) -> str:
    """The word, or how long it is where it may be a secret."""
    if word.startswith(_BLOB) or (len(word) > _LONGEST and not _KNOWN.fullmatch(word)):
        return f"<{len(word)} characters>"
    return word


def shown_path(path: Path) -> str:
    """The path; of a folder that is there all but the name is known to be no secret, and so is what exists."""
    if _exists(path):
        return str(path)
    if not _exists(path.parent):
        return shown(str(path))
    return str(path.parent / shown(path.name))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False  # longer than a name can be
