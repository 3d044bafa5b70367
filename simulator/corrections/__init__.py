"""Where moto differs from AWS in ways a rotation function can notice: one file per behaviour, each with its test.

Corrections of what a service does with an accepted request replace attributes of moto's backends. Those of who may do
what are doors in front of moto (`simulator.access`).
"""

from typing import Final

from simulator.corrections import (
    births,
    described_secrets,
    label_moves,
    live_secrets,
    read_values,
    rotation_requests,
    rule_targets,
    scheduled_rules,
    stored_values,
)
from simulator.corrections.correction import Applied, Correction

ALL: Final[tuple[Correction, ...]] = (
    live_secrets.CORRECTION,
    label_moves.CORRECTION,
    stored_values.CORRECTION,
    read_values.CORRECTION,
    described_secrets.CORRECTION,
    rotation_requests.CORRECTION,
    scheduled_rules.CORRECTION,
    rule_targets.CORRECTION,
    births.CORRECTION,
)

__all__ = ["ALL", "Applied", "Correction"]
