"""A rotation function that never finishes: it writes down what the service sends it, and fails where its secret says.

It is deployed as it stands, alone in a zip, and imports nothing but what the runtime has.
"""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

MARK = "rotation-probe"
FAILS_IN = "testSecret"


def lambda_handler(event: Any, context: Any) -> None:
    """One step."""
    client = _client()
    secret, version, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    labels = client.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    seen = {
        "probe": MARK,
        "at": datetime.now(UTC).isoformat(),
        "step": step,
        "secret": secret,
        "version": version,
        "fields": sorted(event),
        "labels": sorted(labels.get(version, [])),
        "value": _read(client, secret, version),
    }
    print(json.dumps(seen), flush=True)
    if step == "createSecret":
        token = {"RotationToken": event["RotationToken"]} if "RotationToken" in event else {}
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=version, SecretString="{}", VersionStages=["AWSPENDING"], **token
        )
    if step == FAILS_IN:
        raise RuntimeError("this probe fails here on purpose")


@cache
def _client() -> Any:
    make: Any = boto3.client
    return make("secretsmanager")


def _read(client: Any, secret: str, version: str) -> str:
    """Whether the version has a value: `there`, or the code that the service answers."""
    try:
        client.get_secret_value(SecretId=secret, VersionId=version)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "there"
