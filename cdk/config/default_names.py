"""What secrets and users of a vault are called where the file adopts none."""

import hashlib
from typing import Final

# IAM: user names have at most 64 characters.
_LONGEST_USER_NAME: Final = 64
_DIGEST: Final = 6


def config_secret_name(repo: str, env: str) -> str:
    """The default name of the secret with the blob."""
    return f"{repo}/{env}/VSYNC_CONFIG"


def passphrase_secret_name(repo: str, env: str) -> str:
    """The default name of the secret with the passphrase."""
    return f"{repo}/{env}/VSYNC_PASSPHRASE"


def writer_secret_name(repo: str, env: str) -> str:
    """The default name of the secret with credentials that may write another store's bucket."""
    return f"{repo}/{env}/VSYNC_WRITER"


def reader_user_name(repo: str, env: str) -> str:
    """The default name of the user whose key the blob holds. A file in which two vaults would share one is refused."""
    name = f"vsync-{repo.replace('/', '.')}-{env}-reader"
    if len(name) <= _LONGEST_USER_NAME and "/" not in repo:
        return name
    digest = hashlib.sha256(f"{repo}/{env}".encode()).hexdigest()[:_DIGEST]
    return f"{name[: _LONGEST_USER_NAME - _DIGEST - 1]}-{digest}"
