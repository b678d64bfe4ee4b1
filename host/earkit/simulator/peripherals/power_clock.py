"""CLOCK and POWER, which share an address: oscillators, reset reason. nRF52840 PS 5.3, 5.4."""

from earkit.simulator.clock import HERTZ
from earkit.simulator.peripherals.base import Peripheral

_HFXO_START = HERTZ * 360 // 1_000_000
_LFXO_START = HERTZ // 4
_LFRC_START = HERTZ * 600 // 1_000_000
RESET_REASONS = {"power": 0, "pin": 1 << 0, "watchdog": 1 << 1, "software": 1 << 2}
_RETAINED = ("GPREGRET", "GPREGRET2")


class PowerClock(Peripheral):
    TASKS = {0x000: "HFCLKSTART", 0x004: "HFCLKSTOP", 0x008: "LFCLKSTART", 0x00C: "LFCLKSTOP",
             0x010: "CAL", 0x078: "CONSTLAT", 0x07C: "LOWPWR"}  # fmt: skip
    EVENTS = {0x100: "HFCLKSTARTED", 0x104: "LFCLKSTARTED", 0x108: "POFWARN", 0x10C: "DONE",
              0x114: "SLEEPENTER", 0x118: "SLEEPEXIT", 0x11C: "USBDETECTED", 0x120: "USBREMOVED"}  # fmt: skip
    REGISTERS = {0x400: "RESETREAS", 0x408: "HFCLKRUN", 0x40C: "HFCLKSTAT", 0x414: "LFCLKRUN",
                 0x418: "LFCLKSTAT", 0x438: "USBREGSTATUS", 0x500: "SYSTEMOFF", 0x510: "POFCON",
                 0x518: "LFCLKSRC", 0x51C: "GPREGRET", 0x520: "GPREGRET2", 0x578: "DCDCEN",
                 0x580: "DCDCEN0", 0x640: "MAINREGSTATUS"}  # fmt: skip
    READ_ONLY = frozenset({"RESETREAS", "HFCLKRUN", "HFCLKSTAT", "LFCLKRUN", "LFCLKSTAT"})

    def restart(self, reason: str) -> None:
        """Reset, and say why. Retained registers outlive a reset by software only (5.3.7)."""
        kept = {name: self.values[name] for name in _RETAINED if reason == "software"}
        reasons = 0 if reason == "power" else self.values["RESETREAS"]
        self.reset()
        self.values.update(kept, RESETREAS=reasons | RESET_REASONS[reason])

    def wrote_gpregret(self, value: int) -> None:
        self.values["GPREGRET"] = value & 0xFF

    def wrote_gpregret2(self, value: int) -> None:
        self.values["GPREGRET2"] = value & 0xFF

    def wrote_resetreas(self, value: int) -> None:
        self.values["RESETREAS"] &= ~value

    def task_hfclkstart(self) -> None:
        self.values["HFCLKRUN"] = 1
        self.bus.clock.after(_HFXO_START, self._hf_started)

    def _hf_started(self) -> None:
        self.values["HFCLKSTAT"] = 1 << 16 | 1
        self.raise_event("HFCLKSTARTED")

    def task_hfclkstop(self) -> None:
        self.values.update(HFCLKRUN=0, HFCLKSTAT=0)

    def task_lfclkstart(self) -> None:
        self.values["LFCLKRUN"] = 1
        crystal = self.values["LFCLKSRC"] & 3 == 1
        self.bus.clock.after(_LFXO_START if crystal else _LFRC_START, self._lf_started)

    def _lf_started(self) -> None:
        self.values["LFCLKSTAT"] = 1 << 16 | self.values["LFCLKSRC"] & 3
        self.raise_event("LFCLKSTARTED")

    def task_lfclkstop(self) -> None:
        self.values.update(LFCLKRUN=0, LFCLKSTAT=0)
