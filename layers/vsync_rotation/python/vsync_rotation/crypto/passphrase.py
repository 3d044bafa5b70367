"""New passphrases."""

import base64
from collections.abc import Callable
from typing import Final

from vsync_rotation.redacted import SecretText

ENTROPY_BYTES: Final = 32  # 256 bits: guessing is hopeless whatever the iteration count


def generate(random: Callable[[int], bytes]) -> SecretText:
    """Base64 of 32 random bytes: 44 printable ASCII characters, no white space (SPEC 2.6).

    Args:
        random: the operating system's generator; takes a number of bytes.

    Raises:
        ValueError: the source gave another number of bytes. A short passphrase is never made of it.
    """
    entropy = random(ENTROPY_BYTES)
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"the source of randomness gave {len(entropy)} bytes instead of {ENTROPY_BYTES}")
    return SecretText(base64.b64encode(entropy).decode("ascii"))
