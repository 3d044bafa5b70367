"""What a blob says about a vault: where it is and how its key is derived (SPEC 5.6)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.formats.field_reader import FieldReader

BLOB_VERSION: Final = 1
ACCESS_KEY_ID: Final = "accessKeyId"
SECRET_ACCESS_KEY: Final = "secretAccessKey"  # noqa: S105 - a field's name
LOCATION_FIELDS: Final[Sequence[str]] = ("endpoint", "region", "bucket", "prefix", "env", "salt", "iterations")

# Below, a leaked bundle is guessed cheaply; above, one derivation outlasts a Lambda's patience.
MIN_ITERATIONS: Final = 1_000
MAX_ITERATIONS: Final = 10_000_000
MAX_PREFIX_BYTES: Final = 512  # S3 keys end at 1,024; the rest is room for what stands behind the prefix
MIN_SALT_CHARACTERS: Final = 16

_REGION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,254}")
_ENV: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SALT: Final = re.compile(rf"[^\x00-\x1f\x7f\ud800-\udfff]{{{MIN_SALT_CHARACTERS},1024}}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """Where a vault is.

    Attributes:
        endpoint: the S3 endpoint.
        region: for signing.
        bucket: its name.
        prefix: empty, or ends in "/".
        env: as written; keys of the CLI layout use it in lower case.
    """

    endpoint: Endpoint
    region: str
    bucket: str
    prefix: str
    env: str


@dataclass(frozen=True, slots=True)
class VaultConfig(VaultPlace):
    """A vault's place and the parameters of its key.

    Attributes:
        salt: its UTF-8 bytes are PBKDF2's salt, whatever it looks like.
        iterations: of PBKDF2, 1,000 to 10,000,000.
    """

    salt: str = field(repr=False)
    iterations: int


def check_form(fields: FieldReader) -> None:
    """Check that every field of a location is there and of its form; nothing about what we allow beyond that.

    Raises:
        RotationError: of the reader's class.
    """
    fields.require(LOCATION_FIELDS)
    if not fields.string("endpoint"):
        raise fields.refused(f"the field endpoint of {fields.what} is empty")
    fields.matching("region", _REGION, "at most 64 letters, digits, dots, hyphens or underscores")
    fields.matching("bucket", _BUCKET, "3 to 255 letters, digits, dots, hyphens or underscores")
    fields.matching("env", _ENV, "at most 64 letters, digits, dots, hyphens or underscores")
    fields.matching("salt", _SALT, f"at least {MIN_SALT_CHARACTERS} characters without control characters")
    fields.string("prefix")
    fields.integer("iterations")


def read_vault_config(fields: FieldReader) -> VaultConfig:
    """Read a location's fields, first their form, then what is allowed.

    Raises:
        RotationError: of the reader's class, where the form is wrong.
        SettingsError: endpoint, prefix or iterations are well formed and not allowed.
    """
    check_form(fields)
    return VaultConfig(
        endpoint=Endpoint.parse(fields.string("endpoint")),
        region=fields.string("region"),
        bucket=fields.string("bucket"),
        prefix=_allowed_prefix(fields.string("prefix")),
        env=fields.string("env"),
        salt=fields.string("salt"),
        iterations=_allowed_iterations(fields.integer("iterations")),
    )


def _allowed_prefix(prefix: str) -> str:
    """A prefix that cannot name a neighbour's objects: `web` would, since policies open `web*` (SPEC 5.7)."""
    problem = _prefix_problem(prefix)
    if problem:
        raise SettingsError(
            f"the field prefix {problem}",
            remedy="correct the prefix in the config secret; the usual form is <repo>/<env>/",
        )
    return prefix


def _prefix_problem(prefix: str) -> str | None:
    if _CONTROL.search(prefix):
        return "holds a control character"
    if len(prefix.encode("utf-8")) > MAX_PREFIX_BYTES:
        return f"has more than {MAX_PREFIX_BYTES} bytes"
    if prefix.startswith("/"):
        return "begins with a slash"
    if prefix and not prefix.endswith("/"):
        return "does not end in a slash"
    return None


def _allowed_iterations(iterations: int) -> int:
    if not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS:
        raise SettingsError(
            f"the field iterations is outside {MIN_ITERATIONS:,} to {MAX_ITERATIONS:,}",
            remedy="correct the iterations in the config secret; vsync itself uses 600,000",
        )
    return iterations
