"""TEMP: the temperature of the chip, in quarters of a degree. nRF52840 PS 6.29."""

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Peripheral, indexed

_CONVERSION_CYCLES = HERTZ * 36 // 1_000_000
_ROOM_QUARTERS = 25 * 4


class Temp(Peripheral):
    TASKS = {0x000: "START", 0x004: "STOP"}
    EVENTS = {0x100: "DATARDY"}
    REGISTERS = {0x508: "TEMP", **indexed(0x520, "A", 6), **indexed(0x540, "B", 6), **indexed(0x560, "T", 5)}
    READ_ONLY = frozenset({"TEMP"})

    def reset(self) -> None:
        super().reset()
        self._measuring: Event | None = None

    def task_start(self) -> None:
        self.task_stop()
        self._measuring = self.bus.clock.after(_CONVERSION_CYCLES, self._ready)

    def task_stop(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None

    def _ready(self) -> None:
        self._measuring = None
        self.values["TEMP"] = _ROOM_QUARTERS
        self.raise_event("DATARDY")
