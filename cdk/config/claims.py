"""What a vault has for itself alone, and where the file says so: a name, secrets, a user, a place in a bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdk.config.adoption import Resources
from cdk.config.endpoints import host_of
from cdk.config.model import Adopted, Deployment, Hook, Resource, Store, Vault
from cdk.config.places import Place
from cdk.config.references import Home

# Account, region and name.
SecretName = tuple[str, str, str]

_NONE: Final[frozenset[SecretName]] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that one vault alone may have.

    `keys` are where the vault says so, `words` how a person calls it, `role` what it is to the vault.
    """

    scope: tuple[str, ...]
    value: str
    keys: tuple[str, ...]
    words: str
    role: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A secret that goes to a hook, and where the file says so."""

    where: Place
    names: frozenset[SecretName]


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything that is one vault's alone.

    Attributes:
        where: the vault's place in its file.
        vault: its identity, as everything is named after it.
        things: what besides.
        bucket: tells buckets apart; None where nobody knows it.
        bucket_region: where S3 has that bucket; None where nobody knows it, or another store has it.
        prefixes: the vault's places in that bucket.
        secrets: all that the vault's secrets may be called.
        sent: what its hooks are sent.
    """

    where: Place
    vault: Claim
    things: tuple[Claim, ...]
    bucket: tuple[str, ...] | None
    bucket_region: str | None
    prefixes: tuple[str, ...]
    secrets: frozenset[SecretName]
    sent: tuple[Sent, ...]


def claims_of(
    where: Place,
    home: Home,
    repo: str,
    env: str,
    store: Store | None,
    resources: Resources | None,
    hooks: Sequence[Hook],
) -> Claims:
    """The claims of a vault, of which store or resources may not be known."""
    here = (home.account, home.region)
    # Users' names differ by more than capitals; so must what they are made of.
    # See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    vault = Claim(("vault", *here), f"{repo}/{env}".lower(), (), f"the vault {repo}/{env}", "vault")
    things = _resource_claims(home, resources) if resources else []
    if store is not None and store.create:
        words = f"the new bucket {store.bucket}"
        things.append(Claim(("bucket", home.partition), store.bucket, ("create_bucket",), words, "bucket"))
    return Claims(
        where=where,
        vault=vault,
        things=tuple(things),
        bucket=_bucket(store, home) if store else None,
        bucket_region=store.region if store and store.is_aws else None,
        prefixes=tuple(dict.fromkeys((store.prefix, f"{repo}/{env.lower()}/")) if store else ()),
        secrets=frozenset(name for secret in resources.secrets for name in _names(secret, home))
        if resources
        else _NONE,
        sent=tuple(
            Sent(where.at("hooks").item(number).at("secret"), _names(Adopted(hook.secret), home))
            for number, hook in enumerate(hooks, start=1)
            if hook.secret
        ),
    )


def claims_in(deployment: Deployment, file: str) -> list[Claims]:
    """The claims of every vault of a deployment."""
    home = Home(deployment.account, deployment.region)
    return [
        claims_of(
            vault_place(file, number, vault.id),
            home,
            vault.repo,
            vault.env,
            vault.store,
            _resources(vault),
            vault.hooks,
        )
        for number, vault in enumerate(deployment.vaults, start=1)
    ]


def vault_place(file: str, number: int, label: str) -> Place:
    """Where a vault stands, as every message about it says; the first is 1."""
    return Place(file).at("vaults").item(number).as_entry(f" ({label})")


def _names(secret: Resource, home: Home) -> frozenset[SecretName]:
    """An ARN without its six characters finds the secret too, and may look as if it had them: both readings count."""
    names = {secret.name, secret.last_part} if isinstance(secret, Adopted) else {secret.name}
    return frozenset((home.account, home.region, name) for name in names)


def _resource_claims(home: Home, resources: Resources) -> list[Claim]:
    secrets = {
        "config": resources.config_secret,
        "passphrase": resources.passphrase_secret,
        "writer": resources.writer_secret,
    }
    scope = ("secret", home.account, home.region)
    found = [
        Claim(scope, secret.name, _adopting(f"{kind}_secret", secret), f"the secret {secret.name}", f"{kind} secret")
        for kind, secret in secrets.items()
        if secret is not None
    ]
    if (user := resources.reader) is not None:
        keys = _adopting("reader_user", user)
        found.append(Claim(("user", home.account), user.name.lower(), keys, f"the user {user.name}", "user"))
    return found


def _adopting(key: str, resource: Resource) -> tuple[str, ...]:
    return ("adopt", key) if isinstance(resource, Adopted) else ()


def _bucket(store: Store, home: Home) -> tuple[str, ...]:
    if store.is_aws:
        return ("aws", home.partition, store.bucket)
    host = host_of(store.endpoint)
    return (host.name, str(host.port), store.bucket)


def _resources(vault: Vault) -> Resources:
    return Resources(vault.config_secret, vault.passphrase_secret, vault.reader, vault.writer_secret)
