"""What a function wrote about one rotation.

See: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.session import Session, asking

_NO_GROUP: Final = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a function's log; `error` is the class of what failed, None where nothing did."""

    id: str
    step: str
    message: str
    error: str | None
    retryable: bool


class FunctionLog:
    """The log of one function."""

    def __init__(self, session: Session, function_arn: str) -> None:
        self._session = session
        self._function_arn = function_arn

    @cached_property
    def group(self) -> str:
        """Where the function writes: as it is configured, or by Lambda's default where that cannot be seen."""
        default = f"/aws/lambda/{self._function_arn.split(':')[6]}"
        with suppress(RotationError), asking("Lambda", "GetFunctionConfiguration"):
            found = self._session.clients.functions.get_function_configuration(FunctionName=self._function_arn)
            return found.get("LoggingConfig", {}).get("LogGroup", default)
        return default

    def about(self, version_id: str, since_ms: int) -> Iterator[LogLine]:
        """Every line about the version since then (milliseconds since 1970), in order; none without a log."""
        request: dict[str, Any] = {
            "logGroupName": self.group,
            "startTime": since_ms,
            "filterPattern": f'"{version_id}"',
        }
        with asking("CloudWatch Logs", "FilterLogEvents"):
            try:
                for page in self._session.logs.get_paginator("filter_log_events").paginate(**request):
                    for event in page["events"]:
                        line = _line(event, version_id)
                        if line is not None:
                            yield line
            except ClientError as error:
                if code_of(error) != _NO_GROUP:
                    raise


def _line(event: Any, version_id: str) -> LogLine | None:
    try:
        fields = json.loads(event["message"])
    except ValueError:
        return None  # Lambda's own START and REPORT lines
    if not isinstance(fields, dict) or fields.get("version_id") != version_id or "message" not in fields:
        return None
    error = fields.get("error") if fields.get("level") == "ERROR" else None
    return LogLine(
        id=str(event["eventId"]),
        step=str(fields.get("step", "")),
        message=str(fields["message"]),
        error=None if error is None else str(error),
        retryable=fields.get("retryable") is True,
    )
