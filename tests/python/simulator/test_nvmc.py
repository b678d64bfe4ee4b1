"""Flash as the Product Specification has it (4.3): erase before write, bits only fall, both take time."""

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.simulator.clock import HERTZ
from earkit.simulator.core import Core
from earkit.simulator.peripherals.base import Bus
from earkit.simulator.peripherals.nvmc import PAGE, Nvmc
from earkit.simulator.peripherals.uicr import Uicr

READY, CONFIG, ERASEPAGE, ERASEALL, ERASEUICR = 0x400, 0x504, 0x508, 0x50C, 0x514
PSELRESET, CUSTOMER = 0x200, 0x080
READ, WRITE, ERASE = 0, 1, 2
PLACE = 0xFF000


class Flash:
    def __init__(self) -> None:
        self.core = Core(lambda: None)
        self.warnings: list[str] = []
        bus = Bus(
            self.core.cpu, self.core.clock, self.core.exceptions, self.warnings.append, self.warnings.append
        )
        self.nvmc = Nvmc(bus, "NVMC")
        self.uicr = Uicr(bus, "UICR", self.nvmc)

    def write(self, content: bytes, at: int = PLACE) -> None:
        """As a store instruction does, then the look at READY that follows it."""
        self.core.cpu.write(at, content)
        self.nvmc.read(READY)

    def read(self, count: int = 4, at: int = PLACE) -> bytes:
        return self.core.cpu.read(at, count)

    def wait(self) -> float:
        """Until it is ready; seconds."""
        began = self.core.clock.now
        while not self.nvmc.read(READY):
            self.core.clock.sleep_until(self.core.clock.now + 64)
        return (self.core.clock.now - began) / HERTZ


@pytest.fixture
def flash() -> Flash:
    return Flash()


def test_it_is_erased_at_first(flash: Flash) -> None:
    assert set(flash.read(1 << 20, 0)) == {0xFF}
    assert flash.nvmc.read(READY) == 1


def test_writing_clears_bits_and_sets_none(flash: Flash) -> None:
    flash.nvmc.write(CONFIG, WRITE)
    flash.write(b"\xf0\xff\x0f\xaa")
    assert flash.wait() == pytest.approx(41e-6, abs=2e-6)
    assert flash.read() == b"\xf0\xff\x0f\xaa" and not flash.warnings
    flash.write(b"\x0f\xff\xff\x55")
    flash.wait()
    assert flash.read() == b"\x00\xff\x0f\x00"
    assert "was not erased; writing sets no bits" in flash.warnings[0]


def test_erasing_takes_a_page_and_halts_the_core(flash: Flash) -> None:
    flash.nvmc.write(CONFIG, WRITE)
    for at in (PLACE - 4, PLACE, PLACE + PAGE - 4):
        flash.write(b"abcd", at)
        flash.wait()
    flash.nvmc.write(CONFIG, ERASE)
    flash.nvmc.write(ERASEPAGE, PLACE)
    assert flash.core.clock.halted_until - flash.core.clock.now == HERTZ * 85 // 1000
    assert flash.wait() == pytest.approx(0.085, rel=0.01)
    assert flash.read(PAGE) == b"\xff" * PAGE and flash.read(4, PLACE - 4) == b"abcd"


def test_what_config_does_not_allow_is_refused(flash: Flash) -> None:
    flash.nvmc.write(CONFIG, WRITE)
    flash.write(b"abcd")
    flash.wait()
    flash.nvmc.write(ERASEPAGE, PLACE)
    assert flash.read() == b"abcd" and "does not allow to erase" in flash.warnings[0]
    flash.nvmc.write(CONFIG, READ)
    assert not flash.core.cpu.flash_is_writable


def test_a_reset_keeps_flash_and_forbids_writing(flash: Flash) -> None:
    flash.nvmc.write(CONFIG, WRITE)
    flash.write(np.arange(64, dtype=np.uint8).tobytes())
    flash.nvmc.reset()
    assert flash.read(64) == bytes(range(64)) and not flash.core.cpu.flash_is_writable


def test_uicr_is_written_as_flash_is(flash: Flash) -> None:
    assert flash.uicr.read(PSELRESET) == flash.uicr.read(CUSTOMER) == 0xFFFFFFFF
    flash.nvmc.write(CONFIG, WRITE)
    flash.uicr.write(PSELRESET, 0x0000FF12)
    assert flash.wait() == pytest.approx(41e-6, abs=2e-6)
    assert flash.uicr.read(PSELRESET) == 0x0000FF12 and not flash.warnings
    flash.uicr.write(PSELRESET, 0xFFFF00F0)
    assert flash.uicr.read(PSELRESET) == 0x00000010
    assert flash.warnings == ["NVMC: UICR 0x200 was not erased; writing sets no bits"]
    assert flash.uicr.read(CUSTOMER) == 0xFFFFFFFF and set(flash.read(1 << 20, 0)) == {0xFF}


def test_uicr_is_kept_over_a_reset_and_written_only_when_config_allows(flash: Flash) -> None:
    flash.nvmc.write(CONFIG, WRITE)
    flash.uicr.write(PSELRESET, 18)
    for block in (flash.nvmc, flash.uicr):
        block.reset()
    flash.uicr.write(PSELRESET, 0)
    assert flash.uicr.read(PSELRESET) == 18
    assert flash.warnings == ["NVMC: CONFIG does not allow to write UICR; ignored"]


@pytest.mark.parametrize(("command", "flash_is_erased"), [(ERASEUICR, False), (ERASEALL, True)])
def test_uicr_is_erased(flash: Flash, command: int, flash_is_erased: bool) -> None:
    flash.nvmc.write(CONFIG, WRITE)
    flash.write(b"abcd")
    flash.uicr.write(CUSTOMER, 0)
    flash.nvmc.write(command, 1)
    assert flash.uicr.read(CUSTOMER) == 0 and "does not allow to erase" in flash.warnings[0]
    flash.nvmc.write(CONFIG, ERASE)
    flash.nvmc.write(command, 1)
    assert flash.uicr.read(CUSTOMER) == 0xFFFFFFFF
    assert (flash.read() == b"\xff" * 4) == flash_is_erased
