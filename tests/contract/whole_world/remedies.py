"""A person who does what the errors say: the documented way back from everything that people do in these histories."""

import re
from typing import Final

from simulator.rotation_records import Outcome, RotationRecord
from tests.contract.glance import Side
from tests.contract.operator_clients import operator
from tests.contract.passphrase_rotation import audit_key, pointers
from tests.contract.whole_world.history import History
from tests.contract.whole_world.people import ClearsPending, Pushes
from tests.contract.whole_world.promises import all_of_passphrase

_ROUNDS: Final = 8
_COMMAND: Final = re.compile(r"aws (iam|secretsmanager) ([a-z-]+)((?: --[a-z0-9-]+ [^\s,;)]+)+)")
_OPTION: Final = re.compile(r"--([a-z0-9-]+) (\S+)")
_READS: Final = frozenset({"get-access-key-last-used", "list-access-keys"})
_TAG: Final = re.compile(r"vsync-rotation:([a-z-]+(?::AKIA[A-Z0-9]+)?)")
_VERSION_TO_LABEL: Final = re.compile(r"made for version (\S+) of a secret: label that version AWSCURRENT again")


def settle(history: History) -> None:
    """Undo by the documented remedies what people did, rotate both sides, and see every promise kept."""
    history.serve()
    _set_the_log_aside(history)
    for side in Side:
        _rotate_until_it_completes(history, side)
    assert not history.ledger.entries, f"still unkept: {history.ledger.entries}"
    history.application_starts()


def _rotate_until_it_completes(history: History, side: Side) -> None:
    said: list[str] = []
    for _ in range(_ROUNDS):
        record = history.rotate(side)
        if record.outcome is Outcome.SUCCEEDED:
            return
        said.append(_without_place(record))
        obey(history, side, record, again=said[-1] in said[:-1])
    raise AssertionError("the remedies lead nowhere:\n" + "\n".join(said))


def _without_place(record: RotationRecord) -> str:
    """What failed and what is to be done, without which version it was that said so."""
    return f"{record.error}: {str(record.message).partition(': ')[2].replace(record.version_id, 'this version')}"


def obey(history: History, side: Side, record: RotationRecord, *, again: bool) -> None:
    """Do what the failure says should be done next. `again`: it has said so before, so that it did not help."""
    text = str(record.message)
    remedy = text.partition(". Next: ")[2]
    label = _VERSION_TO_LABEL.search(text)
    if label is not None and not again:
        _label(history, side, label[1])
    elif record.error == "WrongPassphraseError":
        history.person(Pushes(tuple(pointers(history.vault))))
    elif again:
        # README, "Something is stuck", 4: any pending version can be given up.
        history.person(ClearsPending(side))
    elif (tag := _TAG.search(remedy) or _TAG.search(_without_place(record))) is not None:
        _correct_tag(history, side, tag[1])
    elif not _run_commands(history, remedy):
        history.person(ClearsPending(side))


def _label(history: History, side: Side, version: str) -> None:
    secret = history.scene.secret(side)
    secret.manager.update_secret_version_stage(
        SecretId=secret.name,
        VersionStage="AWSCURRENT",
        MoveToVersionId=version,
        RemoveFromVersionId=secret.holder("AWSCURRENT"),
    )
    history.reasons.moved_current[side] = True
    # Where a rotation died between two pointers, each layout opens with another version: either label shuts one out.
    history.look_at_a_remedy(f"labelling {version}", all_of_passphrase(history.vault))


def _correct_tag(history: History, side: Side, tag: str) -> None:
    """Put one of our tags right, on the user or on the secret. `tag` without its prefix."""
    should = history.reasons.settings[side]
    if f"vsync-rotation:{tag}" in history.scene.seen.user_tags:
        history.scene.account.untag(tag)
    elif f"vsync-rotation:{tag}" in should:
        history.scene.secret(side).tag(tag, should[f"vsync-rotation:{tag}"])
    else:
        history.scene.secret(side).untag(tag)
    history.look_at_a_remedy(f"correcting {tag}")


def _run_commands(history: History, remedy: str) -> bool:
    """Run the commands a remedy prints, as a shell would. Returns whether there was any that changes something."""
    ran = False
    for service, command, options in _COMMAND.findall(remedy):
        if command in _READS or command == "rotate-secret":
            ran = ran or command == "rotate-secret"
            continue
        arguments = {_camel(name): value.rstrip(".") for name, value in _OPTION.findall(options)}
        getattr(operator(history.world, service), command.replace("-", "_"))(**arguments)
        ran = True
    history.look_at_a_remedy(remedy)
    return ran


def _camel(option: str) -> str:
    return "".join(part.capitalize() for part in option.split("-"))


def _set_the_log_aside(history: History) -> None:
    if history.reasons.log_damaged:
        history.vault.laptop.s3.delete_object(Bucket=history.vault.bucket, Key=audit_key(history.vault))
        history.reasons.log_damaged = False
        history.look_at_a_remedy("setting the audit log aside")
