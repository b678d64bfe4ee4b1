"""A Cortex-M4F core: Unicorn, its memory, and an exact count of the instructions it ran.

Unicorn decodes and executes; exceptions are ours (exceptions.py). Traps that shaped this file: WFI stops
the run cleanly; WFE and YIELD arrive as invalid instructions with the program counter behind them, an
undefined one leaves it in front; SEV runs unseen, so each is hooked; a stop asked for by the block hook
comes before the block is run; memory callbacks see the program counter of their block's start.
"""

import ctypes
from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np

from earkit.errors import SimulatorError, install_hint, require
from earkit.simulator._counter import ffi, lib
from earkit.simulator.image import Image

FLASH_SIZE = 1 << 20
RAM_BASE, RAM_SIZE = 0x20000000, 256 << 10
NEVER = 1 << 62
EXCEPTION_RETURN = 0xFFFFFF00
_THUMB = 1 << 24
_YIELD, _WFE, _SEV = (bytes([code, 0xBF]) for code in (0x10, 0x20, 0x40))


class Stop(Enum):
    """Why a run ended."""

    DEADLINE = "deadline"
    WAIT_FOR_INTERRUPT = "wfi"
    WAIT_FOR_EVENT = "wfe"
    SUPERVISOR_CALL = "svc"
    BREAKPOINT = "bkpt"
    EXCEPTION_RETURN = "return"
    BAD_INSTRUCTION = "undefined instruction"
    NOT_THUMB = "not Thumb code"
    BAD_MEMORY = "bad memory access"
    BAD_FETCH = "no memory at the instruction"


_INTERRUPTS = {2: Stop.SUPERVISOR_CALL, 7: Stop.BREAKPOINT, 8: Stop.EXCEPTION_RETURN}


