"""Deployments as a file would make them, by hand."""

from dataclasses import replace

from cdk.config.model import (
    Architecture,
    Deployment,
    KeyRotation,
    Made,
    Notifications,
    PassphraseRotation,
    RemovalPolicy,
    Store,
    Vault,
)

ACCOUNT = "123456789012"
REGION = "eu-central-1"

VAULT = Vault(
    repo="acme_web",
    env="prod",
    store=Store(
        bucket="vaults",
        prefix="acme_web/prod/",
        region=REGION,
        endpoint="https://s3.eu-central-1.amazonaws.com",
        is_aws=True,
        create=False,
        kms_key=None,
    ),
    config_secret=Made("acme_web/prod/VSYNC_CONFIG"),
    passphrase_secret=Made("acme_web/prod/VSYNC_PASSPHRASE"),
    reader=Made("vsync-acme_web-prod-reader"),
    writer_secret=None,
    key=KeyRotation(
        schedule=None, overlap_hours=None, max_overlap_hours=None, inactive_hours=None, deletion_alarm=None
    ),
    passphrase=PassphraseRotation(schedule=None, heal=False, keep_bundles=None, repair_seal=False),
    consumers=(),
    health=(),
    readers=(),
    hooks=(),
    replica_regions=(),
    rotation_stack=None,
)
ELSEWHERE = replace(
    VAULT,
    store=replace(VAULT.store, region="auto", endpoint="https://store.example.com", is_aws=False),
    reader=None,
    key=None,
    writer_secret=Made("acme_web/prod/VSYNC_WRITER"),
)
DEPLOYMENT = Deployment(
    name="production",
    account=ACCOUNT,
    region=REGION,
    stack_prefix="rota",
    admins=(),
    protect_reading=False,
    notifications=Notifications(),
    permissions_boundary=None,
    kms_key=None,
    network=None,
    architecture=Architecture.ARM64,
    log_retention_days=365,
    tracing=False,
    per_vault_metrics=False,
    removal_policy=RemovalPolicy.RETAIN,
    vaults=(VAULT,),
)
