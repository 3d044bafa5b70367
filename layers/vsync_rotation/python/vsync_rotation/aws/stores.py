"""The vault's bucket, by whose credentials it is asked."""

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.hosts import is_aws
from vsync_rotation.aws.s3 import Bucket
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.vault_config import VaultPlace


class VaultStores:
    """Implements `vault.ports.VaultStores`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def is_aws(self, place: VaultPlace) -> bool:
        """Whether the vault's endpoint is AWS's, so that the function's own credentials may go there."""
        return is_aws(place.endpoint)

    def as_function(self, place: VaultPlace) -> Bucket:
        """With the function's own credentials; only where `is_aws` holds."""
        client = self._clients.vault_as_function(place.endpoint, place.region)
        return Bucket(client, place.bucket, place.endpoint.url)

    def as_writer(self, credentials: Credentials, place: VaultPlace) -> Bucket:
        """With the credentials of a writer secret."""
        client = self._clients.vault_as(credentials, place.endpoint, place.region)
        return Bucket(client, place.bucket, place.endpoint.url)

    def as_probe(self, credentials: Credentials, place: VaultPlace) -> Bucket:
        """With credentials under test: quick to answer, nothing repeated by itself."""
        client = self._clients.vault_probe(credentials, place.endpoint, place.region)
        return Bucket(client, place.bucket, place.endpoint.url)
