"""The exact actions of each role, statement by statement, and the scenario that fails when one is taken away.

`NEEDED` is played in the embedded AWS. `BESIDE` is what Lambda itself does in a role's name, or a network asks for: no
code of a function asks for it, so that no scenario can; tests/infrastructure/privilege/test_beside.py judges it with the
simulator's policy evaluator. `OTHERS` are roles that no function of ours takes on.
"""

from collections.abc import Mapping
from typing import Final

# By role, statement and action.
Table = Mapping[str, Mapping[str, Mapping[str, str]]]

_FIRST: Final = "first key rotation from a location"
_ADOPTED_KEY: Final = "key rotation of an adopted user"
_FREEING: Final = "key rotation that frees a slot"
_ORPHAN: Final = "orphan removal"
_BOTH: Final = "passphrase rotation of both layouts"
_ENCRYPTED: Final = "passphrase rotation of an encrypted vault"
_ADOPTED: Final = "passphrase rotation of adopted secrets"
_OTHER_STORE: Final = "passphrase rotation at another store"
_BROKEN_OFF: Final = "passphrase rotation whose upload fails"
_DEACTIVATION: Final = "deactivation"
_DELETION: Final = "deletion"
_REVOCATION: Final = "revocation"
_HEALTHY: Final = "healthy fleet"
_TORN: Final = "torn rotation"
_HEALING: Final = "healing"
_PRUNING: Final = "pruning"
_STUCK: Final = "stuck rotations"
_OVER: Final = "stuck rotations that are over"
_NOT_ASKED: Final = "consumers that were never asked"
_ECS: Final = "restart of an ECS service"
_LAMBDA: Final = "restart of a Lambda function"
_NODES: Final = "restart on managed nodes"
_RUNNER: Final = "restart of an App Runner service"
_ONCE: Final = "one restart a version"

