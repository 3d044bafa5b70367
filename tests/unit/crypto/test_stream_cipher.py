"""AES-256-GCM as a stream (SPEC 2.5)."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.crypto.stream_cipher import Decryptor, Encryptor
from vsync_rotation.errors import WrongPassphraseError
from vsync_rotation.redacted import SecretBytes

KEY = SecretBytes(bytes(range(32)))
IV = bytes(range(12))

chunks = st.lists(st.binary(max_size=50), max_size=6)


@given(chunks)
def test_chunks_encrypt_to_what_a_one_shot_cipher_makes(plaintext: list[bytes]) -> None:
    encryptor = Encryptor(KEY, IV)
    ciphertext = [encryptor.update(chunk) for chunk in plaintext]
    assert [len(chunk) for chunk in ciphertext] == [len(chunk) for chunk in plaintext]
    whole = AESGCM(KEY.reveal()).encrypt(IV, b"".join(plaintext), None)
    assert b"".join(ciphertext) + encryptor.tag() == whole


@given(chunks)
def test_chunks_decrypt_and_the_tag_holds(ciphertext: list[bytes]) -> None:
    encryptor = Encryptor(KEY, IV)
    sealed = [encryptor.update(chunk) for chunk in ciphertext]
    decryptor = Decryptor(KEY, IV)
    assert [decryptor.update(chunk) for chunk in sealed] == ciphertext
    decryptor.verify(encryptor.tag())


@pytest.mark.parametrize(
    ("key", "iv", "tag_change"),
    [(bytes(32), IV, 0), (KEY.reveal(), bytes(12), 0), (KEY.reveal(), IV, 1)],
    ids=["another key", "another iv", "another tag"],
)
def test_another_key_iv_or_tag_is_a_wrong_passphrase(key: bytes, iv: bytes, tag_change: int) -> None:
    encryptor = Encryptor(KEY, IV)
    ciphertext = encryptor.update(b"payload")
    tag = encryptor.tag()
    decryptor = Decryptor(SecretBytes(key), iv)
    decryptor.update(ciphertext)
    with pytest.raises(WrongPassphraseError) as caught:
        decryptor.verify(tag[:-1] + bytes([tag[-1] ^ tag_change]))
    assert caught.value.__context__ is None
    assert "does not open the bundle" in caught.value.what
