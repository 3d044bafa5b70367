"""The whole of a deployment file."""

from typing import Final

from cdk.config.claims import Claims
from cdk.config.conflicts import conflicts
from cdk.config.crowds import VAULTS_PER_STACK, crowded
from cdk.config.forms import Form
from cdk.config.model import Architecture, Deployment, Network, RemovalPolicy, Vault
from cdk.config.networks import read_network
from cdk.config.notifications import read_notifications
from cdk.config.references import ACCOUNT, KEY, PRINCIPAL, REGION, Home, arn_anywhere_in, arn_here, boundary_of
from cdk.config.table import Table
from cdk.config.urls import host_of
from cdk.config.vaults import Setting, read_vault

DEFAULT_STACK_PREFIX: Final = "vsync-rotation"
# A key's rotation leaves its audit entry in the function's log and nowhere else: a year answers the usual question of
# an audit, who rotated what since the last one.
DEFAULT_LOG_RETENTION_DAYS: Final = 365
# See: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

# Function and role names begin with it, and IAM gives a role's name 64 characters.
_STACK_PREFIX: Final = Form.matching(
    r"[a-z][a-z0-9-]{0,29}", "at most 30 small letters, digits and dashes, the first a letter"
)

_VAULTS: Final = "[[vaults]], once for each vault"


def read_document(name: str, table: Table) -> Deployment:
    """A deployment of that name; where the table notes problems, harmless values stand in for what they are about."""
    home = Home(table.text("account", ACCOUNT), table.text("region", REGION))
    stack_prefix = table.optional_text("stack_prefix", _STACK_PREFIX)
    protect_reading = table.switch("protect_reading", default=True)
    network = read_network(table.table("network"))
    vaults = _read_vaults(table, Setting(home, protect_reading, network))
    if network is not None:
        _refuse_strange_hosts(table, network, vaults)
    return Deployment(
        name=name,
        account=home.account,
        region=home.region,
        stack_prefix=stack_prefix or DEFAULT_STACK_PREFIX,
        admins=table.texts("admins", arn_here(PRINCIPAL, home)),
        protect_reading=protect_reading,
        notifications=read_notifications(table.inner("notifications"), home),
        permissions_boundary=table.optional_text("permissions_boundary", boundary_of(home)),
        kms_key=table.optional_text("kms_key", arn_anywhere_in(KEY, home.region, home)),
        network=network,
        architecture=table.choice("architecture", Architecture.ARM64),
        log_retention_days=_read_log_retention(table),
        tracing=table.switch("tracing", default=False),
        per_vault_metrics=table.switch("per_vault_metrics", default=False),
        removal_policy=table.choice("removal_policy", RemovalPolicy.RETAIN),
        vaults=tuple(vault for vault in vaults if vault is not None),
    )


def _read_vaults(table: Table, setting: Setting) -> list[Vault | None]:
    found = [read_vault(vault, setting) for vault in table.some_tables("vaults", _VAULTS)]
    for line in conflicts([claims for claims, _ in found if claims is not None]):
        table.note(line)
    _refuse_crowds(table, found)
    return [vault for _, vault in found]


def _refuse_crowds(table: Table, found: list[tuple[Claims | None, Vault | None]]) -> None:
    """Told where the first vault stands that is one too many."""
    choosing = [(claims.where, vault.rotation_stack) for claims, vault in found if claims and vault]
    for number, wrong in crowded(chosen for _, chosen in choosing if chosen is not None).items():
        places = [where for where, chosen in choosing if chosen == number]
        table.note(f"{places[VAULTS_PER_STACK]}: {wrong}")


def _refuse_strange_hosts(table: Table, network: Network, vaults: list[Vault | None]) -> None:
    """A private host that no health URL names is a typing error, or was left behind."""
    if None in vaults:
        return
    asked = {host_of(url) for vault in vaults if vault for _, url in vault.health}
    for host in network.private_health_hosts:
        if host not in asked:
            table.refuse("network", f"private_health_hosts has {host}, which no health URL names; correct or remove it")


def _read_log_retention(table: Table) -> int:
    days = table.whole("log_retention_days", 1, LOG_RETENTION_DAYS[-1])
    if days is None or days in LOG_RETENTION_DAYS:
        return days or DEFAULT_LOG_RETENTION_DAYS
    nearest = next(value for value in LOG_RETENTION_DAYS if value > days)
    table.refuse(
        "log_retention_days",
        f"CloudWatch Logs keeps no {days} days; write one of {', '.join(map(str, LOG_RETENTION_DAYS))}",
    )
    return nearest
