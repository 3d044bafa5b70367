"""What a deployment file says about the account: every good value is taken, every other one told in one line."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import botocore
import pytest

from cdk.config.document import LOG_RETENTION_DAYS
from cdk.config.model import Architecture, Egress, Network, Notifications, RemovalPolicy, Slack
from cdk.config.references import REGION
from cdk.config.regions import KNOWN
from tests.unit.cdk.config.files import HERE, Folder, text

ROLE = "arn:aws:iam::111122223333:role/path/admins"
PRINCIPAL = "is no full ARN of a role or an IAM user (no session, no wildcard); write arn:aws:iam::111122223333:role/<path/name>"
KEY_ID = "00000000-0000-0000-0000-00000000000a"
KEY = f"arn:aws:kms:{HERE}:key/{KEY_ID}"
NETWORK = """
[network]
vpc_id = "vpc-0123456789abcdef0"
subnet_ids = ["subnet-0123456789abcdef0"]
security_group_ids = ["sg-01234567"]
"""
FOUR = "and a rule or an alarm reaches 5, the people's and slack's with them; write 4 at most, 3 with slack, and let one topic forward to others"
SLACK = 'slack = { workspace_id = "T0", channel_id = "C0" }'


def topics(count: int) -> list[str]:
    return [f"arn:aws:sns:{HERE}:t{number}" for number in range(count)]


def test_a_file_that_says_the_least_has_every_default(folder: Folder) -> None:
    deployment = folder.read(text(top="protect_reading = true", vault=f'readers = ["{ROLE}"]'))
    assert (deployment.name, deployment.account, deployment.region) == ("test", "111122223333", "eu-central-1")
    assert (deployment.stack_prefix, deployment.partition) == ("vsync-rotation", "aws")
    assert (deployment.admins, deployment.protect_reading) == ((), True)
    assert deployment.notifications == Notifications(email=(), topics=(), slack=None, trail=False)
    assert (deployment.permissions_boundary, deployment.kms_key, deployment.network) == (None, None, None)
    assert (deployment.architecture, deployment.log_retention_days) == (Architecture.ARM64, 365)
    assert (deployment.tracing, deployment.per_vault_metrics) == (False, False)
    assert deployment.removal_policy is RemovalPolicy.RETAIN


def test_everything_that_is_said_is_taken(folder: Folder) -> None:
    deployment = folder.read(
        text(
            top=f"""
