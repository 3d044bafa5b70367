"""What people are told of each event: one sentence, filled in by EventBridge, in plain text and for the chat.

`<name>` stands for a field. No message names a value of a secret: no event has one.

See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cdk.names import EVENT_SOURCE, KEY_KIND, PASSPHRASE_KIND, rotation_stacks

_FIELD: Final = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence about one kind of event.

    Attributes:
        name: what the rule is called, in the words of a construct.
        pattern: which events it is about.
        text: the sentence; `<field>` is filled in.
        paths: where fields are in the event; those not listed are in its detail, under their own names.
        title: the chat message's first line.
        alarming: somebody has to look: the rule has an alarm.
    """

    name: str
    pattern: Mapping[str, Any]
    text: str
    title: str
    paths: Mapping[str, str] = field(default_factory=dict)
    alarming: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """Each field of the sentence with its JSON path."""
        return {name: self.paths.get(name, f"$.detail.{name}") for name in _FIELD.findall(self.text)}

    @property
    def plain(self) -> str:
        """The template of a mail: one JSON string."""
        return json.dumps(self.text)

    @property
    def chat(self) -> str:
        """The template of a chat message, in the form that Amazon Q Developer in chat applications takes.

        See: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
        """
        return json.dumps(
            {
                "version": "1.0",
                "source": "custom",
                "content": {"textType": "client-markdown", "title": self.title, "description": self.text},
            }
        )


def _ours(detail_type: str, text: str, *, kind: str | None = None, alarming: bool = False) -> Message:
    pattern: dict[str, Any] = {"source": [EVENT_SOURCE], "detail-type": [detail_type]}
    name = detail_type.title().replace(" ", "")
    if kind is not None:
        pattern["detail"] = {"kind": [kind]}
        name = f"{'Key' if kind == KEY_KIND else 'Passphrase'}{name}"
    return Message(name=name, pattern=pattern, text=text, title=f"vsync: {detail_type}", alarming=alarming)


def told_by(stack_prefix: str) -> Iterator[Message]:
    """The messages of this deployment's functions, and of whatever says nothing of whose it is.

    The account may have other deployments, whose people hear of theirs. Rotation stacks are named by how their names
    begin, first digit included, so that no pattern grows with their number, nor takes a longer prefix for this one.
    """
    own = [{"prefix": f"{rotation_stacks(stack_prefix)}{digit}"} for digit in range(1, 10)]
    whose = [{"served_by": own}, {"served_by": [{"exists": False}]}]
    for message in MESSAGES:
        detail = {**message.pattern.get("detail", {}), "$or": whose}
        yield replace(message, pattern={**message.pattern, "detail": detail})


# Every event of this project but `Consumers Restarting`, which only asks a function to go on.
MESSAGES: Final = (
    _ours(
        "Rotation Finished",
        "<env> access key of <repo> rotated: <access_key_id> is current. Superseded, in its overlap: "
        "<superseded_access_key_id> (<secret_name>).",
        kind=KEY_KIND,
    ),
    _ours(
        "Rotation Finished",
        "<env> passphrase of <repo> rotated, gen <prev_gen> -> <gen>, race window <race_window_ms> ms. "
        "Laptops need the new passphrase before their next push (<secret_name>).",
        kind=PASSPHRASE_KIND,
    ),
    _ours("Rotation Step Failed", "<step> of <secret_name> failed: <error>: <message>", alarming=True),
    _ours("Key Deactivated", "Access key <access_key_id> of <iam_user> deactivated (<secret_name>): <reason>"),
    _ours("Key Deleted", "Access key <access_key_id> of <iam_user> deleted (<secret_name>): <reason>"),
    _ours("Orphan Key Deleted", "Access key <access_key_id> of <iam_user> deleted, nobody had it: <reason>"),
    _ours(
        "Superseded Key Still In Use",
        "Superseded access key <access_key_id> of <iam_user> is past its overlap and still in use: <last_used_service> "
        "in <last_used_region> at <last_used_at>. Find who uses it and restart it (<secret_name>).",
        alarming=True,
    ),
    _ours(
        "Superseded Key Held",
        "Superseded access key <access_key_id> of <iam_user> is past its overlap and held: <reason> (<secret_name>).",
    ),
    _ours(
        "Key Reactivated",
        "Access key <access_key_id> of <iam_user> was deactivated at <deactivated_at> and is Active again; it is left "
        "to you (<secret_name>).",
        alarming=True,
    ),
    _ours(
        "Key In Use Inactive",
        "Access key <access_key_id> of <iam_user> is in use and Inactive: applications cannot start with it. Activate "
        "it, or rotate (<secret_name>).",
        alarming=True,
    ),
    _ours(
        "Key In Use Missing",
        "Access key <access_key_id> of <iam_user> is in use and was deleted: applications cannot start with it. Rotate "
        "<secret_name> now.",
        alarming=True,
    ),
    _ours(
        "Unmanaged Key Found",
        "<iam_user> has access key <access_key_id>, which no version of <secret_name> explains; rotations are "
        "refused while it is there. Find out whose it is, then delete it or leave it.",
        alarming=True,
    ),
    _ours(
        "Vault Drift Detected",
        "Vault of <secret_name>, <layout> layout: <reason>. Applications may not start. opens-with-previous: a laptop "
        "pushed with the old passphrase, push again with the new one; otherwise look into the log of check_vaults.",
        alarming=True,
    ),
    _ours("Vault Well Again", "Vault of <secret_name> is well again (<layout>): <reason> is gone."),
    _ours("Torn Rotation Completed", "A torn rotation of <secret_name> was completed, gen <gen>."),
    _ours(
        "Rotation Stuck",
        "The rotation of <secret_name> has been pending since <pending_since>. Rotate again: that retries it.",
        alarming=True,
    ),
    _ours(
        "Rotation Overdue",
        "<secret_name> should have rotated at <next_rotation_at> and has not. The last failed step says why; rotate it "
        "by hand to try again.",
        alarming=True,
    ),
    _ours(
        "Consumers Restarted", "Consumers of <secret_name> restarted: <restarted>; failed: <failed>.", alarming=False
    ),
    _ours(
        "Consumer Straggling",
        "<consumer> does not run on the new value of <secret_name> yet: it says <status>, gen <gen>.",
    ),
)
