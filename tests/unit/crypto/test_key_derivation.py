"""The bundle key (SPEC 2.4)."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.errors import SettingsError, WrongPassphraseError
from vsync_rotation.redacted import SecretText

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@settings(deadline=None)
@given(texts, texts, st.integers(1, 20))
def test_the_key_is_what_a_second_implementation_derives(passphrase: str, salt: str, iterations: int) -> None:
    expected = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt.encode(), iterations, 32)
    assert derive_key(SecretText(passphrase), salt=salt, iterations=iterations).reveal() == expected


def test_a_salt_that_looks_like_base64_is_not_decoded() -> None:
    salt = base64.b64encode(b"sixteen bytes here").decode("ascii")
    as_text = hashlib.pbkdf2_hmac("sha256", b"p", salt.encode("ascii"), 5, 32)
    assert derive_key(SecretText("p"), salt=salt, iterations=5).reveal() == as_text


def test_a_passphrase_without_a_utf8_form_opens_nothing() -> None:
    with pytest.raises(WrongPassphraseError, match="surrogate") as caught:
        derive_key(SecretText("marker\ud800"), salt="salt", iterations=1)
    assert "marker" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_salt_without_a_utf8_form_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="surrogate") as caught:
        derive_key(SecretText("p"), salt="marker\ud800", iterations=1)
    assert "marker" not in str(caught.value)
    assert caught.value.__context__ is None
