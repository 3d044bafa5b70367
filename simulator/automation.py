"""What AWS does by itself while time passes: schedules fire, rules hand events to functions, failed ones come again.

    with Automation(world) as aws:
        world.client("scheduler").create_schedule(..., ScheduleExpression="rate(1 hour)")
        aws.pass_time(hours=24)

Nothing happens between two calls of `pass_time`, as nothing happens in a rotation but by `rotation_service.run()`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from simulator.asynchronous import AsynchronousInvocations, Delivery
from simulator.corrections import announcements
from simulator.scheduler import Scheduler
from simulator.world import World


class Automation:
    """Use as a context manager: rules that match inside the block lead to invocations.

    Attributes:
        queue: the events that wait for their functions; set `queue.copies` to have everything delivered so often.
        deliveries: every invocation so far, in order.
        after_each: called after each invocation; what it does is done by nobody's function.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._scheduler = Scheduler(world.account_id)
        self.queue = AsynchronousInvocations(world.functions, world.clock)
        self.deliveries: list[Delivery] = []
        self.after_each: Callable[[Delivery], None] | None = None

    def __enter__(self) -> Self:
        announcements.function_targeted.listen(self._targeted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        announcements.function_targeted.forget(self._targeted)

    def pass_time(self, *, hours: float = 0, minutes: float = 0) -> list[Delivery]:
        """Let so much virtual time pass (0 or more); what comes due on the way is done at its moment, in order.

        One after the other: a function that sleeps delays the others, and may move the end of the period.

        Raises:
            RuntimeError: the world is in real time.
            NotImplementedError: there is a schedule that is not played here.
        """
        if not self._world.clock.is_virtual:
            raise RuntimeError("only virtual time is passed here: clock.stand_still() first")
        first, end = len(self.deliveries), self._world.clock.now() + timedelta(hours=hours, minutes=minutes)
        while (due := self._next_due()) is not None and due <= end:
            self._advance_to(due)
            self._do_what_is_due(min(self._world.clock.now(), end))
        self._advance_to(end)
        return self.deliveries[first:]

    def _do_what_is_due(self, until: datetime) -> None:
        for firing in self._scheduler.take(until):
            self.queue.accept(firing.function_arn, firing.event, firing.due)
        for delivery in self.queue.deliver(until):
            self.deliveries.append(delivery)
            if self.after_each is not None:
                self.after_each(delivery)

    def _next_due(self) -> datetime | None:
        return min(
            (due for due in (self._scheduler.next_due(), self.queue.next_due()) if due is not None), default=None
        )

    def _advance_to(self, moment: datetime) -> None:
        # A function may have slept beyond it.
        self._world.clock.advance(max(0.0, (moment - self._world.clock.now()).total_seconds()))

    def _targeted(self, function_arn: str, event: Any) -> None:
        self.queue.accept(function_arn, event, self._world.clock.now())
