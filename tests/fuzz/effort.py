"""How many examples an expensive test runs, as a share of what the profile in force asks for."""

from typing import Final

from hypothesis import HealthCheck, settings

_LEAST: Final = 3


def share(part: float) -> settings:
    """Settings for a test whose examples cost 1/`part` times what one parse costs.

    `make test` and `make fuzz` differ in the profile alone, so no test states a number of its own.
    """
    wanted = round(settings().max_examples * part)
    return settings(max_examples=max(_LEAST, wanted), suppress_health_check=[HealthCheck.too_slow])