stack_prefix = "rotation-2"
admins = ["{ROLE}", "arn:aws:iam::111122223333:user/anna"]
permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
kms_key = "arn:aws:kms:eu-central-1:444455556666:key/mrk-{"0a" * 16}"
architecture = "x86_64"
log_retention_days = 30
tracing = true
per_vault_metrics = true
removal_policy = "destroy"
[notifications]
email = ["ops+vsync@example.co.uk"]
topics = ["arn:aws:sns:{HERE}:alerts"]
slack = {{ workspace_id = "T0AB", channel_id = "C0CD" }}
trail = true
{NETWORK}
egress = "internet"
private_health_hosts = ["web.internal"]
""",
            vault='health = { web = "https://Web.internal:8443/health" }',
        )
    )
    assert deployment.stack_prefix == "rotation-2"
    assert deployment.admins == (ROLE, "arn:aws:iam::111122223333:user/anna")
    assert deployment.permissions_boundary == "arn:aws:iam::aws:policy/PowerUserAccess"
    assert deployment.kms_key == f"arn:aws:kms:eu-central-1:444455556666:key/mrk-{'0a' * 16}"
    assert (deployment.architecture, deployment.log_retention_days) == (Architecture.X86_64, 30)
    assert (deployment.tracing, deployment.per_vault_metrics) == (True, True)
    assert deployment.removal_policy is RemovalPolicy.DESTROY
    assert deployment.notifications == Notifications(
        ("ops+vsync@example.co.uk",), (f"arn:aws:sns:{HERE}:alerts",), Slack("T0AB", "C0CD"), trail=True
    )
    assert deployment.network == Network(
        "vpc-0123456789abcdef0", ("subnet-0123456789abcdef0",), ("sg-01234567",), Egress.INTERNET, ("web.internal",)
    )


BAD = {
    "prefix of another type": ("stack_prefix = 3", "stack_prefix: is an integer; write at most 30 small letters, digits and dashes, the first a letter"),
    "prefix in capitals": ('stack_prefix = "Vsync"', 'stack_prefix: "Vsync" is malformed; write at most 30 small letters, digits and dashes, the first a letter'),
    "prefix too long": (f'stack_prefix = "{"a" * 31}"', f'stack_prefix: "{"a" * 31}" is malformed; write at most 30 small letters, digits and dashes, the first a letter'),
    "switch that is a word": ('tracing = "yes"', "tracing: is a string; write true or false"),
    "switch that is a number": ("per_vault_metrics = 1", "per_vault_metrics: is an integer; write true or false"),
    "number that is a switch": ("log_retention_days = true", "log_retention_days: is true or false; write an integer"),
    "days that CloudWatch does not know": ("log_retention_days = 366", f"log_retention_days: CloudWatch Logs keeps no 366 days; write one of {', '.join(map(str, LOG_RETENTION_DAYS))}"),
    "no days": ("log_retention_days = 0", "log_retention_days: is out of range; write an integer from 1 to 3653"),
    "unknown processor": ('architecture = "arm"', 'architecture: "arm" is malformed; write "arm64" or "x86_64"'),
    "unknown policy": ('removal_policy = "keep"', 'removal_policy: "keep" is malformed; write "retain" or "destroy"'),
    "one admin that is no array": (f'admins = "{ROLE}"', "admins: is a string; write an array"),
    "admin of another type": (f'admins = ["{ROLE}", 1979-05-27]', "admins[2]: is a date; write arn:aws:iam::111122223333:role/<path/name>"),
    "admin twice": (f'admins = ["{ROLE}", "{ROLE}"]', "admins[2]: stands here twice; remove one"),
    "admin with a wildcard": ('admins = ["arn:aws:iam::111122223333:role/*"]', f'admins[1]: "arn:aws:iam::111122223333:role/*" {PRINCIPAL}'),
    "admin that is a session": ('admins = ["arn:aws:sts::111122223333:assumed-role/a/b"]', f'admins[1]: "arn:aws:sts::111122223333:assumed-role/a/b" {PRINCIPAL}'),
    "admin that is the root": ('admins = ["arn:aws:iam::111122223333:root"]', f'admins[1]: "arn:aws:iam::111122223333:root" {PRINCIPAL}'),
    "admin of another account": ('admins = ["arn:aws:iam::444455556666:role/a"]', "admins[1]: is of account 444455556666, this file is for 111122223333; name one of that account"),
    "admin of another partition": ('admins = ["arn:aws-cn:iam::111122223333:role/a"]', "admins[1]: is in the partition aws-cn, eu-central-1 is in aws; name one of that partition"),
    "boundary of another account": ('permissions_boundary = "arn:aws:iam::444455556666:policy/b"', "permissions_boundary: is of account 444455556666, this file is for 111122223333; name one of that account"),
    "boundary that is a role": (f'permissions_boundary = "{ROLE}"', f'permissions_boundary: "{ROLE}" is no full ARN of a managed policy; write arn:aws:iam::111122223333:policy/<name>'),
    "key of another region": (f'kms_key = "arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}"', "kms_key: is in eu-west-1, and must be in eu-central-1; write arn:aws:kms:eu-central-1:111122223333:key/<key id>"),
    "key that is an alias": (f'kms_key = "arn:aws:kms:{HERE}:alias/abc"', f'kms_key: "arn:aws:kms:{HERE}:alias/abc" is no full ARN of a KMS key (no alias); write arn:aws:kms:{HERE}:key/<key id>'),
    "no address": ('[notifications]\nemail = ["me"]', 'notifications.email[1]: "me" is malformed; write an e-mail address'),
    "FIFO topic": (f'[notifications]\ntopics = ["arn:aws:sns:{HERE}:a.fifo"]', f'notifications.topics[1]: "arn:aws:sns:{HERE}:a.fifo" is no full ARN of a standard SNS topic; write arn:aws:sns:{HERE}:<topic>'),
    "topic of another region": ('[notifications]\ntopics = ["arn:aws:sns:eu-west-1:111122223333:a"]', f"notifications.topics[1]: is in eu-west-1, and must be in eu-central-1; write arn:aws:sns:{HERE}:<topic>"),
    "channel by its name": ('[notifications.slack]\nworkspace_id = "T0"\nchannel_id = "#ops"', 'notifications.slack.channel_id: is malformed; write the channel\'s id, which begins with C or G and ends the link that Slack copies; not its name'),
    "workspace by its name": ('[notifications.slack]\nworkspace_id = "acme"\nchannel_id = "C0"', 'notifications.slack.workspace_id: is malformed; write the workspace\'s id, which begins with T; Amazon Q Developer in chat applications shows it once it is authorised'),
    "key of AWS's own": (f'kms_key = "arn:aws:kms:eu-central-1:aws:key/{KEY_ID}"', "kms_key: is of account aws, which owns no such thing; write its account's twelve digits"),
    "key of another id": (f'kms_key = "arn:aws:kms:{HERE}:key/abc"', f'kms_key: "arn:aws:kms:{HERE}:key/abc" is no full ARN of a KMS key (no alias); write arn:aws:kms:{HERE}:key/<key id>'),
    "topics beyond what a rule reaches": (f"[notifications]\ntopics = {topics(5)}", f"notifications.topics: has 5 topics, {FOUR}"),
    "topics beyond it with a channel": (f"[notifications]\ntopics = {topics(4)}\n{SLACK}", f"notifications.topics: has 4 topics, {FOUR}"),
    "braces in an address": ('[notifications]\nemail = ["${a}@example.com"]', 'notifications.email[1]: "${a}@example.com" is malformed; write an e-mail address'),
    "VPC of another form": (NETWORK.replace("vpc-0123456789abcdef0", "main") + 'egress = "internet"', 'network.vpc_id: "main" is malformed; write a VPC\'s id, such as vpc-0123456789abcdef0'),
    "unknown way out": (NETWORK + 'egress = "nat"', 'network.egress: "nat" is malformed; write "internet" or "endpoints"'),
    "way out not said": (NETWORK, 'network.egress: is missing; write "internet" or "endpoints": what the subnets can reach outside their network'),
    "no subnets": (NETWORK.replace('["subnet-0123456789abcdef0"]', "[]") + 'egress = "internet"', "network.subnet_ids: has 0 items; write 1 to 16"),
    "too many groups": (NETWORK.replace('["sg-01234567"]', str([f"sg-0123456{n}" for n in range(6)])) + 'egress = "internet"', "network.security_group_ids: has 6 items; write 1 to 5"),
    "private host with a port": (NETWORK + 'egress = "internet"\nprivate_health_hosts = ["web.internal:8443"]', 'network.private_health_hosts[1]: "web.internal:8443" is no host\'s name; write it in small letters, without a port'),
}  # fmt: skip


@pytest.mark.parametrize(("top", "line"), BAD.values(), ids=BAD)
def test_anything_else_is_told_in_one_line(folder: Folder, top: str, line: str) -> None:
    assert folder.problems(text(top=top)) == [line]


@pytest.mark.parametrize("lines", [f"topics = {topics(4)}", f"topics = {topics(3)}\n{SLACK}"])
def test_as_many_topics_as_a_rule_reaches_are_taken(folder: Folder, lines: str) -> None:
    assert folder.read(text(top=f"[notifications]\n{lines}")).notifications.topics


@pytest.mark.parametrize("key", ["workspace_id", "channel_id"])
def test_a_webhook_in_the_wrong_place_is_not_repeated(folder: Folder, key: str) -> None:
    ids = {"workspace_id": "T0", "channel_id": "C0"} | {key: "https://hooks.slack.com/services/T0/B0/hunter2"}
    lines = "".join(f'{name} = "{value}"\n' for name, value in ids.items())
    [problem] = folder.problems(text(top=f"[notifications.slack]\n{lines}"))
    assert problem.startswith(f"notifications.slack.{key}: is malformed; write ")
    assert "hunter2" not in problem


def test_a_private_host_that_no_health_url_names_is_a_typing_error(folder: Folder) -> None:
    top = f'{NETWORK}egress = "internet"\nprivate_health_hosts = ["wbe.internal"]'
    assert folder.problems(text(top=top, vault='health = { web = "https://web.internal/" }')) == [
        "network: private_health_hosts has wbe.internal, which no health URL names; correct or remove it"
    ]


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("111122223333", "account: is an integer; write the account's twelve digits in quotes, such as \"111122223333\""),
        ('"1111-2222-3333"', 'account: "1111-2222-3333" is malformed; write the account\'s twelve digits in quotes, such as "111122223333"'),
        ('"١١١١٢٢٢٢٣٣٣٣"', 'account: "\\u0661\\u0661\\u0661\\u0661\\u0662\\u0662\\u0662\\u0662\\u0663\\u0663\\u0663\\u0663" is malformed; write the account\'s twelve digits in quotes, such as "111122223333"'),
    ],
)  # fmt: skip
def test_an_account_is_twelve_digits_in_quotes(folder: Folder, account: str, line: str) -> None:
    """A role of the right account is not called one of another because of it."""
    content = text(top=f'admins = ["{ROLE}"]').replace('account = "111122223333"', f"account = {account}")
    assert folder.problems(content) == [line]


@pytest.mark.parametrize(
    "region", ["eu-centrl-1", "EU-central-1", "eu-central", "eu-central-1a", "Frankfurt", "us-iso-east-1", ""]
)
def test_a_region_is_one_of_aws(folder: Folder, region: str) -> None:
    """What depends on it is not judged by a region that is none."""
    content = text(top=f'kms_key = "{KEY}"\n{NETWORK}egress = "endpoints"').replace(
        'region = "eu-central-1"', f'region = "{region}"'
    )
    assert folder.problems(content) == [
        f'region: "{region}" is malformed; write a region\'s name, such as eu-central-1'
    ]


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("ap-southeast-5", "aws"), ("mx-central-1", "aws")],
)
def test_every_partition_has_its_regions(folder: Folder, region: str, partition: str) -> None:
    content = text(vault=f'adopt = {{ reader_user = "arn:{partition}:iam::111122223333:user/a" }}')
    deployment = folder.read(content.replace("eu-central-1", region))
    assert (deployment.region, deployment.partition) == (region, partition)
    suffix = ".cn" if partition == "aws-cn" else ""
    assert deployment.vaults[0].store.endpoint == f"https://s3.{region}.amazonaws.com{suffix}"


def test_the_known_regions_are_those_of_the_sdk() -> None:
    """A newer SDK knows newer ones: add them."""
    partitions = json.loads((Path(botocore.__file__).parent / "data/partitions.json").read_text())["partitions"]
    ours = [partition for partition in partitions if partition["id"] in ("aws", "aws-cn", "aws-us-gov")]
    assert {region for partition in ours for region in partition["regions"] if "global" not in region} == KNOWN
    assert [region for region in sorted(KNOWN) if REGION.wrong(region)] == []


def test_the_days_are_those_that_cloudwatch_logs_documents() -> None:
    """Against the service's own model, as the SDK carries it."""
    model = Path(botocore.__file__).parent / "data/logs/2014-03-28/service-2.json.gz"
    documented: Any = re.search(r"Possible values are: ([0-9, and]+)\.", gzip.decompress(model.read_bytes()).decode())
    assert tuple(map(int, re.findall(r"\d+", documented[1]))) == LOG_RETENTION_DAYS
