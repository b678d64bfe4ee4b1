"""TEMP: the temperature of the chip, in quarters of a degree. nRF52840 PS 6.29."""

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Peripheral, indexed

_CONVERSION_CYCLES = HERTZ * 36 // 1_000_000
_ROOM_QUARTERS = 25 * 4
CALIBRATION = {
    "A0": 0x326, "A1": 0x348, "A2": 0x3AA, "A3": 0x40E, "A4": 0x4BD, "A5": 0x5A3,
    "B0": 0x3FEF, "B1": 0x3FBE, "B2": 0x3FBE, "B3": 0x12, "B4": 0x124, "B5": 0x27C,
    "T0": 0xE2, "T1": 0, "T2": 0x19, "T3": 0x3C, "T4": 0x50,
}  # fmt: skip
"""Slopes, offsets and ends of the segments that correct the sensor, as after reset; FICR has them too."""


class Temp(Peripheral):
    TASKS = {0x000: "START", 0x004: "STOP"}
    EVENTS = {0x100: "DATARDY"}
    REGISTERS = {0x508: "TEMP", **indexed(0x520, "A", 6), **indexed(0x540, "B", 6), **indexed(0x560, "T", 5)}
    RESET = CALIBRATION
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
