"""A value from standard input: bounded, as text, and never from the keyboard."""

from typing import Final, TextIO

from vsync_rotation.formats.blob_envelope import MAX_ENCODED_CHARACTERS
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.decode.bad_input import BadInputError

MAX_BYTES: Final = MAX_ENCODED_CHARACTERS  # Secrets Manager holds no more either
_LINE_END: Final = 2  # an editor's CR LF behind a value of the full size

_HOW: Final = "give it a value: vsync-rotation decode < blob.txt, or name a secret with --secret-id"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def read(stream: TextIO | None) -> SecretText:
    """All of the stream.

    Raises:
        BadInputError: a terminal, nothing, too much, or not text.
    """
    if stream is None:
        raise BadInputError("standard input is closed", remedy=_HOW)
    if stream.isatty():
        raise BadInputError("standard input is a terminal, and a typed value would stay on the screen", remedy=_HOW)
    return SecretText(_text(_bytes(stream)))


def _bytes(stream: TextIO) -> bytes:
    try:
        data = stream.buffer.read(MAX_BYTES + _LINE_END + 1)
    except OSError as problem:
        raise BadInputError(f"standard input cannot be read ({type(problem).__name__})", remedy=_HOW) from None
    if len(data) > MAX_BYTES + _LINE_END:
        raise BadInputError(f"the input has more than {MAX_BYTES} bytes, so it is no secret's value", remedy=_HOW)
    if not data.strip():
        raise BadInputError("standard input is empty", remedy=_HOW)
    return data


def _text(data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARK):
        raise BadInputError("the input begins with a byte order mark", remedy="save it as UTF-8 without one")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        offset = problem.start
    # Outside the block above: the codec's exception carries all the bytes and must not be this one's context.
    raise BadInputError(f"the input is not UTF-8 text at byte {offset}", remedy=_HOW)
