"""What two vaults must not share: a name, a secret, a user, a place in a bucket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from cdk.config.adoption import Resources
from cdk.config.endpoints import host_of
from cdk.config.forms import quoted
from cdk.config.model import Adopted, Deployment, Resource, Store, Vault
from cdk.config.places import Place
from cdk.config.references import Home


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that one vault alone may have. `keys` are where the vault says so, `words` how a person calls it."""

    scope: tuple[str, ...]
    value: str
    keys: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything that is one vault's alone.

    Attributes:
        where: the vault's place in its file.
        vault: its identity, as everything is named after it.
        things: what besides.
        bucket: tells buckets apart; None where nobody knows it.
        prefixes: the vault's places in that bucket.
    """

    where: Place
    vault: Claim
    things: tuple[Claim, ...]
    bucket: tuple[str, ...] | None
    prefixes: tuple[str, ...]


def claims_of(
    where: Place, home: Home, repo: str, env: str, store: Store | None, resources: Resources | None
) -> Claims:
    """The claims of a vault, of which store or resources may not be known."""
    here = (home.account, home.region)
    # Users' names differ by more than capitals; so must what they are made of.
    # See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    vault = Claim(("vault", *here), f"{repo}/{env}".lower(), (), f"the vault {repo}/{env}")
    things = _resource_claims(home, resources) if resources else []
    if store is not None and store.create:
        things.append(
            Claim(("bucket", home.partition), store.bucket, ("create_bucket",), f"the new bucket {store.bucket}")
        )
    prefixes = dict.fromkeys((store.prefix, f"{repo}/{env.lower()}/")) if store else ()
    return Claims(where, vault, tuple(things), _bucket(store, home) if store else None, tuple(prefixes))


def claims_in(deployment: Deployment, file: str) -> list[Claims]:
    """The claims of every vault of a deployment."""
    home = Home(deployment.account, deployment.region)
    return [
        claims_of(vault_place(file, number, vault.id), home, vault.repo, vault.env, vault.store, _resources(vault))
        for number, vault in enumerate(deployment.vaults, start=1)
    ]


def vault_place(file: str, number: int, label: str) -> Place:
    """Where a vault stands, as every message about it says; the first is 1."""
    return Place(file).at("vaults").item(number).as_entry(f" ({label})")


def conflicts(all_claims: Sequence[Claims]) -> list[str]:
    """What later vaults claim that an earlier one has, one line each."""
    problems: list[str] = []
    taken: dict[tuple[tuple[str, ...], str], Claims] = {}
    earlier: list[Claims] = []
    for claims in all_claims:
        twin = taken.get((claims.vault.scope, claims.vault.value))
        if twin is not None:
            same = f"is the same as {_spelled(twin, claims)} (capitals do not count)"
            problems.append(f"{claims.where}: {same}; remove one, or give it another repo or env")
            continue
        for claim in (claims.vault, *claims.things):
            holder = taken.get((claim.scope, claim.value))
            taken.setdefault((claim.scope, claim.value), claims)
            if holder is not None:
                whose = f"{claim.words} is {_spelled(holder, claims)}'s too"
                problems.append(f"{claims.where.at(*claim.keys)}: {whose}; each needs its own")
        problems += _overlaps(claims, earlier)
        earlier.append(claims)
    return problems


def _overlaps(claims: Claims, earlier: Sequence[Claims]) -> Iterator[str]:
    """One line for each earlier vault; two prefixes that meet are enough."""
    for other in earlier:
        if claims.bucket is None or claims.bucket != other.bucket:
            continue
        pairs = product(claims.prefixes, other.prefixes)
        meeting = [(mine, theirs) for mine, theirs in pairs if mine.startswith(theirs) or theirs.startswith(mine)]
        for mine, theirs in meeting[:1]:
            where = claims.where.at("prefix")
            yield (
                f"{where}: {quoted(mine)} and {quoted(theirs)} of {_spelled(other, claims)} lie one within the other "
                "in the same bucket, and the reader of the outer one could fetch the other's bundles; "
                "give each vault a prefix apart from the other's prefix and <repo>/<env>/"
            )


def _resource_claims(home: Home, resources: Resources) -> list[Claim]:
    secrets = {
        "config_secret": resources.config_secret,
        "passphrase_secret": resources.passphrase_secret,
        "writer_secret": resources.writer_secret,
    }
    scope = ("secret", home.account, home.region)
    found = [
        Claim(scope, secret.name, _adopting(key, secret), f"the secret {secret.name}")
        for key, secret in secrets.items()
        if secret is not None
    ]
    if (user := resources.reader) is not None:
        keys = _adopting("reader_user", user)
        found.append(Claim(("user", home.account), user.name.lower(), keys, f"the user {user.name}"))
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


def _spelled(other: Claims, seen_from: Claims) -> str:
    """The other vault, with its file where that is another one."""
    return other.where.entry if other.where.file == seen_from.where.file else str(other.where)
