"""NVMC: writes and erases flash, UICR included, and switches the instruction cache. nRF52840 PS 4.3, 4.5.

Erasing sets every bit of a page, writing clears bits and sets none; both take their time and halt the
core, which executes from flash. Flash is writable from the first block of code after CONFIG allows it, so
firmware polls READY first, as Nordic's own does. Writes are found by comparing when READY is next read.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from earkit.simulator.clock import HERTZ
from earkit.simulator.peripherals.base import Bus, Peripheral

PAGE = 4096
WORD_CYCLES = HERTZ * 41 // 1_000_000
PAGE_CYCLES = HERTZ * 85 // 1000
_WRITE, _ERASE = 1, 2


class Nvmc(Peripheral):
    REGISTERS = {0x400: "READY", 0x408: "READYNEXT", 0x504: "CONFIG", 0x508: "ERASEPAGE", 0x50C: "ERASEALL",
                 0x514: "ERASEUICR", 0x518: "ERASEPAGEPARTIAL", 0x51C: "ERASEPAGEPARTIALCFG",
                 0x540: "ICACHECNF", 0x548: "IHIT", 0x54C: "IMISS"}  # fmt: skip
    READ_ONLY = frozenset({"READY", "READYNEXT"})

    def __init__(self, bus: Bus, name: str) -> None:
        self._flash = np.frombuffer(bus.cpu.flash_bytes(), np.uint8)
        self._words = self._flash.view(np.uint32)
        self._before = self._words.copy()
        self.uicr = np.full(PAGE, 0xFF, np.uint8)
        """The page of flash that holds the user's settings of the chip; a reset keeps it, as all flash."""
        self.has_changed = False
        """Whether flash or UICR was written or erased; whoever keeps them takes this back."""
        self.on_step: Callable[[NDArray[np.uint8], NDArray[np.uint8]], None] | None = None
        """Called after each word written and each page erased, with that area of flash, which it may change,
        and what the area held before: to inject torn words, stuck bits, and with `bus.reset` a power cut."""
        super().__init__(bus, name)

    def reset(self) -> None:
        super().reset()
        self._busy_until = 0
        self.bus.cpu.flash_is_writable = False

    def read_ready(self) -> int:
        if self.bus.clock.now >= self._busy_until:
            self._settle()
        return int(self.bus.clock.now >= self._busy_until)

    read_readynext = read_ready

    def wrote_config(self, value: int) -> None:
        self._settle()
        self.bus.cpu.flash_is_writable = value == _WRITE
        if value == _WRITE:
            self._before = self._words.copy()
        self.bus.cpu.stop_by(0)  # the rights change between two runs

    def wrote_erasepage(self, value: int) -> None:
        start = value // PAGE * PAGE
        self._erase(self._flash[start : start + PAGE])

    def wrote_eraseall(self, value: int) -> None:
        if value & 1:
            self._erase(self._flash, self.uicr)

    def wrote_eraseuicr(self, value: int) -> None:
        if value & 1:
            self._erase(self.uicr)

    def write_uicr(self, offset: int, value: int) -> None:
        """Clear bits of the word of UICR at `offset`, as a store to flash does."""
        if self.values["CONFIG"] != _WRITE:
            self.bus.warn("NVMC: CONFIG does not allow to write UICR; ignored")
            return
        word = self.uicr[offset : offset + 4].view(np.uint32)
        if value & ~int(word[0]):
            self.bus.warn(f"NVMC: UICR 0x{offset:03x} was not erased; writing sets no bits")
        word &= np.uint32(value)
        self._halt(WORD_CYCLES)

    def _erase(self, *areas: NDArray[np.uint8]) -> None:
        if self.values["CONFIG"] != _ERASE:
            self.bus.warn("NVMC: CONFIG does not allow to erase; ignored")
            return
        for area in areas:
            before = area.copy()
            area[:] = 0xFF
            self._finish_step(area, before)
        self._halt(PAGE_CYCLES)

    def _halt(self, cycles: int) -> None:
        self.has_changed = True
        self._busy_until = max(self._busy_until, self.bus.clock.now) + cycles
        self.bus.clock.halt_until(self._busy_until)
        self.bus.cpu.stop_by(0)

    def _settle(self) -> None:
        """What was written since the last look: bits that were 0 stay 0."""
        if not self.bus.cpu.flash_is_writable:
            return
        written = np.flatnonzero(self._words != self._before)
        if not len(written):
            return
        if (self._words[written] & ~self._before[written]).any():
            self.bus.warn(f"NVMC: 0x{4 * written[0]:08x} was not erased; writing sets no bits")
        self._words[written] &= self._before[written]
        for word in written:
            at = slice(word, word + 1)
            self._finish_step(self._words[at].view(np.uint8), self._before[at].view(np.uint8))
            self._before[at] = self._words[at]
        self._halt(len(written) * WORD_CYCLES)

    def _finish_step(self, area: NDArray[np.uint8], before: NDArray[np.uint8]) -> None:
        if self.on_step is not None:
            self.on_step(area, before)
