"""Every number that the storm takes from outside the code, with its source. Times are seconds, rates per second.

PUBLISHED: the Secrets Manager user guide (reference_limits), per account and region, not adjustable; EventBridge's
quotas page (PutEvents: 400 in the smallest regions, up to 10,000). GENERAL KNOWLEDGE, not verified here: S3 per prefix,
Lambda's default concurrency. ASSUMED, nobody publishes them: IAM, STS, bursts, latencies, the service's repetitions.
"""

from typing import Final

from simulator.quotas import Quota

# Assumed. Not adjustable and not published: measure yours by starting below and watching for throttles.
IAM_PER_SECOND: Final = 20.0
STS_PER_SECOND: Final = 100.0

WRITES_PER_SECOND: Final = 50.0  # published
READS_PER_SECOND: Final = 10_000.0  # published
ORDERS_PER_SECOND: Final = 50.0  # published: RotateSecret and CancelRotateSecret together
EVENTS_PER_SECOND: Final = 400.0  # published, the smallest regions
OBJECT_WRITES_PER_SECOND: Final = 3_500.0  # general knowledge, per prefix
OBJECT_READS_PER_SECOND: Final = 5_500.0  # general knowledge, per prefix

LAMBDA_CONCURRENCY: Final = 1_000  # general knowledge: default per account and region
FUNCTION_TIMEOUT_SECONDS: Final = 300.0

# Assumed. A warm start with the key derivations of a step; and one request to a service of the same region.
STEP_SECONDS: Final = 0.3
REQUEST_SECONDS: Final = 0.03

# Assumed: the service says only that it tries several times. The simulator's service has the same two numbers.
ATTEMPTS: Final = 5
ATTEMPT_SPACING_SECONDS: Final = 60.0

# What an operator leaves to everybody else who uses the account's quotas.
SHARE_OF_QUOTA: Final = 0.8


def account_quotas(*, iam_per_second: float = IAM_PER_SECOND) -> tuple[Quota, ...]:
    """One account in one region. Bursts are one second's worth (assumed); all vaults lie under one S3 prefix."""
    return (
        _quota("Secrets Manager writes", WRITES_PER_SECOND, "secretsmanager:PutSecretValue",
               "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"),
        _quota("Secrets Manager reads", READS_PER_SECOND, "secretsmanager:DescribeSecret",
               "secretsmanager:GetSecretValue"),
        _quota("RotateSecret", ORDERS_PER_SECOND, "secretsmanager:RotateSecret", "secretsmanager:CancelRotateSecret"),
        _quota("IAM", iam_per_second, "iam:*"),
        _quota("STS", STS_PER_SECOND, "sts:*"),
        _quota("S3 writes", OBJECT_WRITES_PER_SECOND, "s3:PutObject", "s3:UploadPart", "s3:CompleteMultipartUpload"),
        _quota("S3 reads", OBJECT_READS_PER_SECOND, "s3:GetObject", "s3:HeadObject"),
        _quota("PutEvents", EVENTS_PER_SECOND, "events:PutEvents"),
    )  # fmt: skip


def _quota(name: str, per_second: float, *actions: str) -> Quota:
    return Quota(name, frozenset(actions), per_second, burst=per_second)
