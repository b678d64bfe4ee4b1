"""WDT: resets the board when it is not fed. nRF52840 PS 6.36."""

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Bus, Peripheral, indexed

_FEED = 0x6E524635
_RUNS_ASLEEP = 1  # CONFIG.SLEEP


class Wdt(Peripheral):
    TASKS = {0x000: "START"}
    EVENTS = {0x100: "TIMEOUT"}
    REGISTERS = {0x400: "RUNSTATUS", 0x404: "REQSTATUS", 0x504: "CRV", 0x508: "RREN", 0x50C: "CONFIG",
                 **indexed(0x600, "RR", 8)}  # fmt: skip
    RESET = {"CRV": 0xFFFFFFFF, "RREN": 1, "CONFIG": 1}
    READ_ONLY = frozenset({"RUNSTATUS", "REQSTATUS"})

    def __init__(self, bus: Bus, name: str, irq: int) -> None:
        self._bite: Event | None = None
        self._asleep_before = 0
        super().__init__(bus, name, irq)

    def reset(self) -> None:
        super().reset()
        self._bite = None

    def task_start(self) -> None:
        if not self.values["RUNSTATUS"]:
            self.values["RUNSTATUS"] = 1
            self._reload()

    def _reload(self) -> None:
        if self._bite is not None:
            self._bite.cancel()
        self.values["REQSTATUS"] = self.values["RREN"]
        cycles = (self.values["CRV"] + 1) * HERTZ // 32768
        self._asleep_before = self.bus.clock.asleep
        self._bite = self.bus.clock.after(cycles, self._timeout)

    def _timeout(self) -> None:
        slept = self.bus.clock.asleep - self._asleep_before
        if slept and not self.values["CONFIG"] & _RUNS_ASLEEP:
            self._asleep_before = self.bus.clock.asleep
            self._bite = self.bus.clock.after(slept, self._timeout)
            return
        self.raise_event("TIMEOUT")
        self.bus.reset("watchdog")

    def _write_register(self, offset: int, value: int) -> None:
        if offset < 0x600:
            if not self.values["RUNSTATUS"]:
                super()._write_register(offset, value)
        elif value == _FEED and self.values["RUNSTATUS"]:
            self.values["REQSTATUS"] &= ~(1 << (offset - 0x600) // 4)
            if not self.values["REQSTATUS"]:
                self._reload()
