"""TIMER: counts a divided 16 MHz clock and compares. nRF52840 PS 6.30."""

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Bus, Peripheral, indexed

_WIDTHS = {0: 16, 1: 8, 2: 24, 3: 32}


class Timer(Peripheral):
    EVENTS = indexed(0x140, "COMPARE", 6)
    TASKS = {0x000: "START", 0x004: "STOP", 0x008: "COUNT", 0x00C: "CLEAR", 0x010: "SHUTDOWN",
             **indexed(0x040, "CAPTURE", 6)}  # fmt: skip
    REGISTERS = {0x504: "MODE", 0x508: "BITMODE", 0x510: "PRESCALER", **indexed(0x540, "CC", 6)}
    RESET = {"PRESCALER": 4}
    SHORTCUTS = {
        **{n: (f"COMPARE{n}", "CLEAR") for n in range(6)},
        **{8 + n: (f"COMPARE{n}", "STOP") for n in range(6)},
    }

    def __init__(self, bus: Bus, name: str, irq: int) -> None:
        self._waiting: list[Event] = []
        super().__init__(bus, name, irq)

    def reset(self) -> None:
        super().reset()
        self._running = False
        self._held = 0
        self._since = 0

    def _tick(self) -> int:
        return (HERTZ // 16_000_000) << (self.values["PRESCALER"] & 0xF)

    def _size(self) -> int:
        return 1 << _WIDTHS[self.values["BITMODE"] & 3]

    def count(self) -> int:
        ran = (self.bus.clock.now - self._since) // self._tick() if self._running else 0
        return (self._held + ran) % self._size()

    def task(self, name: str) -> None:
        if name.startswith("CAPTURE"):
            self.values[f"CC{name[-1]}"] = self.count()
        else:
            super().task(name)

    def task_start(self) -> None:
        if not self._running:
            self._running, self._since = True, self.bus.clock.now
            self._schedule()

    def task_stop(self) -> None:
        self._held = self.count()
        self._running = False
        self._schedule()

    task_shutdown = task_stop

    def task_clear(self) -> None:
        self._held, self._since = 0, self.bus.clock.now
        self._schedule()

    def task_count(self) -> None:
        self._held = (self._held + 1) % self._size()
        for n in range(6):
            if self.values["MODE"] & 3 and self.values[f"CC{n}"] == self._held:
                self.raise_event(f"COMPARE{n}")

    def _write_register(self, offset: int, value: int) -> None:
        super()._write_register(offset, value)
        self._schedule()

    def _schedule(self) -> None:
        for event in self._waiting:
            event.cancel()
        self._waiting = [self._wait_for(n) for n in range(6)] if self._running else []

    def _wait_for(self, n: int) -> Event:
        ticks = (self.values[f"CC{n}"] - self.count()) % self._size() or self._size()
        phase = (self.bus.clock.now - self._since) % self._tick()
        return self.bus.clock.after(ticks * self._tick() - phase, lambda: self._compare(n))

    def _compare(self, n: int) -> None:
        self._waiting[n] = self._wait_for(n)  # first: a shortcut may clear or stop the timer
        self.raise_event(f"COMPARE{n}")
