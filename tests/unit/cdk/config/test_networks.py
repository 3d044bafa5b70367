"""In a network of the operator's: what cannot work is refused, what may not work is said."""

import pytest

from cdk.config.cautions import warnings
from tests.unit.cdk.config.files import OTHER_STORE, Folder, text

WHERE = "vaults[1] (acme_web/prod): "
NETWORK = """
[network]
vpc_id = "vpc-0123456789abcdef0"
subnet_ids = ["subnet-0123456789abcdef0"]
security_group_ids = ["sg-0123456789abcdef0"]
private_health_hosts = ["web.internal"]
"""
INTERNET, ENDPOINTS = f'{NETWORK}egress = "internet"', f'{NETWORK}egress = "endpoints"'
HEALTH = 'health = { web = "https://web.internal/health" }'
IAM = (
    'network.egress = "endpoints" leaves out IAM, which rotates the key and has no VPC endpoint in eu-central-1; '
    'give the subnets a way there (NAT, or a transit gateway to its endpoint), then write "internet"'
)
BUCKET = (
    'network.egress = "endpoints" leaves out its bucket, since S3\'s VPC endpoint serves us-east-1 only, and the bucket is in '
    'eu-west-1; give the subnets a way to the internet, then write "internet"'
)


def told(folder: Folder, content: str) -> list[str]:
    return [line for line in warnings(folder.read(content)) if "network" in line]


def test_a_way_to_the_internet_reaches_everything(folder: Folder) -> None:
    assert told(folder, text(top=INTERNET, vault=f'{HEALTH}\nconsumers = {{ web = "eks:main/shop/web" }}')) == []
    assert told(folder, text(top=INTERNET, vault=OTHER_STORE + HEALTH)) == []


def test_without_one_iam_is_out_of_reach(folder: Folder) -> None:
    assert folder.problems(text(top=ENDPOINTS, vault=HEALTH)) == [WHERE + IAM]


def test_but_where_iam_has_its_endpoint(folder: Folder) -> None:
    content = text(top=ENDPOINTS, vault=HEALTH).replace("eu-central-1", "us-east-1")
    assert told(folder, content) == []
    assert folder.problems(content.replace("[[vaults]]", '[[vaults]]\nbucket_region = "eu-west-1"')) == [WHERE + BUCKET]


def test_a_public_health_url_is_out_of_reach(folder: Folder) -> None:
    public = 'health = { web = "https://web.internal/", api = "https://api.example/" }'
    assert folder.problems(text(top=ENDPOINTS, vault=OTHER_STORE + public)) == [
        (
            f'{WHERE}health: "api" is a host outside the network, which network.egress = "endpoints" leaves out; if it is inside, '
            "name it in network.private_health_hosts, otherwise remove it"
        )
    ]


def test_a_store_or_a_cluster_may_be_inside_or_not(folder: Folder) -> None:
    vault = f'{OTHER_STORE}{HEALTH}\nconsumers = {{ web = "eks:main/shop/web" }}'
    unsure = "the functions' network"
    assert told(folder, text(top=ENDPOINTS, vault=vault)) == [
        f"test.toml: {WHERE}its store must be inside {unsure}, which has no way to the internet; this file does not tell whether it is so",
        f"test.toml: {WHERE}its EKS cluster must have a private endpoint: {unsure} has no way to the internet; this file does not tell whether it is so",
    ]  # fmt: skip


@pytest.mark.parametrize("egress", [INTERNET, ENDPOINTS])
def test_the_buckets_endpoint_in_the_network_needs_one(folder: Folder, egress: str) -> None:
    endpoint = 'endpoint = "https://bucket.vpce-1a.s3.us-east-1.vpce.amazonaws.com"'
    content = text(top=egress, vault=f"{endpoint}\n{HEALTH}").replace("eu-central-1", "us-east-1")
    assert folder.read(content).vaults[0].store.is_aws
