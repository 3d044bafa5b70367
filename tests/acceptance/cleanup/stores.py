"""What holds something: the bucket and every version in it, secrets, the functions' memory, their logs."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.cleanup.thing import Place, Thing


def bucket_contents(place: Place) -> Iterator[Thing]:
    """Versions, delete markers and unfinished uploads: CloudFormation deletes no bucket that holds any."""
    s3 = place.client("s3")
    for name in _buckets(place, s3):
        if _versions(s3, name) or _uploads(s3, name):
            remove = partial(_empty, s3, name)
            yield Thing(Kind.BUCKET, name, _empty_by_hand(place, name), remove, part="contents")


def buckets(place: Place) -> Iterator[Thing]:
    """Buckets that no stack took along."""
    s3 = place.client("s3")
    for name in _buckets(place, s3):
        by_hand = place.command(f"s3api delete-bucket --bucket {name}")
        yield Thing(Kind.BUCKET, name, by_hand, partial(_delete, s3, name))


def secrets(place: Place) -> Iterator[Thing]:
    """Secrets, those that are scheduled for deletion too: their names would stay taken for weeks."""
    manager = place.client("secretsmanager")
    pages = manager.get_paginator("list_secrets").paginate(
        IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": list(place.leads(Kind.SECRET))}]
    )
    for name in place.own(Kind.SECRET, [secret["Name"] for page in pages for secret in page["SecretList"]]):
        by_hand = place.command(f"secretsmanager delete-secret --force-delete-without-recovery --secret-id {name}")
        yield Thing(
            Kind.SECRET, name, by_hand, partial(manager.delete_secret, SecretId=name, ForceDeleteWithoutRecovery=True)
        )


def parameters(place: Place) -> Iterator[Thing]:
    """What the functions remembered of the run's secrets."""
    manager = place.client("ssm")
    for lead in place.leads(Kind.PARAMETER):
        pages = manager.get_paginator("get_parameters_by_path").paginate(Path=lead, Recursive=True)
        found = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
        for name in place.own(Kind.PARAMETER, found):
            by_hand = place.command(f"ssm delete-parameter --name {name}")
            yield Thing(Kind.PARAMETER, name, by_hand, partial(manager.delete_parameter, Name=name))


def log_groups(place: Place) -> Iterator[Thing]:
    """Logs, which the stacks keep whatever the file says."""
    logs = place.client("logs")
    for lead in place.leads(Kind.LOG_GROUP):
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=lead)
        found = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        for name in place.own(Kind.LOG_GROUP, found):
            by_hand = place.command(f"logs delete-log-group --log-group-name {name}")
            yield Thing(Kind.LOG_GROUP, name, by_hand, partial(logs.delete_log_group, logGroupName=name))


def _buckets(place: Place, s3: Any) -> list[str]:
    return list(place.own(Kind.BUCKET, [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]))


def _versions(s3: Any, bucket: str) -> list[dict[str, str]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [
        {"Key": entry["Key"], "VersionId": entry["VersionId"]}
        for page in pages
        for kind in ("Versions", "DeleteMarkers")
        for entry in page.get(kind, [])
    ]


def _uploads(s3: Any, bucket: str) -> list[dict[str, str]]:
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
    return [{"Key": entry["Key"], "UploadId": entry["UploadId"]} for page in pages for entry in page.get("Uploads", [])]


def _empty(s3: Any, bucket: str) -> None:
    for upload in _uploads(s3, bucket):
        s3.abort_multipart_upload(Bucket=bucket, **upload)
    for version in _versions(s3, bucket):
        s3.delete_object(Bucket=bucket, **version)


def _delete(s3: Any, bucket: str) -> None:
    _empty(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


def _empty_by_hand(place: Place, bucket: str) -> str:
    """No single command deletes versions; the console's Empty does."""
    return (
        f"{place.command(f's3api list-object-versions --bucket {bucket}')} shows what to delete, or the console's Empty"
    )
