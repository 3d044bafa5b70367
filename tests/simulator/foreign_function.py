"""A rotation function as strangers write them: a random password, plain boto3, nothing of this project."""

import os

import boto3


def lambda_handler(event, context):  # type: ignore[no-untyped-def] # strangers do not annotate
    client = boto3.client("secretsmanager")
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    versions = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if token not in versions:
        raise ValueError(f"version {token} is not staged for rotation")
    if "AWSCURRENT" in versions[token]:
        return
    if "AWSPENDING" not in versions[token]:
        raise ValueError(f"version {token} is not pending")
    if step == "createSecret":
        try:
            client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            password = client.get_random_password(PasswordLength=24, ExcludePunctuation=True)["RandomPassword"]
            client.put_secret_value(
                SecretId=arn, ClientRequestToken=token, SecretString=password, VersionStages=["AWSPENDING"]
            )
    elif step == "finishSecret":
        current = next(version for version, stages in versions.items() if "AWSCURRENT" in stages)
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
        print(f"moved AWSCURRENT to {token}")
    elif step not in {"setSecret", "testSecret"}:
        raise ValueError(f"unknown step {step}")


def dies(event, context):  # type: ignore[no-untyped-def] # see above
    os._exit(1)
