"""What a deployment file says, as frozen values: everything is checked and every default is filled in.

Names follow the file's keys. An ARN is always a full one.
"""

from dataclasses import dataclass
from enum import StrEnum


class Architecture(StrEnum):
    """The processor the functions run on, as Lambda names it."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


class RemovalPolicy(StrEnum):
    """What becomes of users, secrets, keys and buckets when their stack is deleted by hand."""

    RETAIN = "retain"
    DESTROY = "destroy"


class Egress(StrEnum):
    """What the functions' subnets can reach outside their network."""

    INTERNET = "internet"
    ENDPOINTS = "endpoints"


@dataclass(frozen=True, slots=True)
class Slack:
    """A channel that Amazon Q Developer in chat applications is authorised for."""

    workspace_id: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class Notifications:
    """Who is told. `topics` are topics of yours that get the same messages as the e-mail addresses."""

    email: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    slack: Slack | None = None
    # Whether a CloudTrail trail records management events here: the service's own rotation events need one.
    trail: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """A network of yours in which the functions run.

    `private_health_hosts` are the hosts of health URLs that may have private addresses; the functions ask no others.
    """

    vpc_id: str
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    egress: Egress
    private_health_hosts: tuple[str, ...] = ()


class Rhythm(StrEnum):
    """Who fires a rotation."""

    NATIVE = "native"  # Secrets Manager's own rules, in UTC
    SCHEDULER = "scheduler"  # EventBridge Scheduler, with a time zone or a window in minutes


@dataclass(frozen=True, slots=True)
class RotationSchedule:
    """When a secret rotates.

    Attributes:
        expression: `rate(...)` or `cron(...)`, in the dialect of whoever fires it.
        timezone: an IANA name; Scheduler only.
        window_minutes: it begins somewhere within so many minutes, 0 (Scheduler only) for at once. Native windows are
            whole hours, 60 minutes at least.
        shortest_interval_hours: between two rotations, one at the end of its window and the next at its beginning;
            infinite where it fires once only.
    """

    expression: str
    timezone: str | None
    window_minutes: int
    rhythm: Rhythm
    shortest_interval_hours: float


@dataclass(frozen=True, slots=True)
class Made:
    """A secret or user that the stacks make, under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """A secret or user that exists already, by its full ARN; the stacks neither change nor remove it.

    `kms_key` is the ARN of the customer key that encrypts an adopted secret, None for the account's default key.
    """

    arn: str
    kms_key: str | None = None

    @property
    def name(self) -> str:
        """The secret's name (without the six characters that its ARN ends in), or the user's without its path."""
        if ":user/" in self.arn:
            return self.arn.rpartition("/")[2]
        return self.last_part.rpartition("-")[0]

    @property
    def last_part(self) -> str:
        """What a secret's ARN ends in: its name and six characters, or its name alone if they were forgotten."""
        return self.arn.split(":", 6)[6]


Resource = Made | Adopted


@dataclass(frozen=True, slots=True)
class Consumer:
    """What restarts after a rotation: `<kind>:<target>`, as the tag on the secret has it."""

    name: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Hook:
    """An https address that is called with the event after a rotation (an EventBridge API destination).

    `secret` is the ARN of a secret of yours with the header's value; EventBridge keeps a copy in the connection's own.
    """

    name: str
    url: str
    header: str
    secret: str


@dataclass(frozen=True, slots=True)
class Store:
    """The bucket and the place in it, as the vault's blob has them.

    Attributes:
        endpoint: with its scheme.
        is_aws: whether it is S3's own host, so that roles and IAM users mean something there.
        create: make the bucket.
        kms_key: ARN of the customer key that encrypts the bucket's objects, if there is one.
    """

    bucket: str
    prefix: str
    region: str
    endpoint: str
    is_aws: bool
    create: bool
    kms_key: str | None


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """How the access key rotates, and how long a superseded one lives.

    Durations are hours with at most four decimals; None leaves them to the functions (`intervals.durations` knows).
    """

    schedule: RotationSchedule | None
    overlap_hours: float | None
    max_overlap_hours: float | None
    inactive_hours: float | None
    deletion_alarm: str | None


@dataclass(frozen=True, slots=True)
class PassphraseRotation:
    """How the passphrase rotates."""

    schedule: RotationSchedule | None
    heal: bool
    keep_bundles: int | None
    repair_seal: bool


@dataclass(frozen=True, slots=True)
class Vault:
    """One vault. `repo` and `env` are its identity: everything the stacks make for it is named after them.

    Attributes:
        reader: the IAM user whose key the blob holds; None where the store is not AWS.
        writer_secret: credentials that may write the bucket; None where the store is AWS.
        key: None where the store is not AWS: its key is no IAM user's.
        readers: ARNs of roles and users that read the secrets when they start; the only ones besides functions and
            admins where reading is protected.
        rotation_stack: which rotation stack serves it, 1 or more; None lets it be placed by order.
    """

    repo: str
    env: str
    store: Store
    config_secret: Resource
    passphrase_secret: Resource
    reader: Resource | None
    writer_secret: Resource | None
    key: KeyRotation | None
    passphrase: PassphraseRotation
    consumers: tuple[Consumer, ...]
    health: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]
    hooks: tuple[Hook, ...]
    replica_regions: tuple[str, ...]
    rotation_stack: int | None

    @property
    def id(self) -> str:
        """How a person names it: `<repo>/<env>`."""
        return f"{self.repo}/{self.env}"

    @property
    def cli_prefix(self) -> str:
        """Where the vsync command keeps its layout and the audit log, whatever `prefix` says: in small letters."""
        return f"{self.repo}/{self.env.lower()}/"

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Every place in the bucket that belongs to the vault."""
        return tuple(dict.fromkeys((self.store.prefix, self.cli_prefix)))


@dataclass(frozen=True, slots=True)
class Deployment:
    """One account and region.

    Attributes:
        name: the file's name without its ending; no resource is named after it.
        stack_prefix: what every stack, function and role is named after.
        admins: ARNs of roles and users who may always read the secrets.
        protect_reading: deny reading of secrets made here to everybody but functions, admins and a vault's readers.
        kms_key: ARN of a key of yours for the secrets; None: one is made.
    """

    name: str
    account: str
    region: str
    stack_prefix: str
    admins: tuple[str, ...]
    protect_reading: bool
    notifications: Notifications
    permissions_boundary: str | None
    kms_key: str | None
    network: Network | None
    architecture: Architecture
    log_retention_days: int
    tracing: bool
    per_vault_metrics: bool
    removal_policy: RemovalPolicy
    vaults: tuple[Vault, ...]

    @property
    def partition(self) -> str:
        """The partition of the region, as ARNs begin with it."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"
