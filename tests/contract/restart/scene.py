"""A secret whose rotation has finished, its consumers in the embedded AWS, and the function that restarts them."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from moto.ecs.models import ecs_backends

from restart_consumers.handler import lambda_handler
from simulator.exchange import Request
from simulator.run import ACCOUNT_ID
from simulator.world import DEFAULT_REGION, World
from tests.contract.operator_clients import operator

NAME: Final = "acme/prod/VSYNC_CONFIG"
FUNCTION: Final = "restart_consumers"
PARAMETER: Final = "/vsync-rotation/restarted/acme/prod/VSYNC_CONFIG"
KIND: Final = "iam-access-key"
AT: Final = "2026-05-01T09:15:00Z"


@dataclass(frozen=True, slots=True)
class RestartScene:
    """One secret; what it declares is up to the test. `version_id` is AWSCURRENT."""

    world: World
    arn: str
    version_id: str

    def event(self, detail_type: str = "Rotation Finished", **changes: Any) -> dict[str, Any]:
        """As EventBridge hands it over."""
        detail = {"secret_arn": self.arn, "secret_name": NAME, "kind": KIND, "version_id": self.version_id, "at": AT}
        return {
            "version": "0",
            "source": "vsync.rotation",
            "detail-type": detail_type,
            "detail": {**detail, "repo": None, "env": None, **changes},
        }

    def deliver(self, detail_type: str = "Rotation Finished", **changes: Any) -> dict[str, Any]:
        """One delivery that has to end well; what it returns has to be JSON."""
        answer = self.world.invoke(FUNCTION, self.event(detail_type, **changes))
        assert json.loads(json.dumps(answer)) == answer
        return dict(answer)

    def failure(self, event: Any = None, *, remaining_ms: float | None = None) -> Exception:
        """What a delivery raises; it has to raise."""
        try:
            self.world.invoke(FUNCTION, self.event() if event is None else event, remaining_ms=remaining_ms)
        except Exception as error:  # noqa: BLE001 - judged by the class's name
            return error
        raise AssertionError("nothing was raised")

    def declare(self, **targets: str) -> None:
        """Tag the secret with consumers, by name."""
        self.tag({f"consumer:{name}": target for name, target in targets.items()})

    def tag(self, tags: dict[str, str]) -> None:
        listed = [{"Key": f"vsync-rotation:{name}", "Value": value} for name, value in tags.items()]
        operator(self.world, "secretsmanager").tag_resource(SecretId=NAME, Tags=listed)

    def rotate_by_hand(self) -> str:
        """A later version becomes AWSCURRENT. Returns its id."""
        answer = operator(self.world, "secretsmanager").put_secret_value(SecretId=NAME, SecretString="a later value")
        return str(answer["VersionId"])

    def add_service(self, name: str, **details: Any) -> None:
        """An ECS service in the cluster `main`."""
        ecs = operator(self.world, "ecs")
        ecs.create_cluster(clusterName="main")
        task = [{"name": "app", "image": "app", "memory": 64}]
        ecs.register_task_definition(family="app", containerDefinitions=task)
        ecs.create_service(cluster="main", serviceName=name, taskDefinition="app", **{"desiredCount": 2, **details})

    def end_deployment(self, name: str, state: str) -> None:
        """The service's deployment ends so, now."""
        self._deployment(name)["rolloutState"] = state

    def stall_deployment(self, name: str) -> None:
        """The service's deployment does not end for a year."""
        self._deployment(name)["createdAt"] += timedelta(days=365)

    def _deployment(self, name: str) -> dict[str, Any]:
        service = ecs_backends[ACCOUNT_ID][DEFAULT_REGION].services[f"main:{name}"]
        primary: dict[str, Any] = service.deployments[0]
        return primary

    def add_topic(self, name: str = "rotated") -> None:
        operator(self.world, "sns").create_topic(Name=name)

    def asked(self, operation: str) -> list[Request]:
        """The function's requests of this operation, tries by the SDK included."""
        return [found for found in self.world.requests if found.function == FUNCTION and found.operation == operation]

    def events(self) -> list[dict[str, Any]]:
        """The details of `Consumers Restarted`, in order."""
        return [event.detail for event in self.world.events if event.detail_type == "Consumers Restarted"]

    def outcomes(self) -> list[tuple[list[str], list[str]]]:
        """Restarted and failed, event by event."""
        return [(detail["restarted"], detail["failed"]) for detail in self.events()]

    def remembered(self) -> dict[str, Any]:
        """What the parameter holds."""
        text = operator(self.world, "ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
        return dict(json.loads(text))

    def states(self) -> dict[str, str]:
        """Consumer name -> remembered state."""
        return {name: restart["state"] for name, restart in self.remembered()["consumers"].items()}

    def logged(self, message: str) -> list[dict[str, Any]]:
        """The function's log lines with this message."""
        lines = [json.loads(line) for line in self.world.log_lines if line.startswith("{")]
        return [line for line in lines if line.get("message") == message]

    def metrics(self, name: str) -> float:
        """The sum of a metric over all invocations."""
        lines = [json.loads(line) for line in self.world.log_lines if line.startswith("{")]
        values = [line[name] for line in lines if "_aws" in line and name in line]
        return sum(value if isinstance(value, float) else sum(value) for value in values)


def restart_scene(world: World) -> RestartScene:
    """A secret without consumers."""
    world.deploy(FUNCTION, lambda_handler, timeout_seconds=120)
    manager = operator(world, "secretsmanager")
    tags = [{"Key": "vsync-rotation:kind", "Value": KIND}]
    made = manager.create_secret(Name=NAME, SecretString="the value that nobody here reads", Tags=tags)
    return RestartScene(world, made["ARN"], made["VersionId"])
