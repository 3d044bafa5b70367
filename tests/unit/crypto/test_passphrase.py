"""New passphrases (SPEC 2.6)."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.crypto.passphrase import generate


@given(st.binary(min_size=32, max_size=32))
def test_a_passphrase_is_44_printable_ascii_characters_and_holds_all_the_randomness(entropy: bytes) -> None:
    passphrase = generate(lambda _size: entropy).reveal()
    assert len(passphrase) == 44
    assert passphrase.isascii()
    assert passphrase.isprintable()
    assert passphrase.split() == [passphrase]
    assert base64.b64decode(passphrase, validate=True) == entropy


def test_the_source_is_asked_once_for_32_bytes() -> None:
    asked: list[int] = []

    def source(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    generate(source)
    assert asked == [32]


def test_two_passphrases_of_the_operating_system_differ() -> None:
    assert generate(os.urandom) != generate(os.urandom)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_source_that_gives_another_number_of_bytes_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"gave {size} bytes instead of 32"):
        generate(lambda _size: bytes(size))


def test_what_is_generated_shows_nothing() -> None:
    assert repr(generate(bytes)) == "<redacted>"
