"""Every scenario by its name."""

from collections.abc import Mapping
from typing import Final

from tests.infrastructure.privilege import (
    check_scenarios,
    key_scenarios,
    passphrase_scenarios,
    restart_scenarios,
    retire_scenarios,
)
from tests.infrastructure.privilege.scenario import Scenario

_MODULES: Final = (key_scenarios, passphrase_scenarios, retire_scenarios, check_scenarios, restart_scenarios)

ALL: Final[Mapping[str, Scenario]] = {scenario.name: scenario for module in _MODULES for scenario in module.SCENARIOS}
