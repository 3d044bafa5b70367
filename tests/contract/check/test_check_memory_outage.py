"""A memory that cannot be read: what locks people out is mended all the same, and the outage is told."""

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.test_check_torn import torn
from tests.contract.key_scene import FaultKind


@pytest.mark.parametrize("fault", [faults.fail_inside, faults.deny], ids=["failing", "denied"])
def test_a_torn_rotation_is_completed_while_the_memory_cannot_be_read(begin: Begin, fault: FaultKind) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    torn(scene)
    with scene.world.watched_by(fault(_reading_the_memory)):
        checks = [scene.check() for _ in range(2)]
    assert scene.opens_everywhere()
    assert "Torn Rotation Completed" in [kind for checked in checks for kind, *_ in checked.told()]
    for checked in checks:
        assert set(checked.errors()) <= {"UnreachableError", "PermissionDeniedError"}
        assert checked.errors()
        assert "PutParameter" not in checked.operations()


def _reading_the_memory(request: Request) -> bool:
    return request.operation == "GetParameter"
