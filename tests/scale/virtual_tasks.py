"""Several pieces of work at once in virtual time: each runs until it sleeps, then whoever is due first goes on.

Only one runs at any moment, so the simulator sees requests one by one, in the order of their virtual instants; and the
same seeds give the same run. Work that does not sleep takes no time.
"""

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import SupportsIndex
from unittest.mock import patch

from simulator.clock import Clock


@dataclass(slots=True)
class _Task:
    work: Callable[[], object]
    thread: threading.Thread | None = None
    may_run: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    error: BaseException | None = None


class VirtualTasks:
    """Work that shares a clock which stands still. Start everything, then `run` it to the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._due: list[tuple[float, int, _Task]] = []
        self._count = 0
        self._running: _Task | None = None
        self._resting = threading.Semaphore(0)

    def now(self) -> float:
        """Seconds since these tasks were made."""
        return self._clock.monotonic() - self._began

    def start(self, at_seconds: float, work: Callable[[], object]) -> None:
        """Begin `work` at that instant. What it raises is raised by `run`, once all the other work is done."""
        self._wake(at_seconds, _Task(work))

    def run(self) -> None:
        """Do all the work; meanwhile `time.sleep` within it lets others go on."""
        failed: list[BaseException] = []
        with patch.object(time, "sleep", self._sleep):
            while self._due:
                at, _, task = heapq.heappop(self._due)
                self._clock.advance(max(0.0, at - self.now()))
                self._resume(task)
                failed += [task.error] if task.error is not None else []
        if failed:
            raise failed[0]

    def _resume(self, task: _Task) -> None:
        self._running = task
        if task.thread is None:
            task.thread = threading.Thread(target=self._do, args=(task,), daemon=True)
            task.thread.start()
        else:
            task.may_run.release()
        self._resting.acquire()
        self._running = None

    def _do(self, task: _Task) -> None:
        try:
            task.work()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, on the thread that asked for the work
            task.error = error
        finally:
            self._resting.release()

    def _sleep(self, seconds: float | SupportsIndex, /) -> None:
        task = self._running
        if task is None or task.thread is not threading.current_thread():
            self._clock.advance(float(seconds))
            return
        self._wake(self.now() + float(seconds), task)
        self._resting.release()
        task.may_run.acquire()

    def _wake(self, at: float, task: _Task) -> None:
        # The number breaks ties: whoever asked first is woken first.
        self._count += 1
        heapq.heappush(self._due, (at, self._count, task))
