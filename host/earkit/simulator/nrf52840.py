"""The nRF52840: which block lies at which address. nRF52840 Product Specification, 4.2.3."""

from collections.abc import Callable
from typing import Any

from earkit.simulator.peripherals.base import Bus, Peripheral
from earkit.simulator.peripherals.ficr import Ficr
from earkit.simulator.peripherals.gpio import Gpio
from earkit.simulator.peripherals.nvmc import Nvmc
from earkit.simulator.peripherals.pdm import Pdm, Source
from earkit.simulator.peripherals.power_clock import PowerClock
from earkit.simulator.peripherals.rng import Rng
from earkit.simulator.peripherals.rtc import Rtc
from earkit.simulator.peripherals.system import CycleCounter, SystemControl
from earkit.simulator.peripherals.temp import Temp
from earkit.simulator.peripherals.timer import Timer
from earkit.simulator.peripherals.uarte import Uarte
from earkit.simulator.peripherals.uicr import Uicr
from earkit.simulator.peripherals.wdt import Wdt

UNMODELLED = {
    0x40001000: "RADIO", 0x40003000: "TWIM0/SPIM0", 0x40004000: "TWIM1/SPIM1", 0x40005000: "NFCT",
    0x40006000: "GPIOTE", 0x40007000: "SAADC", 0x4000E000: "ECB",
    0x4000F000: "AAR/CCM", 0x40012000: "QDEC", 0x40013000: "COMP", 0x40014000: "EGU0", 0x40015000: "EGU1",
    0x40016000: "EGU2", 0x40017000: "EGU3", 0x40018000: "EGU4", 0x40019000: "EGU5", 0x4001C000: "PWM0",
    0x4001F000: "PPI", 0x40020000: "MWU", 0x40021000: "PWM1", 0x40022000: "PWM2", 0x40023000: "SPIM2",
    0x40025000: "I2S", 0x40026000: "FPU", 0x40027000: "USBD", 0x40028000: "UARTE1", 0x40029000: "QSPI",
    0x4002D000: "PWM3", 0x4002F000: "SPIM3", 0x5002A000: "CRYPTOCELL", 0x5002B000: "CRYPTOCELL's core",
    0xE0040000: "TPIU",
}  # fmt: skip
_REGIONS = ((0x10000000, 0x2000), (0x40000000, 0x30000), (0x50000000, 0x1000), (0x5002A000, 0x2000),
            (0xE0000000, 0x10000), (0xE0040000, 0x1000))  # fmt: skip
_PAGE = 0x1000


class Nrf52840:
    """Every peripheral, by name, and the dispatch of memory accesses to them."""

    def __init__(self, bus: Bus, sent: Callable[[bytes], None], source: Source) -> None:
        self._bus = bus
        self.power = PowerClock(bus, "CLOCK/POWER", 0)
        self.uart = Uarte(bus, "UARTE0", 2, sent)
        self.pdm = Pdm(bus, "PDM", 29, source)
        self.port0 = Gpio(bus, "P0")
        self.port1 = Gpio(bus, "P1")
        self.nvmc = Nvmc(bus, "NVMC")
        self.system = SystemControl(bus, "SCS")
        self._at: dict[int, Peripheral] = {
            0x10000000: Ficr(bus, "FICR"),
            0x10001000: Uicr(bus, "UICR", self.nvmc),
            0x40000000: self.power,
            0x40002000: self.uart,
            0x40008000: Timer(bus, "TIMER0", 8),
            0x40009000: Timer(bus, "TIMER1", 9),
            0x4000A000: Timer(bus, "TIMER2", 10),
            0x4000B000: Rtc(bus, "RTC0", 11),
            0x4000C000: Temp(bus, "TEMP", 12),
            0x4000D000: Rng(bus, "RNG", 13),
            0x40010000: Wdt(bus, "WDT", 16),
            0x40011000: Rtc(bus, "RTC1", 17),
            0x4001A000: Timer(bus, "TIMER3", 26),
            0x4001B000: Timer(bus, "TIMER4", 27),
            0x4001D000: self.pdm,
            0x4001E000: self.nvmc,
            0x40024000: Rtc(bus, "RTC2", 36),
            0x50000000: self.port0,
            0x50000300: self.port1,
            0xE0001000: CycleCounter(bus, "DWT"),
            0xE000E000: self.system,
        }
        self._warned: set[int] = set()
        for base, size in _REGIONS:
            bus.cpu.uc.mmio_map(base, size, self._read, base, self._write, base)

    def reset(self, reason: str) -> None:
        """`reason` is one of RESET_REASONS."""
        for peripheral in self._at.values():
            if peripheral is not self.power:
                peripheral.reset()
        self.power.restart(reason)

    def _find(self, address: int) -> tuple[Peripheral | None, int]:
        page, offset = address & ~(_PAGE - 1), address & (_PAGE - 1)
        if page == 0x50000000 and offset >= 0x800:
            return self.port1, offset - 0x300
        peripheral = self._at.get(page)
        if peripheral is None and page not in self._warned:
            self._warned.add(page)
            name = UNMODELLED.get(page, f"0x{page:08x}")
            self._bus.warn(f"{name} is not modelled; access to offset 0x{offset:03x} ignored")
        return peripheral, offset

    def _read(self, _uc: Any, offset: int, size: int, base: int) -> int:
        peripheral, register = self._find(base + offset)
        if peripheral is None:
            return 0
        value = peripheral.read(register & ~3) & 0xFFFFFFFF
        return value >> 8 * (register & 3) & ((1 << 8 * size) - 1)

    def _write(self, _uc: Any, offset: int, size: int, value: int, base: int) -> None:
        peripheral, register = self._find(base + offset)
        if isinstance(peripheral, SystemControl) and size == 1:
            peripheral.write_byte(register, value)
        elif peripheral is not None:
            peripheral.write(register & ~3, value << 8 * (register & 3))
