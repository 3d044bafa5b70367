"""Logs and metrics of one invocation, through Powertools: JSON lines and the embedded metric format.

Fields go with each line rather than into the logger, which all invocations of an environment share.
See: https://docs.aws.amazon.com/powertools/python/latest/core/logger/
"""

import os
from typing import Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE: Final = "VsyncRotation"
# A line names the place that wrote it, not this module.
_CALLER: Final = 3


class PowertoolsJournal:
    """Implements `engine.ports.Journal`. Use one per invocation and flush it at the end."""

    def __init__(self, function: str) -> None:
        self._logger = Logger(service=function, level=os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))
        self._metrics = EphemeralMetrics(namespace=NAMESPACE, service=function)
        # The three are on every line, so that one query finds everything about a secret.
        self._fields: dict[str, object] = dict.fromkeys(("secret", "version_id", "step"), "unknown")
        self._measured = False

    def locate(self, **fields: str) -> None:
        """Set fields that every later line carries."""
        self._fields |= fields

    def info(self, message: str, **fields: object) -> None:
        """What happened."""
        self._logger.info(message, extra=self._fields | fields, stacklevel=_CALLER)

    def warning(self, message: str, **fields: object) -> None:
        """What a person should look at some time."""
        self._logger.warning(message, extra=self._fields | fields, stacklevel=_CALLER)

    def error(self, message: str, **fields: object) -> None:
        """What a person should look at now."""
        self._logger.error(message, extra=self._fields | fields, stacklevel=_CALLER)

    def count(self, metric: str) -> None:
        """One more of something."""
        self._add(metric, MetricUnit.Count, 1)

    def milliseconds(self, metric: str, value: float) -> None:
        """A duration in milliseconds."""
        self._add(metric, MetricUnit.Milliseconds, value)

    def flush(self) -> None:
        """Write the metrics line, if anything was measured."""
        if self._measured:
            step = self._fields["step"]
            self._metrics.add_dimension(name="step", value=str(step))
            self._metrics.flush_metrics()

    def _add(self, metric: str, unit: MetricUnit, value: float) -> None:
        self._measured = True
        self._metrics.add_metric(name=metric, unit=unit, value=value)
