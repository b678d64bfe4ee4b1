"""Simulated time: cycles run plus cycles slept, and the events that wait for their time."""

import heapq
import itertools
from collections.abc import Callable

from earkit.simulator.cpu import NEVER, Cpu

HERTZ = 64_000_000
"""Cycles a second; one instruction is taken as one cycle."""


class Event:
    """Something scheduled; `cancel` makes it not happen."""

    __slots__ = ("action", "cancelled")

    def __init__(self, action: Callable[[], None]) -> None:
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    def __init__(self, cpu: Cpu) -> None:
        self._cpu = cpu
        self._queue: list[tuple[int, int, Event]] = []
        self._order = itertools.count()
        self.asleep = 0
        """Cycles spent asleep, or halted, since power-on."""
        self.halted_until = 0
        """Until then the core executes nothing, interrupts included."""

    @property
    def now(self) -> int:
        """Cycles since power-on."""
        return self._cpu.count + self.asleep

    @property
    def next(self) -> int:
        """When the next event is due, or NEVER."""
        while self._queue and self._queue[0][2].cancelled:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else NEVER

    def after(self, cycles: int, action: Callable[[], None]) -> Event:
        """Call `action` once, `cycles` from now; events of one time keep their order."""
        time, event = self.now + max(0, cycles), Event(action)
        heapq.heappush(self._queue, (time, next(self._order), event))
        self._cpu.stop_by(time - self.asleep)
        return event

    def fire_due(self) -> None:
        while self.next <= self.now:
            heapq.heappop(self._queue)[2].action()

    def sleep_until(self, time: int) -> None:
        self.asleep += max(0, time - self.now)

    def halt_until(self, time: int) -> None:
        """Let the core stand still until then, from the next step on."""
        self.halted_until = time

    def clear(self) -> None:
        """Forget every event, as a reset does."""
        self._queue.clear()
        self.halted_until = 0
