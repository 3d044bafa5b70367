"""Clients are made on first use, once, bounded by the deadline; importing a handler makes none."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.engine.fakes import FakeClock
from vsync_rotation.aws.clients import Clients
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.errors import UnreachableError
from vsync_rotation.formats.endpoint import Endpoint

ROOT: Final = Path(__file__).parents[3]
IMPORT_ALONE: Final = """
import socket, sys
def no_network(*_arguments, **_options):
    raise AssertionError("importing a handler reached for the network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = no_network
import importlib
functions = "check_vaults restart_consumers retire_iam_access_keys rotate_iam_access_key rotate_vault_passphrase"
for handler in [importlib.import_module(f"{name}.handler") for name in functions.split()]:
    assert callable(handler.lambda_handler)
    assert handler._clients.cache_info().currsize == 0, "a client was made at import"
heavy = {"aws_xray_sdk", "pydantic", "moto", "rich"} & set(sys.modules)
assert not heavy, f"loaded by accident: {heavy}"
"""


def test_importing_the_handlers_needs_a_region_at_most_and_no_network() -> None:
    path = ":".join(str(ROOT / part) for part in ("functions", "layers/vsync_rotation/python"))
    environment = {"AWS_DEFAULT_REGION": "eu-central-1", "PYTHONPATH": path, "HOME": "/nonexistent"}
    ran = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", IMPORT_ALONE], env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_client_is_made_once(clients: Clients) -> None:
    assert clients.iam is clients.iam
    endpoint = Endpoint.parse("https://s3.eu-central-1.amazonaws.com")
    assert clients.vault_as_function(endpoint, "eu-central-1") is clients.vault_as_function(endpoint, "eu-central-1")


def tries(client: Any) -> int:
    """How often the SDK sends a request of this client's at most."""
    return int(client.meta.config.retries["total_max_attempts"])


def test_only_the_call_that_may_not_be_repeated_has_a_single_try(clients: Clients) -> None:
    assert tries(clients.iam_once) == 1
    assert tries(clients.iam) > 1


def test_vaults_are_asked_in_path_style_and_without_checksums_that_other_stores_refuse(clients: Clients) -> None:
    config: Any = clients.vault_as_function(Endpoint.parse("https://s3.amazonaws.com"), "us-east-1").meta.config
    assert config.s3["addressing_style"] == "path"
    assert config.request_checksum_calculation == "when_required"
    assert config.response_checksum_validation == "when_required"


def test_after_the_deadline_no_request_is_begun(clients: Clients) -> None:
    clock = FakeClock()
    clients.bound_by(Deadline(clock, 10.0))
    clients._refuse_after_deadline()
    clock.sleep(11)
    with pytest.raises(UnreachableError, match="not enough time"):
        clients._refuse_after_deadline()
