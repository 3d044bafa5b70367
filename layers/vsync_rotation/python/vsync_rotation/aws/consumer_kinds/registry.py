"""Which kind of consumer is restarted by whom. A new kind is a module beside this one and a line here."""

from collections.abc import Mapping

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.app_runner import AppRunnerServices
from vsync_rotation.aws.consumer_kinds.ecs import EcsServices
from vsync_rotation.aws.consumer_kinds.eks import EksDeployments
from vsync_rotation.aws.consumer_kinds.lambda_functions import LambdaFunctions
from vsync_rotation.aws.consumer_kinds.systems_manager import ManagedNodes
from vsync_rotation.aws.consumer_kinds.topics import Topics
from vsync_rotation.consumers import ConsumerKind
from vsync_rotation.rollouts import Restarter


def restarters(clients: Clients) -> Mapping[ConsumerKind, Restarter]:
    """Every kind. Their SDK clients are made on first use."""
    return {
        ConsumerKind.ECS: EcsServices(clients),
        ConsumerKind.LAMBDA: LambdaFunctions(clients),
        ConsumerKind.EKS: EksDeployments(clients),
        ConsumerKind.APP_RUNNER: AppRunnerServices(clients),
        ConsumerKind.SYSTEMS_MANAGER: ManagedNodes(clients),
        ConsumerKind.TOPIC: Topics(clients),
    }
