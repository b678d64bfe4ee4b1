"""Calling single functions of an image on the simulated Cortex-M4, and counting what they cost.

No peripherals and no time: flash, RAM and the core. The image is linked by toolchain.arm.link_probe.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from earkit.errors import SimulatorError
from earkit.simulator import image
from earkit.simulator._counter import ffi
from earkit.simulator.cpu import FLASH_SIZE, RAM_BASE, RAM_SIZE, Cpu, Stop

STACK_BYTES = 16 << 10
_PAINT = 0xA5
_RETURN = 0xFFFFE
"""Where a called function returns to: a breakpoint in the last words of flash."""
_LOG_PAIRS = 1 << 14


@dataclass(frozen=True)
class Call:
    """What one call did."""

    value: int
    """r0, 0..2^32-1."""
    instructions: int
    """From the function's first to its last, called functions included."""
    stack_bytes: int
    """The deepest the stack got."""
    marks: dict[str, list[int]] = field(default_factory=dict)
    """Per marked function: its instructions, called functions included, for each time it ran until the
    next marked function or the end of the call."""


@dataclass(frozen=True)
class Profile:
    """Where a call spent its instructions."""

    runs: dict[int, int]
    """How often the instruction at each address was begun."""
    jumps: int
    """Taken branches, calls and returns."""
    flash_reads: int
    """Reads of data from flash, literals included."""


class Probe:
    """An image loaded into a bare core. Not thread-safe; state in RAM lives on from call to call."""

    def __init__(self, elf: Path) -> None:
        self.image = image.load(elf)
        self._cpu = Cpu()
        self._cpu.load(self.image, in_place=True)
        self._cpu.write(_RETURN, b"\x00\xbe")
        self._stack_top = RAM_BASE + RAM_SIZE
        used = [address + len(content) for address, content in self.image.data if address >= RAM_BASE]
        ends = [
            self.image.symbols[name]
            for name in ("probe_ram_free", "_end", "end")
            if name in self.image.symbols
        ]
        self._free = max([RAM_BASE, *used, *ends])

    def symbol(self, name: str) -> int:
        """The address of a function or object. Raises SimulatorError when there is none."""
        return self.image.address(name)

    def read(self, address: int, count: int) -> bytes:
        return self._cpu.read(address, count)

    def write(self, address: int, content: bytes) -> None:
        self._cpu.write(address, content)

    def alloc(self, count: int, align: int = 16) -> int:
        """The address of `count` bytes of RAM that the image does not use. Raises when RAM is full."""
        address = -(-self._free // align) * align
        if address + count > self._stack_top - STACK_BYTES:
            raise SimulatorError(
                "the model's buffers do not fit the board's 256 kB of RAM", "use a smaller model"
            )
        self._free = address + count
        return address

    def call(
        self, function: str | int, *arguments: int, marks: Sequence[str] = (), limit: int = 2_000_000_000
    ) -> Call:
        """Call a function with integer or pointer arguments (AAPCS) and return what it did.

        Raises SimulatorError when it faults or takes more than `limit` instructions.
        """
        cpu = self._cpu
        low = self._stack_top - STACK_BYTES
        cpu.write(low, bytes([_PAINT]) * STACK_BYTES)
        self._place(arguments)
        cpu["lr"], cpu["pc"] = (
            _RETURN | 1,
            self.symbol(function) if isinstance(function, str) else function & ~1,
        )
        addresses = self._mark(marks)
        start = cpu.count
        stop = cpu.run(start + limit)
        end = cpu.count - (stop is Stop.BREAKPOINT)
        if stop is not Stop.BREAKPOINT or cpu["pc"] & ~3 != _RETURN & ~3:
            why = "did not end" if stop is Stop.DEADLINE else stop.value
            raise SimulatorError(f"{function}: {why} at {self.image.name_of(cpu['pc'])}")
        touched = len(cpu.read(low, STACK_BYTES).lstrip(bytes([_PAINT])))
        return Call(cpu["r0"], end - start, touched, self._marked(addresses, end))

    def profile(self, function: str, *arguments: int) -> Profile:
        """Call a function and say where it spent its instructions."""
        cpu, reads = self._cpu, [0]

        def count_read(*_: object) -> None:
            reads[0] += 1

        runs = ffi.new("uint32_t[]", FLASH_SIZE // 2)
        hook = cpu.watch_flash(count_read)
        cpu.counter.runs, cpu.counter.jumps = runs, 0
        try:
            self.call(function, *arguments)
        finally:
            cpu.counter.runs = ffi.NULL
            cpu.uc.hook_del(hook)
        ran = cpu.spread(runs)
        ran.pop(_RETURN, None)
        return Profile(ran, int(cpu.counter.jumps), reads[0])

    def _place(self, arguments: Sequence[int]) -> None:
        on_stack = arguments[4:]
        top = self._stack_top - -(-4 * len(on_stack) // 8) * 8
        self._cpu.write(top, b"".join((a & 0xFFFFFFFF).to_bytes(4, "little") for a in on_stack))
        self._cpu["sp"] = top
        for index, argument in enumerate(arguments[:4]):
            self._cpu[f"r{index}"] = argument & 0xFFFFFFFF

    def _mark(self, names: Sequence[str]) -> dict[int, str]:
        addresses = {self.symbol(name): name for name in names}
        counter = self._cpu.counter
        self._marks = ffi.new("uint32_t[]", sorted(addresses) or 1)
        self._log = ffi.new("uint64_t[]", 2 * _LOG_PAIRS)
        counter.marks, counter.mark_count = self._marks, len(addresses)
        counter.log, counter.log_size, counter.log_count = self._log, _LOG_PAIRS, 0
        return addresses

    def _marked(self, addresses: dict[int, str], end: int) -> dict[str, list[int]]:
        entries = min(self._cpu.counter.log_count, _LOG_PAIRS)
        pairs = [(addresses[self._log[2 * i]], self._log[2 * i + 1]) for i in range(entries)]
        following = [*(count for _, count in pairs[1:]), end]
        marks: dict[str, list[int]] = {name: [] for name in addresses.values()}
        for (name, begun), after in zip(pairs, following, strict=False):
            marks[name].append(after - begun)
        return marks
