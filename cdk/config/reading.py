"""Deployment files: read strictly, every problem told at once, each on one line.

A line is `<file>: <place>: <what is wrong>; <what to do>`. Entries of lists are counted from 1.
"""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cdk.config.claims import claims_in
from cdk.config.conflicts import conflicts
from cdk.config.document import read_document
from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment, Slack
from cdk.config.places import Place
from cdk.config.table import Table

_EXAMPLE: Final = "example.toml"


def read(path: Path) -> Deployment:
    """The deployment that a file describes. Reads nothing but that file (and the names beside it where it is missing).

    Raises:
        DeploymentError: the file is missing, unreadable, no TOML, or says anything that is not good.
    """
    problems: list[str] = []
    table = Table(_load(path), Place(str(path)), problems)
    deployment = read_document(path.stem, table)
    table.close()
    if problems:
        raise DeploymentError(problems)
    return deployment


def read_among(path: Path) -> tuple[Deployment, tuple[str, ...]]:
    """The deployment that a file describes, and a warning for each file beside it that cannot be compared with it.

    Raises:
        DeploymentError: as `read`; or it claims what a file beside it claims.
    """
    deployment = read(path)
    others: list[tuple[Path, Deployment]] = []
    warnings: list[str] = []
    for file in _deployments_in(path.parent):
        if file != path:
            try:
                others.append((file, read(file)))
            except DeploymentError:
                warnings.append(
                    f"{file}: is not good, so that {path.name} was not compared with it; make synth says why"
                )
    # What the others claim of each other is their own matter.
    theirs = set(_shared(others))
    problems = [line for line in _shared([*others, (path, deployment)]) if line not in theirs]
    if problems:
        raise DeploymentError(problems)
    return deployment, tuple(warnings)


def read_all(folder: Path) -> tuple[Deployment, ...]:
    """Every deployment of a folder, by the files' names; what two files must not share is looked at as well.

    The example is one as long as there is no other.

    Raises:
        DeploymentError: as `read`, for all files together; or there is none; or two files claim the same.
    """
    files = _deployments_in(folder) or _files_in(folder)
    if not files:
        raise DeploymentError([f"{folder}: has no deployment file; copy example.toml and describe your account in it"])
    problems: list[str] = []
    good: list[tuple[Path, Deployment]] = []
    for file in files:
        try:
            good.append((file, read(file)))
        except DeploymentError as error:
            problems += error.problems
    problems += _shared(good)
    if problems:
        raise DeploymentError(problems)
    return tuple(deployment for _, deployment in good)


def _shared(good: Sequence[tuple[Path, Deployment]]) -> list[str]:
    """What a later file claims that an earlier one has."""
    claimed = conflicts([claims for file, deployment in good for claims in claims_in(deployment, str(file))])
    return [*_rivals(good), *_one_channel(good), *claimed]


def _rivals(good: Sequence[tuple[Path, Deployment]]) -> list[str]:
    """Files whose stacks or roles would have the same names. IAM's names are one account's, not one region's."""
    problems = []
    taken: dict[tuple[str, str], Path] = {}
    for file, deployment in good:
        holder = taken.setdefault((deployment.account, deployment.stack_prefix), file)
        if holder is not file:
            problems.append(
                f"{file}: stack_prefix: is {deployment.stack_prefix} in {holder} too, for the same account, "
                "and roles are named after it; choose another one for either file"
            )
    return problems


def _one_channel(good: Sequence[tuple[Path, Deployment]]) -> list[str]:
    """Files with one chat channel: an account has a configuration for each channel once, whatever the region."""
    problems = []
    taken: dict[tuple[str, Slack], Path] = {}
    for file, deployment in good:
        slack = deployment.notifications.slack
        if slack is None:
            continue
        holder = taken.setdefault((deployment.account, slack), file)
        if holder is not file:
            problems.append(
                f"{file}: notifications.slack: is the channel of {holder} too, and an account can configure a channel "
                "once; choose another channel for either file, or remove the table from one"
            )
    return problems


def _load(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise DeploymentError([_missing(path)]) from None
    except OSError as error:
        raise DeploymentError([f"{path}: cannot be read: {error.strerror}; nothing was done"]) from None
    except UnicodeDecodeError:
        raise DeploymentError([f"{path}: is not UTF-8; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise DeploymentError([f"{path}: is no TOML: {error}; correct it there, example.toml shows how"]) from None
    except (RecursionError, ValueError):
        # Numbers of thousands of digits, and tables within tables within tables.
        raise DeploymentError([f"{path}: is no TOML that can be read; write it like example.toml"]) from None


def _missing(path: Path) -> str:
    if path.is_symlink():
        return f"{path}: is a link to a file that is not there; correct the link, or remove it"
    names = [file.stem for file in _files_in(path.parent)]
    if not names:
        return f"{path}: there is no such file, and no other deployment file beside it; copy example.toml to it"
    near = difflib.get_close_matches(path.stem, names, n=1)
    suggestion = f"; did you mean {near[0]}?" if near else "; name one of these"
    return f"{path}: there is no such file; files there: {', '.join(names)}{suggestion}"


def _deployments_in(folder: Path) -> list[Path]:
    """All but the example: who copies it has claimed nothing by that yet."""
    return [file for file in _files_in(folder) if file.name != _EXAMPLE]


def _files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))