class Cpu:
    """Flash at 0, RAM at 0x20000000; registers by their names (`cpu["r0"]`, `cpu["xpsr"]`)."""

    def __init__(self) -> None:
        self._unicorn: Any = require("unicorn", "sim")
        self._const: Any = require("unicorn.arm_const", "sim")
        self.flash = ffi.new("uint8_t[]", FLASH_SIZE)
        ffi.memmove(self.flash, b"\xff" * FLASH_SIZE, FLASH_SIZE)  # erased
        self.ram = ffi.new("uint8_t[]", RAM_SIZE)
        self._registers: dict[str, int] = {}
        self._interrupts: list[int] = []
        self.fault_address = 0
        self.event = False
        """The event register that WFE waits for."""
        self.flash_is_writable = False
        """Takes effect with the next `run`."""
        self._flash_was_writable = False
        self._watched: set[int] = set()
        self.uc = self._make_unicorn()
        self.counter = self._make_counter()

    def _make_unicorn(self) -> Any:
        u = self._unicorn
        uc = u.Uc(u.UC_ARCH_ARM, u.UC_MODE_THUMB)  # UC_MODE_MCLASS makes it a Cortex-M33, whatever we ask for
        uc.ctl_set_cpu_model(self._const.UC_CPU_ARM_CORTEX_M4)
        areas = ((0, self.flash, u.UC_PROT_READ | u.UC_PROT_EXEC), (RAM_BASE, self.ram, u.UC_PROT_ALL))
        for base, memory, rights in areas:
            uc.mem_map_ptr(base, len(memory), rights, int(ffi.cast("uintptr_t", memory)))
        uc.hook_add(u.UC_HOOK_INTR, self._on_interrupt)
        uc.hook_add(u.UC_HOOK_MEM_INVALID, self._on_bad_memory)
        return uc

    def _make_counter(self) -> Any:
        """Hook our C counter to every block through Unicorn's own C interface."""
        library = require("unicorn.unicorn_py3.unicorn", "sim").uclib
        self._blocks = ffi.new("uint32_t[]", FLASH_SIZE // 2)
        counter = ffi.new("ear_counter *")
        counter.flash, counter.flash_base, counter.flash_size = self.flash, 0, FLASH_SIZE
        counter.ram, counter.ram_base, counter.ram_size = self.ram, RAM_BASE, RAM_SIZE
        counter.blocks = self._blocks
        counter.stop = ffi.cast("int (*)(void *)", _address(library.uc_emu_stop))
        hook = ctypes.CDLL(library._name).uc_hook_add
        self._handle = ctypes.c_size_t()
        status = hook(
            self.uc._uch,
            ctypes.byref(self._handle),
            ctypes.c_int(self._unicorn.UC_HOOK_BLOCK),
            ctypes.c_void_p(int(ffi.cast("uintptr_t", ffi.addressof(lib, "ear_count_block")))),
            ctypes.c_void_p(int(ffi.cast("uintptr_t", counter))),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != 0:
            raise SimulatorError("this version of Unicorn does not take a block hook", install_hint("sim"))
        return counter

    def load(self, image: Image, *, in_place: bool = False) -> None:
        """Write the image into memory; `in_place` puts initialised data straight where it is used."""
        for address, content in image.data if in_place else image.segments:
            self.write(address, content)
            self._watch_events(address, content)

    def _watch_events(self, address: int, content: bytes) -> None:
        """Hook every SEV; what only looks like one is never executed."""
        halfwords = range(address % 2, len(content) - 1, 2)
        found = {address + at for at in halfwords if content[at : at + 2] == _SEV}
        for at in found - self._watched:
            self.uc.hook_add(self._unicorn.UC_HOOK_CODE, self._on_event, begin=at, end=at)
        self._watched |= found

    def _on_event(self, *_: object) -> None:
        self.event = True

    def flash_bytes(self) -> Any:
        """All of flash, as a buffer that is written in place."""
        return ffi.buffer(self.flash)

    def write(self, address: int, content: bytes) -> None:
        memory, offset = self._locate(address, len(content))
        ffi.memmove(memory + offset, content, len(content))

    def read(self, address: int, count: int) -> bytes:
        memory, offset = self._locate(address, count)
        return bytes(ffi.buffer(memory + offset, count))

    def _locate(self, address: int, count: int) -> tuple[Any, int]:
        for base, memory in ((RAM_BASE, self.ram), (0, self.flash)):
            if base <= address and address + count <= base + len(memory):
                return memory, address - base
        raise SimulatorError(
            f"0x{address:08x}..+{count} is neither flash nor RAM", "check the image's linker script"
        )

    def word(self, address: int) -> int:
        return int.from_bytes(self.read(address, 4), "little")

    def __getitem__(self, register: str) -> int:
        return int(self.uc.reg_read(self._number(register)))

    def __setitem__(self, register: str, value: int) -> None:
        self.uc.reg_write(self._number(register), value)
        if register == "xpsr":  # makes Unicorn see that the core is in a handler, or no longer
            self.uc.reg_write(self._number("cpsr"), self["cpsr"])

    def _number(self, register: str) -> int:
        if register not in self._registers:
            self._registers[register] = getattr(self._const, f"UC_ARM_REG_{register.upper()}")
        return self._registers[register]

    def take_event(self) -> bool:
        """Whether the event register was set; it is cleared."""
        event, self.event = self.event, False
        return event

    @property
    def count(self) -> int:
        """Instructions run since start, those skipped by an IT block included."""
        return int(self.counter.count)

    def uncount(self, address: int) -> None:
        """Give back the instructions of the current block from `address` on: they are not run now."""
        begin = int(self.counter.block)
        if begin < FLASH_SIZE:
            known = int(self._blocks[begin // 2])
            end = begin + (known >> 16)
            while address < end:
                address += 4 if self.flash[address + 1] >> 3 >= 0x1D else 2
                self.counter.count -= 1

    def spread(self, runs: Any) -> dict[int, int]:
        """From runs of blocks (ear_counter) to runs of instructions, by address."""
        found: dict[int, int] = {}
        for begin in np.flatnonzero(np.frombuffer(ffi.buffer(runs), np.uint32)):
            at = 2 * int(begin)
            end = at + (int(self._blocks[begin]) >> 16)
            while at < end:
                found[at] = found.get(at, 0) + int(runs[int(begin)])
                at += 4 if self.flash[at + 1] >> 3 >= 0x1D else 2
        return found

    def watch_flash(self, on_read: Callable[..., None]) -> Any:
        """Have `on_read` called for every read of data from flash; the hook that is returned ends it."""
        return self.uc.hook_add(self._unicorn.UC_HOOK_MEM_READ, on_read, begin=0, end=FLASH_SIZE - 1)

    def stop_by(self, count: int) -> None:
        """Make the current run end at the first block at or after `count` instructions."""
        if count < self.counter.deadline:
            self.counter.deadline = count

    def run(self, until: int) -> Stop:
        """Execute until `until` instructions have been counted, or something else happens."""
        self.counter.deadline = until
        self._interrupts.clear()
        self._allow_flash()
        try:
            self.uc.emu_start(self["pc"] | 1, 0xFFFFFFFF)
        except self._unicorn.UcError as error:
            return self._failed(error)
        if self._interrupts:
            return _INTERRUPTS.get(self._interrupts[0], Stop.BAD_INSTRUCTION)
        if self.count >= self.counter.deadline:
            return Stop.DEADLINE
        return Stop.WAIT_FOR_INTERRUPT

    def _allow_flash(self) -> None:
        if self.flash_is_writable != self._flash_was_writable:
            self._flash_was_writable = self.flash_is_writable
            u = self._unicorn
            rights = u.UC_PROT_ALL if self.flash_is_writable else u.UC_PROT_READ | u.UC_PROT_EXEC
            self.uc.mem_protect(0, FLASH_SIZE, rights)

    def _failed(self, error: Any) -> Stop:
        u = self._unicorn
        if error.errno == u.UC_ERR_FETCH_UNMAPPED:
            return Stop.BAD_FETCH
        if error.errno != u.UC_ERR_INSN_INVALID:
            return Stop.BAD_MEMORY
        if not self["xpsr"] & _THUMB:
            return Stop.NOT_THUMB
        pc = self["pc"]
        before = self.read(pc - 2, 2) if pc != self.counter.block else b""
        return {_WFE: Stop.WAIT_FOR_EVENT, _YIELD: Stop.DEADLINE}.get(before, Stop.BAD_INSTRUCTION)

    def _on_interrupt(self, uc: Any, number: int, _data: object) -> None:
        self._interrupts.append(number)
        uc.emu_stop()

    def _on_bad_memory(self, _uc: Any, _access: int, address: int, *_rest: object) -> bool:
        self.fault_address = address
        return False


def _address(function: Any) -> int:
    value = ctypes.cast(function, ctypes.c_void_p).value
    assert value is not None
    return value
