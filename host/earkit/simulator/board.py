"""The simulated board: a Nano 33 BLE Sense that runs its own ELF.

Deterministic: the same image, sound and bytes give the same serial output and the same instruction
count. One instruction is one cycle of 64 MHz; sleep is skipped, not waited for.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from earkit import files
from earkit.errors import SimulatorError
from earkit.simulator import image, interrupt
from earkit.simulator.clock import HERTZ
from earkit.simulator.core import Core
from earkit.simulator.cpu import FLASH_SIZE, NEVER
from earkit.simulator.microphone import Microphone
from earkit.simulator.nrf52840 import Nrf52840
from earkit.simulator.peripherals.base import Bus
from earkit.simulator.peripherals.nvmc import PAGE
from earkit.simulator.port import SimulatedPort

_LIGHTS = {"red": (0, 24), "green": (0, 16), "blue": (0, 6), "yellow": (0, 13)}
_BUILTIN_IS_ACTIVE_HIGH = {"yellow"}


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=3)


def _read_flash(path: Path) -> bytes:
    content = path.read_bytes()
    if len(content) not in (FLASH_SIZE, FLASH_SIZE + PAGE):
        raise SimulatorError(
            f"{path} is not the {FLASH_SIZE} bytes of a flash, with or without {PAGE} of UICR",
            "name another file",
        )
    return content


class SimulatedBoard:
    """Use as a context manager, or just let it go; it holds no outside resources."""

    def __init__(self, elf: Path, *, warn: Callable[[str], None] = _warn, flash: Path | None = None) -> None:
        """`flash` is a file that flash comes from, where the image leaves it free, and that keeps it.

        It holds flash from 0x0 (1 MB) and then UICR (4 kB); without these, UICR is erased.
        """
        self.image = image.load(elf)
        self._core = Core(self._breakpoint)
        self._flash_file = flash
        self.cpu, self.clock, self.exceptions = self._core.cpu, self._core.clock, self._core.exceptions
        self.exceptions.name_of = self.image.name_of
        self.microphone = Microphone()
        self.on_serial: Callable[[bytes], None] | None = None
        """Called with bytes as they leave the board's serial pin."""
        self._sent = bytearray()
        self._reset_reason: str | None = None
        bus = Bus(self.cpu, self.clock, self.exceptions, warn, self._ask_reset)
        self.chip = Nrf52840(bus, self._on_sent, self.microphone.take)
        if flash is not None and flash.exists():
            content = _read_flash(flash)
            self.cpu.write(0, content[:FLASH_SIZE])
            self.chip.nvmc.uicr[: len(content) - FLASH_SIZE] = np.frombuffer(content[FLASH_SIZE:], np.uint8)
        self.reset("power")

    def __enter__(self) -> "SimulatedBoard":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.on_serial = None

    def _keep_flash(self) -> None:
        """Write flash to its file, whole or not at all, when it has changed."""
        if self._flash_file is not None and self.chip.nvmc.has_changed:
            self.chip.nvmc.has_changed = False
            files.write_bytes(self._flash_file, bytes(self.cpu.flash_bytes()) + self.chip.nvmc.uicr.tobytes())

    @property
    def instructions(self) -> int:
        """Instructions run since power-on."""
        return self.cpu.count

    @property
    def time(self) -> float:
        """Seconds since power-on."""
        return self.clock.now / HERTZ

    @property
    def asleep(self) -> float:
        """Share of the time spent asleep, 0..1."""
        return self.clock.asleep / max(1, self.clock.now)

    def play(self, samples: NDArray[np.int16]) -> None:
        """Queue sound at the microphone: int16, 16 kHz, mono. It is heard as the board samples it."""
        self.microphone.queue(samples)

    def write(self, data: bytes) -> None:
        """Send bytes to the board; they arrive at the speed of its baud register."""
        self.chip.uart.feed(data)

    def port(self) -> SimulatedPort:
        """The board's serial port as a pyserial-like object that advances the simulation when read."""
        return SimulatedPort(self)

    def lights(self) -> set[str]:
        """Names of the lights that are on: red, green, blue, yellow."""
        ports = (self.chip.port0, self.chip.port1)
        levels = {name: ports[port].is_high(pin) for name, (port, pin) in _LIGHTS.items()}
        driven = {name: bool(ports[port].read_dir() >> pin & 1) for name, (port, pin) in _LIGHTS.items()}
        return {n for n, high in levels.items() if driven[n] and high == (n in _BUILTIN_IS_ACTIVE_HIGH)}

    def reset(self, reason: str = "pin") -> None:
        """Start again from the vector table; time and the microphone's queue go on."""
        self.clock.clear()
        self.chip.reset(reason)
        self.cpu.load(self.image)
        self._core.reset(min(address for address, _ in self.image.segments))

    def run(self, seconds: float) -> bytes:
        """Advance simulated time and return the serial bytes sent in it.

        Raises SimulatorError when the core locks up or the image corrupts itself.
        """
        end = self.clock.now + round(seconds * HERTZ)
        with interrupt.held_back() as interrupted:
            while self.clock.now < end and not interrupted:
                self.step(end)
        self._keep_flash()
        sent = bytes(self._sent)
        self._sent.clear()
        return sent

    def step(self, end: int) -> None:
        """One thing after another, for debuggers: advance to the next event, at most to cycle `end`."""
        self.clock.fire_due()
        if self._reset_reason is not None:
            reason, self._reset_reason = self._reset_reason, None
            self.reset(reason)
        self._core.step(end)

    def _breakpoint(self) -> None:
        raise SimulatorError(f"the firmware hit a breakpoint at {self.image.name_of(self.cpu['pc'])}")

    def _ask_reset(self, reason: str) -> None:
        self._reset_reason = reason
        self.cpu.stop_by(0)

    def _on_sent(self, data: bytes) -> None:
        self._sent += data
        if self.on_serial is not None:
            self.on_serial(data)

    def next_event(self) -> float | None:
        """When the next thing is due, in seconds since power-on; None when nothing is."""
        return None if self.clock.next == NEVER else self.clock.next / HERTZ
