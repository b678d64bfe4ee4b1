"""The core's own registers: NVIC, SCB, SysTick, FPU control, and DWT's cycle counter.

ARMv7-M Architecture Reference Manual, B3.2 to B3.4 and C1.8.
"""

from earkit.simulator.clock import Event
from earkit.simulator.exceptions import (
    BUS_FAULT,
    FIRST_IRQ,
    MEM_FAULT,
    NMI,
    PENDSV,
    SVCALL,
    SYSTICK,
    USAGE_FAULT,
    VECTORS,
)
from earkit.simulator.peripherals.base import Bus, Peripheral

_PRIORITY_BITS = 0xE0  # nRF52840: three bits
_VECTKEY = 0x05FA
_CPUID = 0x410FC241
_ENABLED_BITS = {16: MEM_FAULT, 17: BUS_FAULT, 18: USAGE_FAULT}
_ACTIVE_BITS = {0: MEM_FAULT, 1: BUS_FAULT, 3: USAGE_FAULT, 7: SVCALL, 10: PENDSV, 11: SYSTICK}
_PENDING_BITS = {12: USAGE_FAULT, 13: MEM_FAULT, 14: BUS_FAULT, 15: SVCALL}


class SystemControl(Peripheral):
    """0xE000E000..0xE000EFFF."""

    REGISTERS = {0x004: "ICTR", 0x008: "ACTLR", 0x010: "SYST_CSR", 0x014: "SYST_RVR", 0x018: "SYST_CVR",
                 0x01C: "SYST_CALIB", 0xD00: "CPUID", 0xD04: "ICSR", 0xD08: "VTOR", 0xD0C: "AIRCR",
                 0xD10: "SCR", 0xD14: "CCR", 0xD24: "SHCSR", 0xD28: "CFSR", 0xD2C: "HFSR", 0xD30: "DFSR",
                 0xD34: "MMFAR", 0xD38: "BFAR", 0xD3C: "AFSR", 0xD88: "CPACR", 0xD90: "MPU_TYPE",
                 0xD94: "MPU_CTRL", 0xDF0: "DHCSR", 0xDFC: "DEMCR", 0xF00: "STIR", 0xF34: "FPCCR",
                 0xF38: "FPCAR", 0xF3C: "FPDSCR"}  # fmt: skip
    RESET = {"ICTR": 1, "SYST_CALIB": 0xC0000000, "CPUID": _CPUID, "CCR": 0x200, "FPCCR": 0xC0000000}
    READ_ONLY = frozenset({"ICTR", "SYST_CALIB", "CPUID", "ICSR", "CFSR", "HFSR", "DFSR", "BFAR",
                           "SYST_CSR", "SYST_CVR", "AIRCR", "MPU_TYPE"})  # fmt: skip

    def reset(self) -> None:
        super().reset()
        self._wrap: Event | None = None
        self._began = 0
        self._counted = False

    def read(self, offset: int) -> int:
        table = self._table(offset)
        if table is not None:
            return self._read_bits(*table)
        if 0x400 <= offset < 0x400 + VECTORS or 0xD18 <= offset < 0xD24:
            return int.from_bytes(
                bytes(self._priority(self._exception(offset + i)) for i in range(4)), "little"
            )
        return super().read(offset)

    def write(self, offset: int, value: int) -> None:
        table = self._table(offset)
        if table is not None:
            self._write_bits(offset, *table, value)
        elif 0x400 <= offset < 0x400 + VECTORS or 0xD18 <= offset < 0xD24:
            for i, byte in enumerate((value & 0xFFFFFFFF).to_bytes(4, "little")):
                self.write_byte(offset + i, byte)
        else:
            self._write_register(offset, value)

    def write_byte(self, offset: int, value: int) -> None:
        """A byte write to a priority register."""
        self.bus.exceptions.priorities[self._exception(offset)] = value & _PRIORITY_BITS
        self.bus.cpu.stop_by(0)

    def _exception(self, offset: int) -> int:
        return offset - 0xD14 if offset >= 0xD18 else min(FIRST_IRQ + offset - 0x400, VECTORS - 1)

    def _priority(self, exception: int) -> int:
        return self.bus.exceptions.priorities[exception]

    def _table(self, offset: int) -> tuple[set[int] | list[int], int] | None:
        """(the set a bit register shows, its first exception)."""
        exceptions = self.bus.exceptions
        first = FIRST_IRQ + (offset & 0x7F) // 4 * 32
        block = offset & ~0x7F
        if block in (0x100, 0x180):
            return exceptions.enabled, first
        if block in (0x200, 0x280):
            return exceptions.pending, first
        return (exceptions.active, first) if block == 0x300 else None

    def _read_bits(self, shown: set[int] | list[int], first: int) -> int:
        return sum(1 << bit for bit in range(32) if first + bit in shown)

    def _write_bits(self, offset: int, shown: set[int] | list[int], first: int, value: int) -> None:
        chosen = {first + bit for bit in range(32) if value >> bit & 1 and first + bit < VECTORS}
        if isinstance(shown, set):
            if offset & 0x80:
                shown -= chosen
                if shown is self.bus.exceptions.pending:
                    shown |= chosen & self.bus.exceptions.lines - set(self.bus.exceptions.active)
            else:
                shown |= chosen
        self.bus.cpu.stop_by(0)

    def read_icsr(self) -> int:
        e = self.bus.exceptions
        pending = min(e.pending & e.enabled, key=lambda x: (e.priority(x), x), default=0)
        active = e.active[-1] if e.active else 0
        flags = (SYSTICK in e.pending) << 26 | (PENDSV in e.pending) << 28 | (NMI in e.pending) << 31
        return (
            flags
            | any(x >= FIRST_IRQ for x in e.pending) << 22
            | pending << 12
            | (len(e.active) <= 1) << 11
            | active
        )

    def wrote_icsr(self, value: int) -> None:
        e = self.bus.exceptions
        for bit, exception in ((31, NMI), (28, PENDSV), (26, SYSTICK)):
            if value >> bit & 1:
                e.set_pending(exception)
        for bit, exception in ((27, PENDSV), (25, SYSTICK)):
            if value >> bit & 1:
                e.pending.discard(exception)

    def wrote_vtor(self, value: int) -> None:
        self.bus.exceptions.vector_table = value & 0x3FFFFF80

    def read_aircr(self) -> int:
        return 0xFA05 << 16 | self.bus.exceptions.priority_group << 8

    def wrote_aircr(self, value: int) -> None:
        if value >> 16 == _VECTKEY:
            self.bus.exceptions.priority_group = value >> 8 & 7
            if value & 4:
                self.bus.reset("software")

    def read_shcsr(self) -> int:
        e = self.bus.exceptions
        flags = ((_ENABLED_BITS, e.enabled), (_ACTIVE_BITS, e.active), (_PENDING_BITS, e.pending))
        return sum(1 << bit for bits, shown in flags for bit, exception in bits.items() if exception in shown)

    def wrote_shcsr(self, value: int) -> None:
        enabled = self.bus.exceptions.enabled
        for bit, exception in _ENABLED_BITS.items():
            (enabled.add if value >> bit & 1 else enabled.discard)(exception)

    def read_cfsr(self) -> int:
        return self.bus.exceptions.cfsr

    def wrote_cfsr(self, value: int) -> None:
        self.bus.exceptions.cfsr &= ~value

    def read_hfsr(self) -> int:
        return self.bus.exceptions.hfsr

    def wrote_hfsr(self, value: int) -> None:
        self.bus.exceptions.hfsr &= ~value

    def read_bfar(self) -> int:
        return self.bus.exceptions.bfar

    def wrote_scr(self, value: int) -> None:
        self.bus.exceptions.sleep_on_exit = bool(value & 2)
        self.bus.exceptions.event_on_pending = bool(value & 16)

    def wrote_stir(self, value: int) -> None:
        self.bus.exceptions.set_pending(FIRST_IRQ + (value & 0x1FF))

    def _period(self) -> int:
        return (self.values["SYST_RVR"] & 0xFFFFFF) + 1

    def _ticking(self) -> bool:
        return bool(self.values["SYST_CSR"] & 1) and self._period() > 1

    def read_syst_csr(self) -> int:
        self._catch_up()
        flag, self._counted = self._counted, False
        return self.values["SYST_CSR"] | flag << 16

    def wrote_syst_csr(self, value: int) -> None:
        was = self.values["SYST_CSR"]
        self.values["SYST_CSR"] = value & 7
        if value & 1 and not was & 1:
            self._began = self.bus.clock.now
        self._schedule_wrap()

    def read_syst_cvr(self) -> int:
        if not self._ticking():
            return 0
        ran = (self.bus.clock.now - self._began) % self._period()
        return (self._period() - ran) % self._period()

    def wrote_syst_cvr(self, _value: int) -> None:
        self._began = self.bus.clock.now
        self._counted = False
        self._schedule_wrap()

    def _catch_up(self) -> None:
        if self._ticking() and self.bus.clock.now - self._began >= self._period():
            self._counted = True
            self._began += (self.bus.clock.now - self._began) // self._period() * self._period()

    def _schedule_wrap(self) -> None:
        if self._wrap is not None:
            self._wrap.cancel()
            self._wrap = None
        if self._ticking() and self.values["SYST_CSR"] & 2:
            left = self._period() - (self.bus.clock.now - self._began) % self._period()
            self._wrap = self.bus.clock.after(left, self._wrapped)

    def _wrapped(self) -> None:
        self._catch_up()
        self.bus.exceptions.set_pending(SYSTICK)
        self._schedule_wrap()


class CycleCounter(Peripheral):
    """DWT, of which the cycle counter is modelled: it counts one a cycle and stands while the core sleeps."""

    REGISTERS = {0x000: "CTRL", 0x004: "CYCCNT", 0x008: "CPICNT", 0x00C: "EXCCNT", 0x010: "SLEEPCNT",
                 0x014: "LSUCNT", 0x018: "FOLDCNT", 0xFB0: "LAR"}  # fmt: skip
    RESET = {"CTRL": 0x40000000}

    def __init__(self, bus: Bus, name: str) -> None:
        self._offset = 0
        super().__init__(bus, name)

    def read_cyccnt(self) -> int:
        return (
            (self.bus.cpu.count - self._offset) & 0xFFFFFFFF
            if self.values["CTRL"] & 1
            else self.values["CYCCNT"]
        )

    def wrote_cyccnt(self, value: int) -> None:
        self._offset = self.bus.cpu.count - value

    def wrote_ctrl(self, value: int) -> None:
        if value & 1:
            self._offset = self.bus.cpu.count - self.values["CYCCNT"]
