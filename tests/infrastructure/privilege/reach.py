"""How far each statement reaches: on what, and under which values of its conditions.

A table of what it has to be, computed from the deployment file, and how to read it off a policy.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from cdk.config.model import Made, Rhythm, Vault
from cdk.names import FUNCTIONS
from simulator.access.conditions import texts
from simulator.access.policy import Statement
from tests.infrastructure.privilege.proof import resources_of
from tests.infrastructure.privilege.served import Served, bucket, folders

# Resources under the statement's effect, values under "operator key".
Reach = Mapping[str, list[str]]
Reaches = dict[str, Reach]

_NO_CONDITION: Final[Mapping[str, Iterable[str]]] = {}
_EVERYTHING: Final = ["*"]
_LONG_TERM_OVER_TLS: Final = {"Bool aws:SecureTransport": ["true"], "Null aws:TokenIssueTime": ["true"]}


def reach_of(statement: Statement) -> Reach:
    """As it stands in a policy."""
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    conditions = {
        f"{operator} {key}": sorted(texts(values))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    }
    return {statement["Effect"]: sorted(resources_of(statement)), **conditions}


def wanted(served: Served) -> Mapping[str, Reaches]:
    """By bearer and statement; a statement about nothing is none."""
    table = {
        "rotate_iam_access_key": _rotate_iam_access_key(served),
        "rotate_vault_passphrase": _rotate_vault_passphrase(served),
        "retire_iam_access_keys": _retire_iam_access_keys(served),
        "check_vaults": _check_vaults(served),
        "restart_consumers": _restart_consumers(served),
        "scheduler": _scheduler(served),
    }
    if any(vault.hooks for vault in served.vaults):
        table["hook"] = {"CallHook": _on([served.made("AWS::Events::ApiDestination")])}
    if served.deployment.notifications.slack is not None:
        table["chat"] = {}
    for folder in FUNCTIONS:
        table[folder] |= _every_function(served, folder)
    for vault in served.in_aws:
        if isinstance(vault.reader, Made):
            table[vault.reader.name] = _reader(served, vault)
    return {bearer: {sid: reach for sid, reach in of.items() if any(reach.values())} for bearer, of in table.items()}


def _rotate_iam_access_key(served: Served) -> Reaches:
    return {
        "RotateConfigSecrets": _on(served.secrets(served.rotating_configs)),
        **_secrets_keys("UseSecretsKey", served, served.by_key(served.rotating_configs)),
        "ManageReaderKeys": _on(served.users),
        **_marks(served),
        **_alarms(served),
    }


def _rotate_vault_passphrase(served: Served) -> Reaches:
    only_read = [*served.configs, *served.writers]
    return {
        "RotatePassphrases": _on(served.secrets(served.passphrases)),
        "ReadWhereTheVaultIs": _on(served.secrets(only_read)),
        **_secrets_keys("UsePassphrasesKey", served, served.by_key(served.passphrases)),
        **_secrets_keys("ReadWithKey", served, served.by_key(only_read)),
        "RewriteBundles": _on(_objects(served.in_aws)),
        **_listing("TellAbsentFromDenied", "StringLikeIfExists", served.in_aws),
        **_buckets_keys("UseBucketsKey", served.in_aws),
    }


def _retire_iam_access_keys(served: Served) -> Reaches:
    memory = [served.arn("ssm", f"parameter/vsync-rotation/{writer}/*") for writer in ("checked", "restarted")]
    return {
        "ListSecrets": _on(_EVERYTHING),
        "ReadConfigSecrets": _on(served.secrets(served.rotating_configs)),
        **_secrets_keys("ReadWithKey", served, served.by_key(served.rotating_configs)),
        "EndReaderKeys": _on(served.users),
        **_marks(served),
        "ReadMemory": _on(memory),
        **_alarms(served),
    }


def _check_vaults(served: Served) -> Reaches:
    everything = [*served.passphrases, *served.configs, *served.writers]
    pruned = [vault for vault in served.in_aws if vault.passphrase.keep_bundles is not None]
    return {
        "ListSecrets": _on(_EVERYTHING),
        "CheckPassphrases": _on(served.secrets(served.passphrases)),
        "CheckConfigSecrets": _on(served.secrets(served.configs)),
        "DateKeyVersions": _on(served.secrets(served.rotating_configs)),
        "ReadWriterSecrets": _on(served.secrets(served.writers)),
        **_secrets_keys("ReadWithKey", served, served.by_key(everything)),
        "MendBundles": _on(_objects(served.in_aws)),
        "PruneBundles": _on(_objects(pruned)),
        **_listing("TellAbsentFromDenied", "StringLikeIfExists", served.in_aws),
        **_listing("FindOldBundles", "StringLike", pruned),
        **_buckets_keys("UseBucketsKey", served.in_aws),
        "RememberChecks": _on([served.arn("ssm", "parameter/vsync-rotation/checked/*")]),
        "ReadRestarts": _on([served.arn("ssm", "parameter/vsync-rotation/restarted/*")]),
    }


def _restart_consumers(served: Served) -> Reaches:
    nodes = [served.arn("ec2", "instance/*"), served.arn("ssm", "managed-instance/*")]
    documents = list(served.consumers("ssm"))
    tagged = {"StringEquals ssm:resourceTag/vsync-rotation:consumer": [name for name, _ in documents]}
    runners = [served.arn("apprunner", f"service/{name}/*") for _, name in served.consumers("apprunner")]
    return {
        "DescribeSecrets": _on(served.secrets([*served.rotating_configs, *served.passphrases])),
        "RememberRestarts": _on([served.arn("ssm", "parameter/vsync-rotation/restarted/*")]),
        "RestartServices": _on(served.arn("ecs", f"service/{target}") for _, target in served.consumers("ecs")),
        "RecycleFunctions": _on(served.arn("lambda", f"function:{name}") for _, name in served.consumers("lambda")),
        "FindClusters": _on(
            served.arn("eks", f"cluster/{target.partition('/')[0]}") for _, target in served.consumers("eks")
        ),
        "FindAppRunnerServices": _on(_EVERYTHING if runners else []),
        "DeployAppRunnerServices": _on(runners),
        "SendDocuments": _on(served.arn("ssm", f"document/{name}") for _, name in documents),
        "SendToTaggedNodes": _on(nodes, tagged) if documents else {},
        "FollowCommands": _on(_EVERYTHING if documents else []),
        "PublishToTopics": _on(served.arn("sns", name) for _, name in served.consumers("sns")),
    }


def _scheduler(served: Served) -> Reaches:
    of_keys = [
        vault.config_secret
        for vault in served.vaults
        if vault.key is not None and vault.key.schedule is not None and vault.key.schedule.rhythm is Rhythm.SCHEDULER
    ]
    of_passphrases = [
        vault.passphrase_secret
        for vault in served.vaults
        if vault.passphrase.schedule is not None and vault.passphrase.schedule.rhythm is Rhythm.SCHEDULER
    ]
    rotated = served.secrets([*of_keys, *of_passphrases])
    run = ["retire_iam_access_keys", "check_vaults"]
    run += ["rotate_iam_access_key", "rotate_vault_passphrase"] if rotated else []
    return {
        "KeepWhatFails": _on([served.made("AWS::SQS::Queue")]),
        "RunFunctions": _on(map(served.function, run)),
        "RotateSecrets": _on(rotated),
    }


def _reader(served: Served, vault: Vault) -> Reaches:
    under = {"StringLike s3:prefix": [f"{vault.store.prefix}*"]}
    return {
        "ReadObjects": _on([f"{bucket(vault)}/{vault.store.prefix}*"], _LONG_TERM_OVER_TLS),
        "TellAbsentFromDenied": _on([bucket(vault)], under | _LONG_TERM_OVER_TLS),
        **_buckets_keys("ReadWithBucketKey", [vault]),
    }


def _every_function(served: Served, folder: str) -> Reaches:
    invoked = folder in {"retire_iam_access_keys", "check_vaults", "restart_consumers"}
    joins = _EVERYTHING if served.deployment.network is not None else []
    not_by_the_code = {"ArnEquals lambda:SourceFunctionArn": [served.function(folder)]}
    return {
        "TellEvents": _on(
            [served.arn("events", "event-bus/default")], {"StringEquals events:source": ["vsync.rotation"]}
        ),
        "WriteOwnLog": _on([served.made("AWS::Logs::LogGroup", folder.replace("_", ""))]),
        "KeepWhatFails": _on([served.made("AWS::SQS::Queue")] if invoked else []),
        "Trace": _on(_EVERYTHING if served.deployment.tracing else []),
        "JoinNetwork": _on(joins),
        "JoinNetworkByLambdaAlone": {"Deny": joins, **not_by_the_code} if joins else {},
    }


def _marks(served: Served) -> Reaches:
    return {"MarkReaderKeys": _on(served.users, {"ForAllValues:StringLike aws:TagKeys": ["vsync-rotation:*"]})}


def _alarms(served: Served) -> Reaches:
    named = [vault for vault in served.vaults if vault.key is not None and vault.key.deletion_alarm is not None]
    return {"ReadDeletionAlarms": _on(_EVERYTHING if named else [])}


def _objects(vaults: Iterable[Vault]) -> list[str]:
    return [f"{bucket(vault)}/{folder}*" for vault in vaults for folder in folders(vault)]


def _secrets_keys(sid: str, served: Served, by_key: Mapping[str, list[str]]) -> Reaches:
    via = {"StringEquals kms:ViaService": [f"secretsmanager.{served.deployment.region}.amazonaws.com"]}
    contexts = "StringEquals kms:EncryptionContext:SecretARN"
    return _numbered(sid, [_on([key], {**via, contexts: arns}) for key, arns in by_key.items()])


def _buckets_keys(sid: str, vaults: Iterable[Vault]) -> Reaches:
    """Each key in one region: no deployment here has buckets of two under one key."""
    encrypted = [vault for vault in vaults if vault.store.kms_key is not None]
    found: dict[str, Reach] = {}
    for key in dict.fromkeys(str(vault.store.kms_key) for vault in encrypted):
        under = [vault for vault in encrypted if vault.store.kms_key == key]
        via = {"StringEquals kms:ViaService": [f"s3.{under[0].store.region}.amazonaws.com"]}
        contexts = [*map(bucket, under), *_objects(under)]
        found[key] = _on([key], {**via, "StringLike kms:EncryptionContext:aws:s3:arn": contexts})
    return _numbered(sid, found.values())


def _listing(sid: str, operator: str, vaults: Iterable[Vault]) -> Reaches:
    under: dict[str, list[str]] = {}
    for vault in vaults:
        under.setdefault(bucket(vault), []).extend(f"{folder}*" for folder in folders(vault))
    return _numbered(sid, [_on([found], {f"{operator} s3:prefix": of}) for found, of in under.items()])


def _numbered(sid: str, reaches: Iterable[Reach]) -> Reaches:
    return {f"{sid}{number or ''}": reach for number, reach in enumerate(reaches)}


def _on(resources: Iterable[str], conditions: Mapping[str, Iterable[str]] = _NO_CONDITION) -> Reach:
    allowed = {"Allow": sorted(set(resources))}
    return allowed | {key: sorted(set(values)) for key, values in conditions.items()} if allowed["Allow"] else {}
