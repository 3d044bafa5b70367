"""Whether a value is what its secret needs, and how it is told without being shown; no request is made here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdk.config.model import Vault
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.blob_envelope import TRAILING_WHITE_SPACE, looks_like_blob
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.refused import bad_input
from vsync_rotation_cli.seed.agreement import disagreements
from vsync_rotation_cli.seed.missing import Slot

UNDRESSED: Final = "give what stands behind the =, without quotes"
# As env files and shells have them. A passphrase may look like that by chance.
_DRESSED: Final = re.compile(r"""\s*(export\s|VSYNC_[A-Z]+=|(["'`]).*\2\s*$)""", re.DOTALL)
_FORMS: Final[Mapping[Slot, str]] = {
    Slot.CONFIG: "give the blob as vsync made it, or a location: its JSON object without the two credential fields",
    Slot.PASSPHRASE: "give the passphrase and nothing else",
    Slot.WRITER: "give JSON with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
}

# Secrets Manager: a value has at most so many bytes.
_MAX_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Value:
    """A value that may be stored.

    Attributes:
        text: as it will be stored.
        config: what a config secret's value says; None for the others.
        told: what kind of value it is, for a person.
    """

    text: SecretText
    config: ConfigBlob | Location | None
    told: str


def checked(vault: Vault, slot: Slot, text: SecretText) -> Value:
    """The value, once it is sure to be one.

    Raises:
        RefusedError: it is none, or disagrees with the deployment file; no part of a secret is repeated.
    """
    where = f"{vault.id}, {slot}"
    try:
        match slot:
            case Slot.CONFIG:
                return _config(vault, where, text)
            case Slot.PASSPHRASE:
                return _passphrase(where, text)
            case Slot.WRITER:
                return _writer(where, text)
    except RotationError as error:
        # Their remedies are for what is stored, and nothing is stored yet.
        problem = f"{error.what}; {_FORMS[slot]}"
    # Outside the block above, so that no parser's exception with what it parsed becomes this one's context.
    raise bad_input(f"{where}: {problem}")


def is_dressed(text: SecretText) -> bool:
    """Whether it looks like a line of an env file, or stands in quotes."""
    return _DRESSED.match(text.reveal()) is not None


def _config(vault: Vault, where: str, text: SecretText) -> Value:
    bare = _bare(text)
    _require_undressed(where, bare)
    if not bare.reveal().startswith(("{", "vsync-cfg-v")):
        raise bad_input(f"{where}: this is neither a blob (vsync-cfg-v1:...) nor a location (JSON)")
    value = parse_key_secret(bare)
    if isinstance(value, KeyPair):
        raise bad_input(f"{where}: this is a key pair, not a vault's blob or location")
    if differences := disagreements(vault, value.config):
        raise bad_input(*(f"{where}: {difference}; correct the one that is wrong" for difference in differences))
    if isinstance(value, ConfigBlob):
        return Value(bare, value, f"a blob with access key {value.credentials.access_key_id}")
    if vault.key is None:
        raise bad_input(
            f"{where}: a location becomes a blob when its key first rotates, and this vault's does not "
            "(the store is not AWS): give the blob"
        )
    return Value(bare, value, "a location; the first rotation makes the first key")


def _passphrase(where: str, text: SecretText) -> Value:
    problem = _passphrase_problem(text.reveal())
    if problem:
        raise bad_input(f"{where}: {problem}")
    return Value(text, None, "the passphrase")


def _writer(where: str, text: SecretText) -> Value:
    bare = _bare(text)
    _require_undressed(where, bare)
    value = parse_key_secret(bare)
    if not isinstance(value, KeyPair):
        raise bad_input(f"{where}: {_FORMS[Slot.WRITER]}")
    return Value(bare, None, f"a key pair, {value.credentials.access_key_id}")


def _require_undressed(where: str, text: SecretText) -> None:
    if is_dressed(text):
        raise bad_input(f"{where}: this is a line of an env file, or in quotes; {UNDRESSED}")


def _bare(text: SecretText) -> SecretText:
    """Without a file's or a terminal's last line end, which nobody meant and which must not be stored (SPEC 5.2)."""
    return SecretText(text.reveal().strip(TRAILING_WHITE_SPACE))


def _passphrase_problem(plain: str) -> str | None:
    if not plain:
        return "it is empty"
    if plain != plain.strip():
        return "it begins or ends in white space or a line end, with which the vault would not open: remove that"
    if not plain.isprintable():
        return "it holds a control character"
    if looks_like_blob(plain) or plain.startswith("{"):
        return "this is a blob or JSON, not a passphrase"
    if len(plain.encode("utf-8", "surrogatepass")) > _MAX_BYTES:
        return f"it has more than {_MAX_BYTES} bytes"
    return None
