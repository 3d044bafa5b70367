"""The rotation functions, deployed as the contract suite deploys them."""

from tests.contract.conftest import key_function, passphrase_function

__all__ = ["key_function", "passphrase_function"]
