"""RNG: bytes that look random and repeat from run to run. nRF52840 PS 6.19."""

import numpy as np

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Bus, Peripheral

_BYTE_CYCLES = HERTZ * 30 // 1_000_000
_BYTE_CYCLES_CORRECTED = HERTZ * 120 // 1_000_000
_SEED = 52840


class Rng(Peripheral):
    TASKS = {0x000: "START", 0x004: "STOP"}
    EVENTS = {0x100: "VALRDY"}
    REGISTERS = {0x504: "CONFIG", 0x508: "VALUE"}
    READ_ONLY = frozenset({"VALUE"})
    SHORTCUTS = {0: ("VALRDY", "STOP")}

    def __init__(self, bus: Bus, name: str, irq: int) -> None:
        self._bytes = np.random.default_rng(_SEED)
        super().__init__(bus, name, irq)

    def reset(self) -> None:
        super().reset()
        self._making: Event | None = None

    def task_start(self) -> None:
        if self._making is None:
            self._make()

    def task_stop(self) -> None:
        if self._making is not None:
            self._making.cancel()
            self._making = None

    def _make(self) -> None:
        cycles = _BYTE_CYCLES_CORRECTED if self.values["CONFIG"] & 1 else _BYTE_CYCLES
        self._making = self.bus.clock.after(cycles, self._ready)

    def _ready(self) -> None:
        self._make()
        self.values["VALUE"] = int(self._bytes.integers(256))
        self.raise_event("VALRDY")
