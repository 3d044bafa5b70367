"""A function in a process of its own: a fresh one per invocation, so that its peak memory is its own.

Reaches the same endpoint over HTTP. Its requests are not seen by this process's observers.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from simulator.functions import FunctionCrashed
from simulator.invocation import Invocation, LambdaContext

_CHILD: Final = Path(__file__).with_name("child.py")


class FunctionError(Exception):
    """What the function raised over there; the class made for it has the name of the original."""


@dataclass(frozen=True, slots=True)
class InAnotherProcess:
    """Runs `target` (`module:attribute`)."""

    target: str
    environment: Mapping[str, str]

    def run(self, event: Any, context: LambdaContext, invocation: Invocation) -> Any:
        order = {
            "target": self.target,
            "event": event,
            "function_name": context.function_name,
            "function_arn": context.invoked_function_arn,
            "request_id": context.aws_request_id,
            "remaining_ms": context.get_remaining_time_in_millis(),
            "memory_limit_in_mb": context.memory_limit_in_mb,
        }
        path = os.pathsep.join(entry for entry in sys.path if entry)
        done = subprocess.run(  # noqa: S603 - our own file, our own interpreter
            [sys.executable, "-P", str(_CHILD)],
            input=json.dumps(order),
            env={**os.environ, "PYTHONPATH": path, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        *lines, last = done.stdout.splitlines() or [""]
        invocation.output += [line for line in (*lines, *done.stderr.splitlines()) if line]
        return _result(last, invocation)


def _result(line: str, invocation: Invocation) -> Any:
    if not line.startswith("{"):
        raise FunctionCrashed("the function's process ended without a result")
    report = json.loads(line)
    invocation.peak_rss_kib = report["peak_rss_kib"]
    if "error" in report:
        raise type(report["error"], (FunctionError,), {})(report["message"])
    return report["result"]
