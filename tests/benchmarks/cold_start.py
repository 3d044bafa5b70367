"""What a cold start costs: importing a handler and making its clients, against boto3 and the same clients alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.benchmarks.fresh_process import cpu_seconds

RUNS: Final = 15

_PLAIN: Final = """
import boto3
from botocore.config import Config
session = boto3.Session()
"""
_ENDPOINT: Final = """
from vsync_rotation.formats.endpoint import Endpoint
endpoint = Endpoint.parse("https://s3.eu-central-1.amazonaws.com")
"""
# The second IAM client is the one that never repeats a request: CreateAccessKey has no idempotency token.
PLAIN_CLIENTS: Final = {
    "rotate_iam_access_key": """
made = [session.client(name) for name in ("secretsmanager", "iam", "sts", "s3", "events")]
made.append(session.client("iam", config=Config(retries={"total_max_attempts": 1})))
""",
    "rotate_vault_passphrase": """
made = [session.client(name) for name in ("secretsmanager", "s3", "events")]
""",
}
OWN_CLIENTS: Final = {
    "rotate_iam_access_key": f"""
from rotate_iam_access_key.handler import _clients
{_ENDPOINT}
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.redacted import SecretText
clients = _clients()
pair = Credentials("nobody", SecretText("nothing"))
made = [clients.secrets_manager, clients.iam, clients.sts_probe(pair)]
made += [clients.vault_probe(pair, endpoint, "eu-central-1"), clients.events, clients.iam_once]
""",
    "rotate_vault_passphrase": f"""
from rotate_vault_passphrase.handler import _clients
{_ENDPOINT}
clients = _clients()
made = [clients.secrets_manager, clients.vault_as_function(endpoint, "eu-central-1"), clients.events]
""",
}


@dataclass(frozen=True, slots=True)
class ColdStart:
    """CPU seconds of one function: its own, plain boto3's, and boto3's when it is given our handling of the collector.

    Each is a pair: the least, which the machine disturbs least, and the median.
    """

    own: tuple[float, float]
    plain: tuple[float, float]
    plain_uncollected: tuple[float, float]


def cold_start(function: str) -> ColdStart:
    """Measure the three in turn, each in fresh processes, so that a change of the machine's mood meets all."""
    uncollected = _PLAIN.replace("import boto3", "import gc\ngc.disable()\nimport boto3") + "gc.freeze()\ngc.enable()\n"
    programs = {
        "own": OWN_CLIENTS[function],
        "plain": _PLAIN + PLAIN_CLIENTS[function],
        "plain_uncollected": uncollected + PLAIN_CLIENTS[function],
    }
    measured = _in_turn(programs)
    return ColdStart(**{name: (min(seconds), median(seconds)) for name, seconds in measured.items()})


def _in_turn(programs: Mapping[str, str]) -> dict[str, list[float]]:
    for program in programs.values():
        cpu_seconds(program)  # writes what has no compiled file yet
    measured: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, program in programs.items():
            measured[name].append(cpu_seconds(program))
    return measured
