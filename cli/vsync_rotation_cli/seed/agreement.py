"""Whether a value says the same as the deployment file: roles and policies are made from the file alone."""

from collections.abc import Iterator

from cdk.config.model import Vault
from vsync_rotation.aws.hosts import is_aws
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.formats.vault_config import VaultPlace

_DEFAULT_PORTS = {"https": 443, "http": 80}


def disagreements(vault: Vault, place: VaultPlace) -> tuple[str, ...]:
    """Every field in which they differ, told with both values; none of these is a secret."""
    return tuple(_differences(vault, place))


def _differences(vault: Vault, place: VaultPlace) -> Iterator[str]:
    pairs = (
        ("bucket", place.bucket, vault.store.bucket),
        ("prefix", place.prefix, vault.store.prefix),
        ("region", place.region, vault.store.region),
    )
    for field, said, filed in pairs:
        if said != filed:
            yield f"{field} is {said!r}, the deployment file says {filed!r}"
    # The CLI layout spells env in lower case, whatever the blob has.
    if place.env.lower() != vault.env.lower():
        yield f"env is {place.env!r}, the deployment file says {vault.env!r}"
    if not _same_store(vault, place):
        yield f"endpoint is {place.endpoint.url!r}, the deployment file says {vault.store.endpoint!r}"


def _same_store(vault: Vault, place: VaultPlace) -> bool:
    """AWS has several names for one store, and bucket and region say which it is; another store has one name."""
    if vault.store.is_aws:
        return is_aws(place.endpoint)
    try:
        filed = Endpoint.parse(vault.store.endpoint)
    except RotationError:
        return False
    return _address(filed) == _address(place.endpoint)


def _address(endpoint: Endpoint) -> tuple[str, str, int]:
    return endpoint.scheme, endpoint.host, endpoint.port or _DEFAULT_PORTS[endpoint.scheme]
