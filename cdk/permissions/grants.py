"""The places that roles are narrowed to, and statements that several roles share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment, Vault
from cdk.names import EVENT_SOURCE, PARAMETERS


@dataclass(frozen=True, slots=True)
class SecretGrant:
    """A secret as a role names it: its ARN, and the customer key that encrypts it, if one does."""

    arn: str
    key_arn: str | None


@dataclass(frozen=True, slots=True)
class VaultGrant:
    """What of a vault a role may be given. `user_arn` and `writer` as in the model: None where there is none."""

    vault: Vault
    config: SecretGrant
    passphrase: SecretGrant
    writer: SecretGrant | None
    user_arn: str | None

    @property
    def bucket_arn(self) -> str:
        """The vault's bucket; S3's own alone have an ARN."""
        return f"arn:{_partition(self.vault.store.region)}:s3:::{self.vault.store.bucket}"

    @property
    def object_arns(self) -> list[str]:
        """Every object that belongs to the vault, in both layouts."""
        return [f"{self.bucket_arn}/{prefix}*" for prefix in self.vault.prefixes]


def allow(sid: str, actions: Sequence[str], resources: Sequence[str], **conditions: Any) -> iam.PolicyStatement:
    """A statement that allows; `conditions` by operator."""
    return iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(resources), conditions=conditions or None)


def on_secrets(sid: str, actions: Sequence[str], secrets: Iterable[SecretGrant]) -> list[iam.PolicyStatement]:
    """The actions on these secrets, none where there are no secrets."""
    arns = unique(secret.arn for secret in secrets)
    return [allow(sid, [f"secretsmanager:{action}" for action in actions], arns)] if arns else []


def with_keys(
    sid: str, actions: Sequence[str], secrets: Iterable[SecretGrant], deployment: Deployment
) -> list[iam.PolicyStatement]:
    """The actions of KMS on the customer keys of these secrets, only through Secrets Manager and only for them."""
    by_key: dict[str, list[str]] = {}
    for secret in secrets:
        if secret.key_arn is not None:
            by_key.setdefault(secret.key_arn, []).append(secret.arn)
    return [
        allow(
            f"{sid}{number or ''}",
            [f"kms:{action}" for action in actions],
            [key_arn],
            StringEquals={
                "kms:ViaService": f"secretsmanager.{deployment.region}.{dns_suffix(deployment)}",
                "kms:EncryptionContext:SecretARN": unique(arns),
            },
        )
        for number, (key_arn, arns) in enumerate(by_key.items())
    ]


def listing_secrets() -> iam.PolicyStatement:
    """Every secret's name and tags, no value. ListSecrets takes no resource: the service offers nothing narrower."""
    return allow("ListSecrets", ["secretsmanager:ListSecrets"], ["*"])


def telling(deployment: Deployment) -> iam.PolicyStatement:
    """This project's events on the default bus, nobody else's."""
    bus = f"arn:{deployment.partition}:events:{deployment.region}:{deployment.account}:event-bus/default"
    return allow("TellEvents", ["events:PutEvents"], [bus], StringEquals={"events:source": EVENT_SOURCE})


def on_parameters(
    sid: str, actions: Sequence[str], writers: Sequence[str], deployment: Deployment
) -> iam.PolicyStatement:
    """The functions' own memory, by who writes it. It holds no secret material."""
    root = f"arn:{deployment.partition}:ssm:{deployment.region}:{deployment.account}:parameter/{PARAMETERS}"
    return allow(sid, [f"ssm:{action}" for action in actions], [f"{root}/{writer}/*" for writer in writers])


def on_alarms(grants: Sequence[VaultGrant]) -> list[iam.PolicyStatement]:
    """The state of alarms, where one that holds deletions back is named.

    It may be a composite one, and those are told to no narrower permission than `*`: with the alarm's own ARN the
    answer would be empty, and nothing would ever be deleted.
    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    named = [grant for grant in grants if grant.vault.key and grant.vault.key.deletion_alarm]
    return [allow("ReadDeletionAlarms", ["cloudwatch:DescribeAlarms"], ["*"])] if named else []


def on_users(sid: str, actions: Sequence[str], grants: Sequence[VaultGrant], **conditions: Any) -> iam.PolicyStatement:
    """The actions on the readers' users."""
    users = unique(grant.user_arn for grant in grants if grant.user_arn is not None)
    return allow(sid, [f"iam:{action}" for action in actions], users, **conditions)


def on_objects(sid: str, actions: Sequence[str], grants: Sequence[VaultGrant]) -> list[iam.PolicyStatement]:
    """The actions on the objects of vaults whose store is AWS."""
    arns = unique(arn for grant in grants if grant.vault.store.is_aws for arn in grant.object_arns)
    return [allow(sid, [f"s3:{action}" for action in actions], arns)] if arns else []


def telling_absent(grants: Sequence[VaultGrant]) -> list[iam.PolicyStatement]:
    """Whether an absent object answers 404 or 403, which looks denied, hangs on ListBucket.

    `IfExists`, since S3 asks for it on a GET too, where it documents no `s3:prefix`: a condition that demands the key
    might deny there, and every vault with one layout would look denied. Listing under another prefix stays denied; the
    price is that a listing which names no prefix shows the names, not the contents, of the whole bucket.
    See: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    return _on_buckets("TellAbsentFromDenied", "ListBucket", "StringLikeIfExists", grants)


def listing_versions(grants: Sequence[VaultGrant]) -> list[iam.PolicyStatement]:
    """Every stored version of every bundle, under the vaults' prefixes alone."""
    return _on_buckets("FindOldBundles", "ListBucketVersions", "StringLike", grants)


def _on_buckets(sid: str, action: str, operator: str, grants: Sequence[VaultGrant]) -> list[iam.PolicyStatement]:
    by_bucket: dict[str, list[str]] = {}
    for grant in grants:
        if grant.vault.store.is_aws:
            by_bucket.setdefault(grant.bucket_arn, []).extend(f"{prefix}*" for prefix in grant.vault.prefixes)
    return [
        allow(f"{sid}{number or ''}", [f"s3:{action}"], [arn], **{operator: {"s3:prefix": unique(prefixes)}})
        for number, (arn, prefixes) in enumerate(by_bucket.items())
    ]


def with_bucket_keys(sid: str, actions: Sequence[str], grants: Sequence[VaultGrant]) -> list[iam.PolicyStatement]:
    """KMS on the customer keys of buckets, through S3 alone, for both forms of its encryption context.

    With a bucket key the context names the bucket, without one the object.
    See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    found = [grant for grant in grants if grant.vault.store.is_aws and grant.vault.store.kms_key is not None]
    by_place: dict[tuple[str, str], list[str]] = {}
    for grant in found:
        place = (str(grant.vault.store.kms_key), grant.vault.store.region)
        by_place.setdefault(place, []).extend([grant.bucket_arn, *grant.object_arns])
    return [
        allow(
            f"{sid}{number or ''}",
            [f"kms:{action}" for action in actions],
            [key_arn],
            StringEquals={"kms:ViaService": f"s3.{region}.{_suffix(region)}"},
            StringLike={"kms:EncryptionContext:aws:s3:arn": unique(arns)},
        )
        for number, ((key_arn, region), arns) in enumerate(by_place.items())
    ]


def dns_suffix(deployment: Deployment) -> str:
    """What hosts and service names end in, as `kms:ViaService` has it."""
    return _suffix(deployment.region)


def unique(items: Iterable[Any]) -> list[Any]:
    """Each once, in the order of their first appearance."""
    return list(dict.fromkeys(items))


def _suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
