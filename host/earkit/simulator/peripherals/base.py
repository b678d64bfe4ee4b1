"""What every nRF52 peripheral is: tasks, events, shortcuts, interrupt enables and named registers.

A subclass names its tasks (`task_NAME` methods are called), its events (`self.raise_event("NAME")`) and
its registers. A register that it does not name is answered with 0 and a warning; a register that it
names and does not act on simply keeps what was written. nRF52840 Product Specification, section 6.1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from earkit.simulator.clock import Clock
from earkit.simulator.cpu import RAM_BASE, RAM_SIZE, Cpu
from earkit.simulator.exceptions import FIRST_IRQ, Exceptions

SHORTS, INTEN, INTENSET, INTENCLR = 0x200, 0x300, 0x304, 0x308


@dataclass(frozen=True)
class Bus:
    """What a peripheral is connected to."""

    cpu: Cpu
    clock: Clock
    exceptions: Exceptions
    warn: Callable[[str], None]
    reset: Callable[[str], None]
    """Restarts the board; called with the reason, `watchdog` or `software`."""


class Peripheral:
    TASKS: ClassVar[dict[int, str]] = {}
    EVENTS: ClassVar[dict[int, str]] = {}
    REGISTERS: ClassVar[dict[int, str]] = {}
    RESET: ClassVar[dict[str, int]] = {}
    """Values after reset, where not 0."""
    READ_ONLY: ClassVar[frozenset[str]] = frozenset()
    SHORTCUTS: ClassVar[dict[int, tuple[str, str]]] = {}
    """Bit of SHORTS: (event, task)."""

    def __init_subclass__(cls) -> None:
        """Raises TypeError for a method of a register or task that the class does not name."""
        super().__init_subclass__()
        registers = {name.lower() for name in cls.REGISTERS.values()}
        known = {"read": registers, "wrote": registers, "task": {name.lower() for name in cls.TASKS.values()}}
        for method in vars(cls):
            kind, separator, name = method.partition("_")
            if separator and kind in known and name not in known[kind]:
                raise TypeError(f"{cls.__name__}.{method} is never called: no such register or task")

    def __init__(self, bus: Bus, name: str, irq: int | None = None) -> None:
        self.bus = bus
        self.name = name
        self.irq = irq
        self._warned: set[int] = set()
        self.reset()

    def reset(self) -> None:
        self.values = {name: self.RESET.get(name, 0) for name in self.REGISTERS.values()}
        self._events: set[int] = set()
        self._inten = 0
        self._shorts = 0

    def read(self, offset: int) -> int:
        if offset in self.EVENTS:
            return int(offset in self._events)
        if offset in (INTEN, INTENSET, INTENCLR):
            return self._inten
        if offset == SHORTS:
            return self._shorts
        if offset in self.TASKS:
            return 0
        name = self.REGISTERS.get(offset)
        if name is None:
            self._unknown(offset, "read")
            return 0
        reader = getattr(self, f"read_{name.lower()}", None)
        return int(reader()) if reader else self.values[name]

    def write(self, offset: int, value: int) -> None:
        if offset in self.TASKS:
            if value & 1:
                self.task(self.TASKS[offset])
        elif offset in self.EVENTS:
            (self._events.add if value else self._events.discard)(offset)
            self._update_line()
        elif offset in (INTEN, INTENSET, INTENCLR):
            self._write_inten(offset, value)
        elif offset == SHORTS:
            self._shorts = value
        else:
            self._write_register(offset, value)

    def _write_inten(self, offset: int, value: int) -> None:
        kept = {INTEN: 0, INTENSET: self._inten, INTENCLR: self._inten & ~value}[offset]
        self._inten = kept if offset == INTENCLR else kept | value
        self._update_line()

    def _write_register(self, offset: int, value: int) -> None:
        name = self.REGISTERS.get(offset)
        if name is None:
            self._unknown(offset, f"written 0x{value:x}")
            return
        if name not in self.READ_ONLY:
            self.values[name] = value
        writer = getattr(self, f"wrote_{name.lower()}", None)
        if writer:
            writer(value)

    def task(self, name: str) -> None:
        action = getattr(self, f"task_{name.lower()}", None)
        if action:
            action()

    def raise_event(self, name: str) -> None:
        offset = self._offset_of(name)
        self._events.add(offset)
        self._update_line()
        for bit, (event, task) in self.SHORTCUTS.items():
            if event == name and self._shorts >> bit & 1:
                self.task(task)

    def _offset_of(self, event: str) -> int:
        return next(offset for offset, name in self.EVENTS.items() if name == event)

    def _update_line(self) -> None:
        if self.irq is not None:
            high = any(self._inten >> (offset - 0x100) // 4 & 1 for offset in self._events)
            self.bus.exceptions.set_line(FIRST_IRQ + self.irq, high)

    def check_ram(self, pointer: int, count: int) -> None:
        """Warn of an EasyDMA pointer outside RAM: silicon faults or corrupts memory there (PS 4.6).

        A transfer of `count` 0 reaches no memory, wherever its pointer points.
        """
        if count and not RAM_BASE <= pointer < RAM_BASE + RAM_SIZE and pointer not in self._warned:
            self._warned.add(pointer)
            self.bus.warn(f"{self.name}: EasyDMA reaches RAM only, not 0x{pointer:08x}")

    def _unknown(self, offset: int, what: str) -> None:
        if offset not in self._warned:
            self._warned.add(offset)
            self.bus.warn(f"{self.name}: unknown register 0x{offset:03x} {what}")


def indexed(offset: int, name: str, count: int, step: int = 4) -> dict[int, str]:
    """`{offset: "NAME0", offset + step: "NAME1", ...}`"""
    return {offset + step * i: f"{name}{i}" for i in range(count)}
