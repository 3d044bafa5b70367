"""One vault of a deployment file: its parts read one by one, then what holds between them."""

from dataclasses import dataclass
from typing import Final

from cdk.config.adoption import Resources, read_resources
from cdk.config.applications import read_consumers, read_health, refuse_too_many
from cdk.config.claims import Claims, claims_of
from cdk.config.forms import Form, shortened
from cdk.config.hooks import read_hooks
from cdk.config.model import Consumer, Hook, KeyRotation, Made, Network, Store, Vault
from cdk.config.networks import refuse_unreachable, refuse_unreachable_health
from cdk.config.references import PRINCIPAL, REGION, Home, arn_here, partition_of
from cdk.config.rotations import read_key_rotation, read_passphrase_rotation
from cdk.config.stores import read_store
from cdk.config.table import Table

# Both become part of S3 keys, names and tags, as the functions and the vsync command read them.
_REPO: Final = Form.matching(
    r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+)*", "the repo's name, such as acme_web"
)
_ENV: Final = Form.matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "the environment's name, such as prod")
# CloudFormation: a stack's name has 128 characters at most, and the vault's stack is named after both.
_LONGEST_ID: Final = 80
_MOST_ROTATION_STACKS: Final = 99


@dataclass(frozen=True, slots=True)
class Setting:
    """What a vault is judged by besides its own table."""

    home: Home
    protect_reading: bool
    network: Network | None


def read_vault(table: Table, setting: Setting) -> tuple[Claims | None, Vault | None]:
    """A vault and what it claims; None for what cannot be told, since something in it is refused."""
    mark = table.mark()
    table.enter("")
    repo, env = table.text("repo", _REPO), table.text("env", _ENV)
    named = table.kept((repo, env), mark) is not None
    if named:
        table.enter(f" ({shortened(f'{repo}/{env}', _LONGEST_ID + 1)})")
    if len(repo) + len(env) > _LONGEST_ID:
        table.refuse(
            "repo", f"has with env more than {_LONGEST_ID} characters, too many for a stack's name; shorten it"
        )
    store = read_store(table, f"{repo}/{env.lower()}/", setting.home)
    resources = read_resources(table, repo, env, store, setting.home)
    hooks = read_hooks(table, setting.home)
    claims = claims_of(table.where, setting.home, repo, env, store, resources, hooks) if named else None
    vault = _read_rest(table, setting, (repo, env), store, resources, hooks)
    return claims, table.kept(vault, mark)


def _read_rest(
    table: Table,
    setting: Setting,
    repo_and_env: tuple[str, str],
    store: Store | None,
    resources: Resources | None,
    hooks: tuple[Hook, ...],
) -> Vault | None:
    mark = table.mark()
    consumers, health = read_consumers(table), read_health(table)
    well_known = table.kept(consumers, mark)
    refuse_too_many(table, len(consumers), len(health))
    key = _read_key_rotation(table, store, well_known)
    passphrase = read_passphrase_rotation(table.inner("passphrase_rotation"))
    readers = _read_readers(table, setting, resources)
    replica_regions = _read_replica_regions(table, setting.home, resources)
    rotation_stack = table.whole("rotation_stack", 1, _MOST_ROTATION_STACKS)
    refuse_unreachable(table, setting.network, store, setting.home.region)
    refuse_unreachable_health(table, setting.network, health)
    if store is None or resources is None:
        return None
    return Vault(
        repo=repo_and_env[0],
        env=repo_and_env[1],
        store=store,
        config_secret=resources.config_secret,
        passphrase_secret=resources.passphrase_secret,
        reader=resources.reader,
        writer_secret=resources.writer_secret,
        key=key if store.is_aws else None,
        passphrase=passphrase,
        consumers=consumers,
        health=health,
        readers=readers,
        hooks=hooks,
        replica_regions=replica_regions,
        rotation_stack=rotation_stack,
    )


def _read_key_rotation(table: Table, store: Store | None, consumers: tuple[Consumer, ...] | None) -> KeyRotation | None:
    key = read_key_rotation(table.inner("key_rotation"), consumers)
    if store is not None and not store.is_aws and "key_rotation" in table:
        table.refuse(
            "key_rotation",
            "cannot be: the endpoint is not AWS's, so the key is no IAM user's and nothing here can make another; "
            "remove the table, the passphrase rotates all the same",
        )
    return key


def _read_readers(table: Table, setting: Setting, resources: Resources | None) -> tuple[str, ...]:
    mark = table.mark()
    readers = table.texts("readers", arn_here(PRINCIPAL, setting.home))
    if readers or resources is None or table.kept(readers, mark) is None or not setting.protect_reading:
        return readers
    if any(isinstance(secret, Made) for secret in resources.read_by_applications):
        table.refuse(
            "readers",
            "is empty, and protect_reading would keep the applications from the secrets made here; "
            "write the ARNs of the roles they start with, or protect_reading = false at the top",
        )
    return readers


def _read_replica_regions(table: Table, home: Home, resources: Resources | None) -> tuple[str, ...]:
    def wrong(region: str) -> str | None:
        if region == home.region:
            return "is where the secrets are anyway; remove it"
        if home.region and partition_of(region) != home.partition:
            return f"is in another partition than {home.region}; secrets are not replicated there"
        return None

    regions = table.texts("replica_regions", REGION.narrowed(wrong))
    if regions and resources and not any(isinstance(secret, Made) for secret in resources.secrets):
        table.refuse(
            "replica_regions", "is for secrets made here, and all are adopted; replicate them where they are made"
        )
    return regions
