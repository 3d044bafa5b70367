"""A file of values: JSON, so that a blob, a passphrase and a location stand in it as they are.

    {"acme_web/prod": {"config": "vsync-cfg-v1:...", "passphrase": "..."},
     "acme_web/test": {"config": {"salt": "...", "iterations": 600000}, "passphrase": "..."}}

`config` is a blob, a location, or of a location only what the deployment file does not say; `writer` is a key pair.
"""

import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cdk.config.model import Vault
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.refused import RefusedError, bad_input
from vsync_rotation_cli.seed.location import completed
from vsync_rotation_cli.seed.missing import Slot
from vsync_rotation_cli.words import shown, shown_path

STANDARD_INPUT: Final = "-"
# Some hundred vaults with the largest values there can be.
_MAX_BYTES: Final = 32 * 1024 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

Given = Mapping[tuple[str, Slot], SecretText]


def read(source: str, vaults: Mapping[str, Vault]) -> Given:
    """The values, by vault and slot.

    Raises:
        RefusedError: the file cannot be read, others may read it, or it is not of this form; no value is repeated.
    """
    document = _document(_bytes(source))
    unknown = sorted(repr(shown(name)) for name in document if name not in vaults)
    if unknown:
        raise bad_input(f"the values name vaults that the deployment file has not: {', '.join(unknown)}")
    return {
        (vault_id, Slot(name)): _text(vaults[vault_id], Slot(name), value)
        for vault_id, values in document.items()
        for name, value in _slots(vault_id, values).items()
    }


def _bytes(source: str) -> bytes:
    try:
        if source == STANDARD_INPUT:
            if sys.stdin is None or sys.stdin.isatty():
                raise bad_input("standard input is a terminal, and typed values would stay on the screen; give a file")
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            _require_private(Path(source))
            with Path(source).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except OSError as problem:
        where = shown_path(Path(source))
        raise bad_input(f"the values cannot be read from {where} ({type(problem).__name__})") from None
    if len(data) > _MAX_BYTES:
        raise bad_input(f"the values have more than {_MAX_BYTES} bytes")
    return data


def _require_private(path: Path) -> None:
    """Secrets in a file that others may read are known to others; a pipe belongs to nobody else."""
    status = path.stat()
    if os.name == "posix" and stat.S_ISREG(status.st_mode) and status.st_mode & _OTHERS:
        raise bad_input(f"others than you may read or write {path}: chmod 600 {path}")


def _document(data: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except UnicodeDecodeError as problem:
        where = f"are not UTF-8 at byte {problem.start}"
    except json.JSONDecodeError as problem:
        where = f"are not JSON at line {problem.lineno}, column {problem.colno}"
    except RecursionError:
        where = "are nested too deeply"
    else:
        if isinstance(document, dict):
            return document
        where = "are not a JSON object of vaults"
    # Outside the block above: the parser's exceptions carry the whole text and must not be this one's context.
    raise bad_input(f"the values {where}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise bad_input("the values have a name twice in one object")
    return dict(pairs)


def _slots(vault_id: str, values: object) -> Mapping[str, object]:
    known = ", ".join(Slot)
    if not isinstance(values, dict) or not values:
        raise bad_input(f"{vault_id}: give an object with one or more of {known}")
    unknown = sorted(repr(shown(name)) for name in values if name not in set(Slot))
    if unknown:
        raise bad_input(f"{vault_id}: unknown name {', '.join(unknown)}; known are {known}")
    return values


def _text(vault: Vault, slot: Slot, value: object) -> SecretText:
    if isinstance(value, str):
        return SecretText(value)
    if isinstance(value, dict) and slot is Slot.CONFIG:
        return completed(vault, value)
    if isinstance(value, dict) and slot is Slot.WRITER:
        return SecretText(json.dumps(value, ensure_ascii=False))
    raise _of_wrong_type(vault, slot)


def _of_wrong_type(vault: Vault, slot: Slot) -> RefusedError:
    kinds = "text" if slot is Slot.PASSPHRASE else "text or an object"
    return bad_input(f"{vault.id}, {slot}: the value must be {kinds}")
