"""Logs and metrics of one invocation, through Powertools: JSON lines and the embedded metric format.

Fields go with each line rather than into the logger, which all invocations of an environment share.
See: https://docs.aws.amazon.com/powertools/python/latest/core/logger/
"""

import os
from enum import Enum, auto
from typing import Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE: Final = "VsyncRotation"
# A line names the place that wrote it, not this module.
_CALLER: Final = 3


class MetricDetail(Enum):
    """How finely metrics are told apart: by function and step, or by these and, besides, for each secret."""

    EACH_STEP = auto()
    EACH_SECRET = auto()


class PowertoolsJournal:
    """Implements `engine.ports.Journal`. Use one per invocation and flush it at the end."""

    def __init__(self, function: str, detail: MetricDetail = MetricDetail.EACH_STEP) -> None:
        self._function = function
        self._logger = Logger(service=function, level=os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))
        self._metrics = EphemeralMetrics(namespace=NAMESPACE, service=function)
        # The three are on every line, so that one query finds everything about a secret.
        self._fields: dict[str, object] = dict.fromkeys(("secret", "version_id", "step"), "unknown")
        self._told_apart_by = ("step", "secret") if detail is MetricDetail.EACH_SECRET else ("step",)

    def locate(self, **fields: str) -> None:
        """Set fields that every later line carries."""
        if any(name in fields and fields[name] != self._fields[name] for name in self._told_apart_by):
            self.flush()  # what was measured so far belongs to the place that is left
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

    def seconds(self, metric: str, value: float) -> None:
        """A duration in seconds."""
        self._add(metric, MetricUnit.Seconds, value)

    def flush(self) -> None:
        """Write the metrics line, if there is anything in it."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()

    def _add(self, metric: str, unit: MetricUnit, value: float) -> None:
        self._name_dimensions()
        self._metrics.add_metric(name=metric, unit=unit, value=value)

    def _name_dimensions(self) -> None:
        """Before anything is measured: Powertools itself writes a line that is full, at 100 values of a metric."""
        if self._metrics.dimension_set:
            return
        step, secret = str(self._fields["step"]), str(self._fields["secret"])
        self._metrics.add_dimension(name="service", value=self._function)
        self._metrics.add_dimension(name="step", value=step)
        if "secret" in self._told_apart_by:
            # Besides and not instead: an alarm on all secrets has to go on seeing every one of them.
            self._metrics.add_dimensions(service=self._function, step=step, secret=secret)
