"""The bare core as QEMU's mps2-an386 has it: flash, RAM, the system control space, and semihosting."""

from pathlib import Path

import pytest

pytest.importorskip("unicorn", reason="no simulated core without the sim extra")

from earkit.simulator import image
from earkit.simulator.core import Core
from earkit.simulator.peripherals.base import Bus
from earkit.simulator.peripherals.system import SystemControl

SYS_WRITE0, SYS_EXIT, SEMIHOSTING = 0x04, 0x18, 0xBEAB


class BareCore:
    """Runs an image to its SYS_EXIT. `output` holds what it wrote."""

    def __init__(self, elf: Path) -> None:
        self.output = ""
        self.exited = False
        self.core = Core(self._semihost)
        self.image = image.load(elf)
        self.core.cpu.load(self.image, in_place=True)
        bus = Bus(self.core.cpu, self.core.clock, self.core.exceptions, self._refuse, self._refuse)
        self.system = SystemControl(bus, "SCS")
        self.core.cpu.uc.mmio_map(0xE000E000, 0x1000, self._read, None, self._write, None)
        self.core.reset(0)

    def run(self, limit: int = 20_000_000) -> str:
        while not self.exited and self.core.clock.now < limit:
            self.core.clock.fire_due()
            self.core.step(limit)
        assert self.exited, f"no end; so far: {self.output[-300:]}"
        return self.output

    def _semihost(self) -> None:
        cpu = self.core.cpu
        assert int.from_bytes(cpu.read(cpu["pc"], 2), "little") == SEMIHOSTING
        if cpu["r0"] == SYS_EXIT:
            self.exited = True
        elif cpu["r0"] == SYS_WRITE0:
            self.output += self._text(cpu["r1"])
        cpu["pc"] = cpu["pc"] + 2 | 1

    def _text(self, address: int) -> str:
        text = bytearray()
        while byte := self.core.cpu.read(address + len(text), 1)[0]:
            text.append(byte)
        return text.decode()

    def _read(self, _uc: object, offset: int, size: int, _data: object) -> int:
        value = self.system.read(offset & ~3) & 0xFFFFFFFF
        return value >> 8 * (offset & 3) & ((1 << 8 * size) - 1)

    def _write(self, _uc: object, offset: int, size: int, value: int, _data: object) -> None:
        if size == 1:
            self.system.write_byte(offset, value)
        else:
            self.system.write(offset, value)

    @staticmethod
    def _refuse(what: str) -> None:
        raise AssertionError(what)


@pytest.fixture
def bare_core() -> type[BareCore]:
    return BareCore
