"""The network that the functions run in, and what cannot work from within it.

They talk to IAM, Secrets Manager, S3, STS, Systems Manager, EventBridge, CloudWatch, KMS, to the services of the
consumers, to health URLs and to the vaults' endpoints.
"""

from typing import Final

from cdk.config.endpoints import is_private_s3
from cdk.config.forms import Form, quoted
from cdk.config.model import Consumer, Egress, Network, Store
from cdk.config.table import Table
from cdk.config.urls import host_of, is_host_name

# Where IAM's control plane is, and so the only places with an interface endpoint for it.
# See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam_vpc_endpoint_create.html
_REGIONS_WITH_IAM: Final = frozenset({"us-east-1", "cn-north-1", "us-gov-west-1"})

_ID: Final = r"-([0-9a-f]{8}|[0-9a-f]{17})"
_VPC: Final = Form.matching(f"vpc{_ID}", "a VPC's id, such as vpc-0123456789abcdef0")
_SUBNET: Final = Form.matching(f"subnet{_ID}", "subnets' ids, such as subnet-0123456789abcdef0")
_GROUP: Final = Form.matching(f"sg{_ID}", "security groups' ids, such as sg-0123456789abcdef0")
# Lambda's own limits for a function.
_MOST_SUBNETS: Final = 16
_MOST_GROUPS: Final = 5


def read_network(table: Table | None) -> Network | None:
    """The table `network`; None where there is none."""
    if table is None:
        return None
    table.require("egress", '"internet" or "endpoints": what the subnets can reach outside their network')
    return Network(
        vpc_id=table.text("vpc_id", _VPC),
        subnet_ids=table.some_texts("subnet_ids", _SUBNET, _MOST_SUBNETS),
        security_group_ids=table.some_texts("security_group_ids", _GROUP, _MOST_GROUPS),
        egress=table.choice("egress", Egress.INTERNET),
        private_health_hosts=table.texts("private_health_hosts", _HOST_NAME),
    )


def refuse_unreachable(vault: Table, network: Network | None, store: Store | None, region: str) -> None:
    """Refuse a vault whose functions could not reach what they must."""
    if store is None or not region:
        return
    if network is None:
        if is_private_s3(store.endpoint):
            vault.refuse(
                "endpoint", "is a VPC endpoint's, which is reached from within its VPC only; write [network] too"
            )
    elif network.egress is Egress.INTERNET:
        return
    elif store.is_aws and region not in _REGIONS_WITH_IAM:
        vault.refuse_whole(
            f'network.egress = "endpoints" leaves out IAM, which rotates the key and has no VPC endpoint in {region}; '
            'give the subnets a way there (NAT, or a transit gateway to its endpoint), then write "internet"'
        )
    elif store.is_aws and store.region != region:
        vault.refuse_whole(
            f'network.egress = "endpoints" leaves out its bucket, since S3\'s VPC endpoint serves {region} only, and '
            f'the bucket is in {store.region}; give the subnets a way to the internet, then write "internet"'
        )


def refuse_unreachable_health(vault: Table, network: Network | None, health: tuple[tuple[str, str], ...]) -> None:
    """Refuse health URLs in front of which the functions' network ends."""
    if network is None or network.egress is Egress.INTERNET:
        return
    for name, url in health:
        if host_of(url) not in network.private_health_hosts:
            vault.refuse(
                "health",
                f'{quoted(name)} is a host outside the network, which network.egress = "endpoints" leaves out; '
                "if it is inside, name it in network.private_health_hosts, otherwise remove it",
            )


def unsure(network: Network, store: Store, consumers: tuple[Consumer, ...]) -> tuple[str, ...]:
    """What may or may not be reachable without a way to the internet: this file does not tell."""
    if network.egress is Egress.INTERNET:
        return ()
    found = []
    if not store.is_aws:
        found.append("its store must be inside the functions' network, which has no way to the internet")
    if any(consumer.kind == "eks" for consumer in consumers):
        found.append("its EKS cluster must have a private endpoint: the functions' network has no way to the internet")
    return tuple(found)


def _wrong_host(text: str) -> str | None:
    return (
        None if is_host_name(text) else f"{quoted(text)} is no host's name; write it in small letters, without a port"
    )


_HOST_NAME: Final = Form("hosts' names in small letters, without ports", _wrong_host)
