"""One environment of a packaged function: a process of AWS's own runtime client, kept from invocation to invocation."""

import os
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from cdk.packaging.interpreter import Interpreter
from simulator.invocation import LambdaContext
from simulator.other_process import FunctionError
from tests.packaging.runtime_api import Answered, Ended, Failed, Invocation, Report, RuntimeApi
from tests.packaging.runtime_supplies import RuntimeSupplies

# Nothing here takes long; a hanging process is a failure and not a reason to wait for the whole suite's limit.
_PATIENCE_SECONDS: Final = 60


class RuntimeEndedError(Exception):
    """The process ended, or never began, instead of answering."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """From the start of the process to its first question for an invocation.

    `cpu_seconds` is the process's own; None where the kernel does not tell (not Linux).
    """

    wall_seconds: float
    cpu_seconds: float | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every process is started with.

    Attributes:
        environment: what the functions' configuration and the account would supply.
        logs: folder for what the processes write.
    """

    interpreter: Interpreter
    supplies: RuntimeSupplies
    environment: Mapping[str, str]
    logs: Path


class PackagedFunction:
    """Call it like a handler: the event goes to the process, what the process reports comes back or is raised.

    The process starts with the first call, or before. Use as a context manager.
    """

    def __init__(self, name: str, handler: str, task: Path, layer: Path, surroundings: Surroundings) -> None:
        self.name = name
        self.cold_start: ColdStart | None = None
        self._handler = handler
        self._path = [task, layer, surroundings.supplies.client, surroundings.supplies.sdk]
        self._task = task
        self._surroundings = surroundings
        self._log = surroundings.logs / f"{name}.log"
        self._told = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._ready: queue.SimpleQueue[ColdStart | None] = queue.SimpleQueue()
        self._api = RuntimeApi(self._first_asked)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self._api)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._open.close()

    def start(self) -> None:
        """Start the process, as Lambda does for the first invocation of an environment."""
        # No site-packages and nothing of this machine's user; otherwise as the runtime's own image starts it.
        command = [str(self._surroundings.interpreter.path), "-s", "-S", "-m", "awslambdaric", self._handler]
        log = self._open.enter_context(self._log.open("wb"))
        self._began = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 - an interpreter that was found and tried
            command, cwd=self._task, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        threading.Thread(target=self._report_end, args=(self._process,), daemon=True).start()

    def started(self) -> ColdStart:
        """Start the process and wait until it asks for an invocation."""
        self.start()
        self.cold_start = self._ready.get(timeout=_PATIENCE_SECONDS)
        if self.cold_start is None:
            raise RuntimeEndedError(f"{self.name}: {self.next_report()}")
        return self.cold_start

    def _environment(self) -> dict[str, str]:
        return {
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "LAMBDA_TASK_ROOT": str(self._task),
            "PYTHONPATH": os.pathsep.join(map(str, self._path)),
            "PATH": os.defpath,
            "HOME": "/nonexistent",
            "TZ": ":UTC",
            **self._surroundings.environment,
        }

    def __call__(self, event: Any, context: LambdaContext) -> Any:
        if self._process is None:
            self.started()
        deadline_ms = round(time.time() * 1000) + context.get_remaining_time_in_millis()
        arn = context.invoked_function_arn
        self._api.offer(Invocation(context.aws_request_id, arn, deadline_ms, event))
        report = self.next_report()
        print(self._new_lines())  # belongs to the invocation, as its log in CloudWatch does
        return self._result(report, context.aws_request_id)

    def next_report(self) -> Report:
        """What the process reports next."""
        return self._api.reports.get(timeout=_PATIENCE_SECONDS)

    def peak_memory_mb(self) -> float:
        """The most that the process ever held, in units of 1024 x 1024 bytes as Lambda's memory size is."""
        assert self._process is not None
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))

    def cpu_seconds(self) -> float:
        """What the process has used so far, its start included."""
        assert self._process is not None
        return _cpu_seconds(self._process.pid) or 0

    def _result(self, report: Report, request_id: str) -> Any:
        match report:
            case Answered(answered, result) if answered == request_id:
                return result
            case Failed(_, kind, message):
                raise type(kind, (FunctionError,), {})(message)
            case _:
                raise RuntimeEndedError(f"{self.name}: {report}")

    def _new_lines(self) -> str:
        written = self._log.read_bytes()
        new, self._told = written[self._told :], len(written)
        return new.decode()

    def _first_asked(self) -> None:
        assert self._process is not None
        wall_seconds = time.perf_counter() - self._began
        self._ready.put(ColdStart(wall_seconds, _cpu_seconds(self._process.pid)))

    def _report_end(self, process: "subprocess.Popen[bytes]") -> None:
        status = process.wait()
        self._api.reports.put(Ended(status))
        self._ready.put(None)


def _cpu_seconds(pid: int) -> float | None:
    """What the threads of a process have used so far."""
    try:
        told = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        return None
    return sum(int(line.split()[0]) for line in told) / 1e9 if told else None
