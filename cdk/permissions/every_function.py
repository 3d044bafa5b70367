"""What every role may do besides its work: write its own log, keep what fails, join the network, be traced."""

from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment
from cdk.permissions.grants import allow

# Lambda asks for these on every resource; without them it refuses a function in a network.
# See: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def statements(
    deployment: Deployment, function_name: str, log_group_arn: str, dead_letters_arn: str | None
) -> list[iam.PolicyStatement]:
    """`log_group_arn` as CloudFormation gives it, which covers the group's streams."""
    found = [allow("WriteOwnLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group_arn])]
    if dead_letters_arn is not None:
        found.append(allow("KeepWhatFails", ["sqs:SendMessage"], [dead_letters_arn]))
    if deployment.tracing:
        # X-Ray has no resource to narrow to.
        found.append(allow("Trace", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]))
    if deployment.network is not None:
        found.append(allow("JoinNetwork", _INTERFACES, ["*"]))
        found.append(_not_by_the_code(deployment, function_name))
    return found


def _not_by_the_code(deployment: Deployment, function_name: str) -> iam.PolicyStatement:
    """Lambda's own calls alone: whoever gets into the function's code gets no hand on the network."""
    root = f"arn:{deployment.partition}:lambda:{deployment.region}:{deployment.account}"
    return iam.PolicyStatement(
        sid="JoinNetworkByLambdaAlone",
        effect=iam.Effect.DENY,
        actions=list(_INTERFACES),
        resources=["*"],
        conditions={"ArnEquals": {"lambda:SourceFunctionArn": [f"{root}:function:{function_name}"]}},
    )
