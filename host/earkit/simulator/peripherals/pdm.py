"""PDM microphone interface with double-buffered EasyDMA. nRF52840 PS 6.16.

The sample pointer and count are latched when a buffer begins (STARTED), so that the next ones can be
written while it fills; END and the next STARTED come together. Sound comes from a host-side source.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Bus, Peripheral

_CLOCKS = {0x08000000: 1_000_000, 0x08400000: 1_032_258, 0x08800000: 1_066_667, 0x09800000: 1_231_000,
           0x0A000000: 1_280_000, 0x0A800000: 1_333_333}  # fmt: skip
_RATIOS = {0: 64, 1: 80}
_UNITY_GAIN = 0x28
Source = Callable[[int], NDArray[np.int16]]
"""Called with a number of samples; returns that many of the sound at the microphone."""


class Pdm(Peripheral):
    TASKS = {0x000: "START", 0x004: "STOP"}
    EVENTS = {0x100: "STARTED", 0x104: "STOPPED", 0x108: "END"}
    REGISTERS = {0x500: "ENABLE", 0x504: "PDMCLKCTRL", 0x508: "MODE", 0x518: "GAINL", 0x51C: "GAINR",
                 0x520: "RATIO", 0x540: "PSELCLK", 0x544: "PSELDIN", 0x560: "SAMPLEPTR",
                 0x564: "SAMPLEMAXCNT"}  # fmt: skip
    RESET = {"PDMCLKCTRL": 0x08400000, "GAINL": _UNITY_GAIN, "GAINR": _UNITY_GAIN, "PSELCLK": 0xFFFFFFFF,
             "PSELDIN": 0xFFFFFFFF}  # fmt: skip

    def __init__(self, bus: Bus, name: str, irq: int, source: Source) -> None:
        self._source = source
        super().__init__(bus, name, irq)

    def reset(self) -> None:
        super().reset()
        self._filling: Event | None = None

    def sample_cycles(self) -> float:
        clock = _CLOCKS.get(self.values["PDMCLKCTRL"], 1_280_000)
        return HERTZ * _RATIOS.get(self.values["RATIO"] & 1, 80) / clock

    def task_start(self) -> None:
        if not self.values["ENABLE"] & 1:
            self.bus.warn(f"{self.name}: START while it is not enabled")
        elif self._filling is None:
            self._begin()

    def task_stop(self) -> None:
        self._abandon()
        self.raise_event("STOPPED")

    def wrote_enable(self, value: int) -> None:
        if not value & 1:
            self._abandon()

    def _abandon(self) -> None:
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None

    def _begin(self) -> None:
        pointer, count = self.values["SAMPLEPTR"], self.values["SAMPLEMAXCNT"] & 0x7FFF
        self.check_ram(pointer, count)
        duration = round(max(1, count) * self.sample_cycles())
        self._filling = self.bus.clock.after(duration, lambda: self._end(pointer, count))
        self.raise_event("STARTED")

    def _end(self, pointer: int, count: int) -> None:
        samples = self._source(count).astype(np.float64)
        half_decibels = (self.values["GAINL"] & 0x7F) - _UNITY_GAIN
        if half_decibels:
            samples = np.clip(np.rint(samples * 10 ** (half_decibels / 40)), -32768, 32767)
        self.bus.cpu.write(pointer, samples.astype("<i2").tobytes())
        self.raise_event("END")
        self._begin()
