"""RQE1 as a stream: the envelope's form and its cipher put together, so that bundle size never decides memory.

At any time one chunk, and at most a header and a tag besides, is held (SPEC 2.7).
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from vsync_rotation.crypto.stream_cipher import Decryptor, Encryptor
from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.rqe1 import HEADER_SIZE, IV_SIZE, MIN_SIZE, TAG_SIZE, encode_header, parse_header
from vsync_rotation.redacted import SecretBytes


def open_envelope(chunks: Iterable[bytes], *, size: int, key: SecretBytes) -> Iterator[bytes]:
    """Decrypt an envelope chunk by chunk.

    Args:
        chunks: the whole envelope, cut anywhere.
        size: its length in bytes, as the store states it; decides where the tag begins.
        key: the derived key.

    The plaintext is unproven until the iterator is exhausted: publish nothing made of it before that.

    Raises:
        BundleCorruptError: damaged header (before the first chunk); fewer or more bytes than `size`.
        UnsupportedVersionError: another version of the envelope (before the first chunk).
        WrongPassphraseError: the tag does not hold (at the end).
    """
    source = iter(chunks) if size >= MIN_SIZE else iter(())
    head, first = _header(source)
    decryptor = Decryptor(key, parse_header(head, size=size))
    remaining = size - MIN_SIZE
    tag = b""
    for chunk in chain((first,), source):
        ciphertext, rest = chunk[:remaining], chunk[remaining:]
        if len(tag) + len(rest) > TAG_SIZE:
            raise _wrong_length(f"more than the {size} bytes stated")
        tag += rest
        remaining -= len(ciphertext)
        if ciphertext:
            yield decryptor.update(ciphertext)
    if len(tag) < TAG_SIZE:
        raise _wrong_length(f"{size - remaining - TAG_SIZE + len(tag)} of the {size} bytes stated")
    decryptor.verify(tag)


def seal_envelope(chunks: Iterable[bytes], *, key: SecretBytes, random: Callable[[int], bytes]) -> Iterator[bytes]:
    """Encrypt chunk by chunk: header, ciphertext, tag. The IV is drawn here, because a caller could repeat one.

    Args:
        chunks: the plaintext, cut anywhere.
        key: the derived key.
        random: the operating system's generator; takes a number of bytes.
    """
    return _seal_with_iv(chunks, key=key, iv=random(IV_SIZE))


def _seal_with_iv(chunks: Iterable[bytes], *, key: SecretBytes, iv: bytes) -> Iterator[bytes]:
    """The seam for conformance vectors, which state their IV."""
    yield encode_header(iv)
    encryptor = Encryptor(key, iv)
    for chunk in chunks:
        if chunk:
            yield encryptor.update(chunk)
    yield encryptor.tag()


def _header(source: Iterator[bytes]) -> tuple[bytes, bytes]:
    """The first 16 bytes (fewer where the source ends) and what its last chunk held beyond them."""
    head = b""
    for chunk in source:
        missing = HEADER_SIZE - len(head)
        head += chunk[:missing]
        if len(head) == HEADER_SIZE:
            return head, chunk[missing:]
    return head, b""


def _wrong_length(found: str) -> BundleCorruptError:
    return BundleCorruptError(
        f"the bundle's stream holds {found}",
        remedy="run the rotation again; if it fails the same way, push the vault again from a machine that opens it",
    )
