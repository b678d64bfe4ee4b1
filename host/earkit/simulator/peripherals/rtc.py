"""RTC: 24-bit counter of the 32768 Hz clock. nRF52840 PS 6.22."""

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Bus, Peripheral, indexed

_SIZE = 1 << 24
_LOW_CLOCK = 32768


class Rtc(Peripheral):
    TASKS = {0x000: "START", 0x004: "STOP", 0x008: "CLEAR", 0x00C: "TRIGOVRFLW"}
    EVENTS = {0x100: "TICK", 0x104: "OVRFLW", **indexed(0x140, "COMPARE", 4)}
    REGISTERS = {
        0x340: "EVTEN",
        0x344: "EVTENSET",
        0x348: "EVTENCLR",
        0x504: "COUNTER",
        0x508: "PRESCALER",
        **indexed(0x540, "CC", 4),
    }
    READ_ONLY = frozenset({"COUNTER"})

    def __init__(self, bus: Bus, name: str, irq: int) -> None:
        self._waiting: dict[str, Event] = {}
        super().__init__(bus, name, irq)

    def reset(self) -> None:
        super().reset()
        self._running = False
        self._held = 0
        self._since = 0

    def _tick_cycles(self, ticks: int) -> int:
        """Cycles from a start until `ticks` have passed."""
        return -(-ticks * (self.values["PRESCALER"] + 1) * HERTZ // _LOW_CLOCK)

    def _ticks(self) -> int:
        if not self._running:
            return 0
        low_clocks = (self.bus.clock.now - self._since) * _LOW_CLOCK // HERTZ
        return low_clocks // (self.values["PRESCALER"] + 1)

    def read_counter(self) -> int:
        return (self._held + self._ticks()) % _SIZE

    def task_start(self) -> None:
        if not self._running:
            self._running, self._since = True, self.bus.clock.now
            self._schedule()

    def task_stop(self) -> None:
        self._held = self.read_counter()
        self._running = False
        self._schedule()

    def task_clear(self) -> None:
        self._restart_at(0)

    def task_trigovrflw(self) -> None:
        self._restart_at(_SIZE - 16)

    def _restart_at(self, count: int) -> None:
        self._held, self._since = count, self.bus.clock.now
        self._schedule()

    def wrote_evtenset(self, value: int) -> None:
        self.values["EVTEN"] |= value

    def wrote_evtenclr(self, value: int) -> None:
        self.values["EVTEN"] &= ~value

    def _write_register(self, offset: int, value: int) -> None:
        super()._write_register(offset, value)
        self._schedule()

    def _write_inten(self, offset: int, value: int) -> None:
        super()._write_inten(offset, value)
        self._schedule()

    def _schedule(self) -> None:
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting.clear()
        if self._running:
            for event in self.EVENTS.values():
                self._wait(event)

    def _wait(self, event: str) -> None:
        """Schedule its next time. TICK, which is due at every count, only where it is asked for."""
        if event == "TICK" and not self._asked(event):
            return
        count = self.read_counter()
        at = {"TICK": count + 1, "OVRFLW": 0}.get(event)
        target = self.values[f"CC{event[-1]}"] if at is None else at
        distance = (target - count) % _SIZE or _SIZE
        time = self._since + self._tick_cycles(self._ticks() + distance)
        self._waiting[event] = self.bus.clock.after(time - self.bus.clock.now, lambda: self._reached(event))

    def _reached(self, event: str) -> None:
        """An event that neither EVTEN nor INTEN asks for does not happen."""
        self._wait(event)
        if self._asked(event):
            self.raise_event(event)

    def _asked(self, event: str) -> bool:
        return bool((self._inten | self.values["EVTEN"]) >> (self._offset_of(event) - 0x100) // 4 & 1)
