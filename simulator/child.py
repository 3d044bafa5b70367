"""The other process of `simulator.other_process`: one invocation, then the report as the last line of output.

Started as a plain file and imports nothing of the simulator, so that the memory it measures is the function's.
"""

import importlib
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The handler's second argument."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.function_name = order["function_name"]
        self.function_version = "$LATEST"
        self.invoked_function_arn = order["function_arn"]
        self.aws_request_id = order["request_id"]
        self.memory_limit_in_mb = order["memory_limit_in_mb"]
        self._deadline: float = time.monotonic() + order["remaining_ms"] / 1000

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self._deadline - time.monotonic()) * 1000))


def sign_as(function: str) -> None:
    """Every request names the function, so that the embedded AWS applies the function's policies."""
    handlers = importlib.import_module("botocore.handlers").BUILTIN_HANDLERS

    def name_function(request: Any, **_: Any) -> None:
        request.headers["X-Simulator-Function"] = function

    handlers.append(("before-send", name_function))


def peak_rss_kib() -> int | None:
    """The most memory this process ever held, in KiB; None where the kernel does not tell (not Linux)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)


def main() -> None:
    order = json.load(sys.stdin)
    sign_as(order["function_name"])
    module, _, attribute = order["target"].partition(":")
    report: dict[str, Any] = {}
    try:
        handler = getattr(importlib.import_module(module), attribute)
        report["result"] = handler(order["event"], Context(order))
    except Exception as error:  # noqa: BLE001 - whatever the function raises is its result
        traceback.print_exc()
        report["error"], report["message"] = type(error).__name__, str(error)
    report["peak_rss_kib"] = peak_rss_kib()
    sys.stdout.write("\n" + json.dumps(report, default=str) + "\n")


if __name__ == "__main__":
    main()