NEEDED: Final[Table] = {
    "rotate_iam_access_key": {
        "RotateConfigSecrets": {
            "secretsmanager:DescribeSecret": "failing key rotation",
            "secretsmanager:GetSecretValue": _FIRST,
            "secretsmanager:ListSecretVersionIds": _FREEING,
            "secretsmanager:PutSecretValue": _FIRST,
            "secretsmanager:UpdateSecretVersionStage": _FIRST,
        },
        "UseSecretsKey": {"kms:Decrypt": _FIRST, "kms:GenerateDataKey": _FIRST},
        "UseSecretsKey1": {"kms:Decrypt": _ADOPTED_KEY, "kms:GenerateDataKey": _ADOPTED_KEY},
        "ManageReaderKeys": {
            "iam:CreateAccessKey": _FIRST,
            "iam:DeleteAccessKey": _FREEING,
            "iam:GetAccessKeyLastUsed": _ORPHAN,
            "iam:ListAccessKeys": _FIRST,
            "iam:ListUserTags": _FIRST,
            "iam:UpdateAccessKey": _ORPHAN,
        },
        "MarkReaderKeys": {"iam:TagUser": _FIRST, "iam:UntagUser": _ORPHAN},
        "ReadDeletionAlarms": {"cloudwatch:DescribeAlarms": _FREEING},
        "TellEvents": {"events:PutEvents": "failing key rotation"},
    },
    "rotate_vault_passphrase": {
        "RotatePassphrases": {
            "secretsmanager:DescribeSecret": "failing passphrase rotation",
            "secretsmanager:GetSecretValue": _ADOPTED,
            "secretsmanager:PutSecretValue": _ADOPTED,
            "secretsmanager:UpdateSecretVersionStage": _ADOPTED,
        },
        "ReadWhereTheVaultIs": {"secretsmanager:GetSecretValue": _OTHER_STORE},
        "UsePassphrasesKey": {"kms:Decrypt": _OTHER_STORE, "kms:GenerateDataKey": _OTHER_STORE},
        "UsePassphrasesKey1": {"kms:Decrypt": _ADOPTED, "kms:GenerateDataKey": _ADOPTED},
        "ReadWithKey": {"kms:Decrypt": _OTHER_STORE},
        "ReadWithKey1": {"kms:Decrypt": _ADOPTED},
        "RewriteBundles": {
            "s3:GetObject": _ADOPTED,
            "s3:PutObject": _ADOPTED,
            "s3:AbortMultipartUpload": _BROKEN_OFF,
        },
        "TellAbsentFromDenied": {"s3:ListBucket": _BOTH},
        "TellAbsentFromDenied1": {"s3:ListBucket": _ENCRYPTED},
        "TellAbsentFromDenied2": {"s3:ListBucket": _ADOPTED},
        "UseBucketsKey": {"kms:Decrypt": _ENCRYPTED, "kms:GenerateDataKey": _ENCRYPTED},
        "TellEvents": {"events:PutEvents": "failing passphrase rotation"},
    },
    "retire_iam_access_keys": {
        "ListSecrets": {"secretsmanager:ListSecrets": _REVOCATION},
        "ReadConfigSecrets": {
            "secretsmanager:DescribeSecret": _REVOCATION,
            "secretsmanager:GetSecretValue": _REVOCATION,
            "secretsmanager:ListSecretVersionIds": _DEACTIVATION,
        },
        "ReadWithKey": {"kms:Decrypt": _REVOCATION},
        "ReadWithKey1": {"kms:Decrypt": "deactivation of an adopted user's key"},
        "EndReaderKeys": {
            "iam:DeleteAccessKey": _DELETION,
            "iam:GetAccessKeyLastUsed": _DEACTIVATION,
            "iam:ListAccessKeys": _DEACTIVATION,
            "iam:ListUserTags": _DEACTIVATION,
            "iam:UpdateAccessKey": _REVOCATION,
        },
        "MarkReaderKeys": {"iam:TagUser": _REVOCATION, "iam:UntagUser": _DELETION},
        "ReadMemory": {"ssm:GetParameter": "deactivation past a health gate"},
        "ReadDeletionAlarms": {"cloudwatch:DescribeAlarms": _DELETION},
        "TellEvents": {"events:PutEvents": _REVOCATION},
    },
    "check_vaults": {
        "ListSecrets": {"secretsmanager:ListSecrets": _HEALTHY},
        "CheckPassphrases": {
            "secretsmanager:DescribeSecret": _PRUNING,
            "secretsmanager:GetSecretValue": _HEALING,
            "secretsmanager:ListSecretVersionIds": _STUCK,
            "secretsmanager:UpdateSecretVersionStage": _TORN,
        },
        "CheckConfigSecrets": {
            "secretsmanager:DescribeSecret": _NOT_ASKED,
            "secretsmanager:GetSecretValue": _PRUNING,
        },
        "DateKeyVersions": {"secretsmanager:ListSecretVersionIds": _STUCK},
        "ReadWriterSecrets": {"secretsmanager:GetSecretValue": _HEALTHY},
        "ReadWithKey": {"kms:Decrypt": _PRUNING},
        "ReadWithKey1": {"kms:Decrypt": _TORN},
        "MendBundles": {
            "s3:GetObject": _PRUNING,
            "s3:PutObject": _HEALING,
            "s3:AbortMultipartUpload": "healing whose upload fails",
        },
        "PruneBundles": {"s3:DeleteObjectVersion": _PRUNING},
        "TellAbsentFromDenied": {"s3:ListBucket": _PRUNING},
        "TellAbsentFromDenied1": {"s3:ListBucket": _TORN},
        "TellAbsentFromDenied2": {"s3:ListBucket": _TORN},
        "FindOldBundles": {"s3:ListBucketVersions": _PRUNING},
        "UseBucketsKey": {"kms:Decrypt": _TORN, "kms:GenerateDataKey": _TORN},
        "RememberChecks": {
            "ssm:GetParameter": _PRUNING,
            "ssm:PutParameter": _PRUNING,
            "ssm:DeleteParameter": _OVER,
        },
        "ReadRestarts": {"ssm:GetParameter": _NOT_ASKED},
        "TellEvents": {"events:PutEvents": _HEALING},
    },
    "restart_consumers": {
        "DescribeSecrets": {"secretsmanager:DescribeSecret": _ONCE},
        "RememberRestarts": {"ssm:GetParameter": _ONCE, "ssm:PutParameter": _ONCE},
        "RestartServices": {"ecs:DescribeServices": _ECS, "ecs:UpdateService": _ECS},
        "RecycleFunctions": {
            "lambda:GetFunctionConfiguration": _LAMBDA,
            "lambda:UpdateFunctionConfiguration": _LAMBDA,
        },
        "FindClusters": {"eks:DescribeCluster": "restart of a deployment in EKS"},
        "FindAppRunnerServices": {"apprunner:ListServices": _RUNNER},
        "DeployAppRunnerServices": {"apprunner:StartDeployment": _RUNNER, "apprunner:ListOperations": _RUNNER},
        "SendDocuments": {"ssm:SendCommand": _NODES},
        "SendToTaggedNodes": {"ssm:SendCommand": _NODES},
        "FollowCommands": {"ssm:ListCommands": _NODES},
        "PublishToTopics": {"sns:Publish": "message to a topic"},
        "TellEvents": {"events:PutEvents": _RUNNER},
    },
    "vsync-acme_web-prod-reader": {
        "ReadObjects": {"s3:GetObject": _FIRST},
        "TellAbsentFromDenied": {"s3:ListBucket": "key rotation of an empty vault"},
    },
    "vsync-acme_api-prod-reader": {
        "ReadObjects": {"s3:GetObject": "key rotation of an encrypted vault"},
        "TellAbsentFromDenied": {"s3:ListBucket": "key rotation of an encrypted vault"},
        "ReadWithBucketKey": {"kms:Decrypt": "key rotation of an encrypted vault"},
    },
}

_LOG: Final = {"WriteOwnLog": ("logs:CreateLogStream", "logs:PutLogEvents")}
_TRACE: Final = {"Trace": ("xray:PutTraceSegments", "xray:PutTelemetryRecords")}
_QUEUE: Final = {"KeepWhatFails": ("sqs:SendMessage",)}
_INTERFACES: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
_NETWORK: Final = {"JoinNetwork": _INTERFACES, "JoinNetworkByLambdaAlone": _INTERFACES}

# By role and statement.
BESIDE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "rotate_iam_access_key": {**_LOG, **_TRACE, **_NETWORK},
    "rotate_vault_passphrase": {**_LOG, **_TRACE, **_NETWORK},
    "retire_iam_access_keys": {**_LOG, **_QUEUE, **_TRACE, **_NETWORK},
    "check_vaults": {**_LOG, **_QUEUE, **_TRACE, **_NETWORK},
    "restart_consumers": {**_LOG, **_QUEUE, **_TRACE, **_NETWORK},
}

# By what the role is for, and statement.
OTHERS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "scheduler": {
        "KeepWhatFails": ("sqs:SendMessage",),
        "RunFunctions": ("lambda:InvokeFunction",),
        "RotateSecrets": ("secretsmanager:RotateSecret",),
    },
    "hook": {"CallHook": ("events:InvokeApiDestination",)},
    "chat": {},
}
