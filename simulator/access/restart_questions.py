"""What requests to the services that restart things ask for, in IAM's words, and what those to alarms do.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.access.parsing import form_of, json_of, operation_of, rest_of
from simulator.access.policy import ANY_RESOURCE, Question
from simulator.doors import Incoming

# IAM calls it otherwise than the API does.
_LAMBDA_ACTIONS: Final = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction"}


def _ecs(account_id: str, incoming: Incoming) -> list[Question]:
    action, asked = f"ecs:{operation_of(incoming)}", json_of(incoming)
    names = asked.get("services") or [asked[key] for key in ("service", "serviceName") if key in asked]
    if not names:
        return [Question(action, ANY_RESOURCE)]
    root = f"arn:aws:ecs:{incoming.region}:{account_id}"
    cluster = asked.get("cluster", "default").rpartition("/")[2]
    context = {"ecs:cluster": f"{root}:cluster/{cluster}"}
    return [
        Question(action, name if name.startswith("arn:") else f"{root}:service/{cluster}/{name}", context)
        for name in names
    ]


def _lambda(account_id: str, incoming: Incoming) -> list[Question]:
    operation, placed = rest_of(incoming)
    action = f"lambda:{_LAMBDA_ACTIONS.get(operation, operation)}"
    name = placed.get("FunctionName") or json_of(incoming).get("FunctionName")
    if not name:
        return [Question(action, ANY_RESOURCE)]
    prefix = f"arn:aws:lambda:{incoming.region}:{account_id}:function:"
    return [Question(action, name if name.startswith("arn:") else f"{prefix}{name}")]


def _eks(account_id: str, incoming: Incoming) -> list[Question]:
    operation, placed = rest_of(incoming)
    name = placed.get("name") or placed.get("clusterName")
    arn = f"arn:aws:eks:{incoming.region}:{account_id}:cluster/{name}" if name else ANY_RESOURCE
    return [Question(f"eks:{operation}", arn)]


def _sns(account_id: str, incoming: Incoming) -> list[Question]:  # noqa: ARG001 - a topic is always named by its ARN
    asked = form_of(incoming)
    return [Question(f"sns:{operation_of(incoming)}", asked.get("TopicArn") or asked.get("TargetArn") or ANY_RESOURCE)]


def _app_runner(account_id: str, incoming: Incoming) -> list[Question]:  # noqa: ARG001 - a service is named by its ARN
    operation = operation_of(incoming)
    arn = json_of(incoming).get("ServiceArn")
    return [Question(f"apprunner:{operation}", "*" if operation == "ListServices" else arn or ANY_RESOURCE)]


def _sqs(account_id: str, incoming: Incoming) -> list[Question]:
    name = json_of(incoming).get("QueueUrl", "").rpartition("/")[2]
    arn = f"arn:aws:sqs:{incoming.region}:{account_id}:{name}" if name else ANY_RESOURCE
    return [Question(f"sqs:{operation_of(incoming)}", arn)]


def _cloudwatch(account_id: str, incoming: Incoming) -> list[Question]:
    """Alarms by name; composite ones, and all of them, only for who may describe whatever alarm there is (`*`).

    With a narrower permission AWS leaves composite alarms out without a word. Here such a request is refused as soon as
    it asks for them, so that nobody takes one that is hidden for one that does not exist.
    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    operation, asked = operation_of(incoming), json_of(incoming)
    if operation != "DescribeAlarms":
        return [Question(f"cloudwatch:{operation}", ANY_RESOURCE)]
    names = asked.get("AlarmNames")
    if not names or "CompositeAlarm" in asked.get("AlarmTypes", ()):
        return [Question("cloudwatch:DescribeAlarms", "*")]
    prefix = f"arn:aws:cloudwatch:{incoming.region}:{account_id}:alarm:"
    return [Question("cloudwatch:DescribeAlarms", prefix + name) for name in names]


# By signing name.
RESTART_SERVICES: Final[Mapping[str, Callable[[str, Incoming], list[Question]]]] = {
    "ecs": _ecs,
    "lambda": _lambda,
    "eks": _eks,
    "sns": _sns,
    "apprunner": _app_runner,
    "sqs": _sqs,
    "monitoring": _cloudwatch,
}
