"""The nRF52840's blocks, by their registers, on a real core and clock, with no program.

Register addresses and times are the Product Specification's: 6.16 PDM, 6.22 RTC, 6.30 TIMER, 6.34 UARTE,
6.36 WDT.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.simulator.clock import HERTZ
from earkit.simulator.core import Core
from earkit.simulator.nrf52840 import Nrf52840
from earkit.simulator.peripherals.base import Bus, Peripheral
from earkit.simulator.peripherals.rtc import Rtc
from earkit.simulator.peripherals.timer import Timer

RAM = 0x20000000
INTENSET, INTENCLR = 0x304, 0x308


class Chip:
    """Its blocks and what reached the outside. Time passes asleep: there is nothing to run."""

    def __init__(self) -> None:
        self.core = Core(lambda: None)
        self.warnings: list[str] = []
        self.resets: list[str] = []
        self.sent: list[tuple[int, bytes]] = []
        self.bus = Bus(
            self.core.cpu, self.core.clock, self.core.exceptions, self.warnings.append, self.resets.append
        )
        self.blocks = Nrf52840(self.bus, self._sent, self._sound)
        self._heard = 0

    @property
    def now(self) -> int:
        return self.core.clock.now

    def _sent(self, data: bytes) -> None:
        self.sent.append((self.now, data))

    def _sound(self, count: int) -> NDArray[np.int16]:
        self._heard += count
        return np.arange(self._heard - count, self._heard).astype(np.int16)

    def wait(self, cycles: int) -> None:
        end = self.now + cycles
        while self.core.clock.next <= end:
            self.core.clock.sleep_until(self.core.clock.next)
            self.core.clock.fire_due()
        self.core.clock.sleep_until(end)

    def wait_for(self, block: Peripheral, event: int, limit: int = HERTZ) -> int:
        """Cycles until the event's register reads 1; it is cleared."""
        began = self.now
        while not block.read(event):
            assert self.core.clock.next <= began + limit, f"{block.name}: no event 0x{event:x}"
            self.wait(self.core.clock.next - self.now)
        block.write(event, 0)
        return self.now - began

    def pending(self, irq: int) -> bool:
        return 16 + irq in self.core.exceptions.pending


@pytest.fixture
def chip() -> Iterator[Chip]:
    yield Chip()


def start_uart(chip: Chip, baud_register: int) -> Peripheral:
    uart = chip.blocks.uart
    for offset, value in ((0x50C, 6), (0x514, 8), (0x524, baud_register), (0x500, 8)):
        uart.write(offset, value)
    return uart


@pytest.mark.parametrize(("register", "baud"), [(0x01D60000, 115200), (0x00275000, 9600), (1 << 28, 10**6)])
def test_sending_takes_ten_bits_a_byte(chip: Chip, register: int, baud: int) -> None:
    uart = start_uart(chip, register)
    chip.bus.cpu.write(RAM, b"hello")
    uart.write(0x544, RAM)
    uart.write(0x548, 5)
    uart.write(INTENSET, 1 << 8)
    uart.write(0x008, 1)
    assert chip.wait_for(uart, 0x120) == pytest.approx(50 * HERTZ / baud, rel=0.01)
    assert chip.sent == [(chip.now, b"hello")] and uart.read(0x54C) == 5
    assert chip.pending(2)


def test_receiving_keeps_six_bytes_and_then_overruns(chip: Chip) -> None:
    uart = start_uart(chip, 0x01D60000)
    chip.blocks.uart.feed(b"abcdefgh")
    chip.wait(HERTZ * 10 * 6 // 115200 + 1000)
    assert not uart.read(0x124)
    chip.wait(HERTZ * 10 * 3 // 115200)
    assert uart.read(0x124) and uart.read(0x480) == 1
    uart.write(0x480, 1)
    assert uart.read(0x480) == 0
    uart.write(0x534, RAM + 64)
    uart.write(0x538, 6)
    uart.write(0x000, 1)
    assert uart.read(0x110) and uart.read(0x53C) == 6
    assert chip.bus.cpu.read(RAM + 64, 6) == b"abcdef", "g and h were lost"


def test_bytes_arrive_at_the_speed_of_the_line(chip: Chip) -> None:
    uart = start_uart(chip, 0x01D60000)
    uart.write(0x534, RAM)
    uart.write(0x538, 1)
    uart.write(0x200, 1 << 5)  # ENDRX starts the next
    uart.write(0x000, 1)
    chip.blocks.uart.feed(b"xyz")
    times = [chip.wait_for(uart, 0x110) for _ in range(3)]
    assert times == pytest.approx([HERTZ * 10 / 115200] * 3, rel=0.01)


def test_microphone_fills_one_buffer_while_the_next_is_named(chip: Chip) -> None:
    pdm, size = chip.blocks.pdm, 320
    for offset, value in ((0x504, 0x0A000000), (0x520, 1), (0x560, RAM), (0x564, size), (0x500, 1)):
        pdm.write(offset, value)
    pdm.write(0x000, 1)
    assert pdm.read(0x100), "STARTED: the pointer is latched"
    pdm.write(0x100, 0)
    pdm.write(0x560, RAM + 2 * size)
    assert chip.wait_for(pdm, 0x108) == size * HERTZ // 16000
    assert pdm.read(0x100), "the second buffer has begun"
    for half in range(2):
        if half:
            pdm.write(0x560, RAM)
            chip.wait_for(pdm, 0x108)
        block = np.frombuffer(chip.bus.cpu.read(RAM + 2 * size * half, 2 * size), np.int16)
        assert np.array_equal(block, np.arange(size * half, size * (half + 1)))
    pdm.write(0x004, 1)
    assert chip.wait_for(pdm, 0x104) >= 0
    before = pdm.read(0x108)
    chip.wait(HERTZ // 10)
    assert pdm.read(0x108) == before, "stopped"


def test_microphone_gain(chip: Chip) -> None:
    pdm = chip.blocks.pdm
    chip._heard = 1000
    for offset, value in ((0x504, 0x0A000000), (0x520, 1), (0x518, 0x28 + 12), (0x560, RAM), (0x564, 4)):
        pdm.write(offset, value)
    pdm.write(0x500, 1)
    pdm.write(0x000, 1)
    chip.wait_for(pdm, 0x108)
    louder = np.frombuffer(chip.bus.cpu.read(RAM, 8), np.int16)
    assert louder == pytest.approx(np.arange(1000, 1004) * 10 ** (6 / 20), abs=1), "12 half decibels"


def start_timer(chip: Chip, prescaler: int = 4) -> Timer:
    timer = Timer(chip.bus, "TIMER0", 8)
    for offset, value in ((0x508, 3), (0x510, prescaler), (0x540, 1000), (0x544, 250)):
        timer.write(offset, value)
    timer.write(INTENSET, 1 << 16)
    timer.write(0x000, 1)
    return timer


def test_timer_compares_and_captures(chip: Chip) -> None:
    timer = start_timer(chip)
    assert chip.wait_for(timer, 0x144) == 250 * 64 and not chip.pending(8)
    assert chip.wait_for(timer, 0x140) == 750 * 64 and chip.pending(8)
    chip.wait(64 * 123)
    timer.write(0x048, 1)
    assert timer.read(0x548) == 1123
    timer.write(0x004, 1)
    chip.wait(10**6)
    timer.write(0x048, 1)
    assert timer.read(0x548) == 1123, "stopped"


def test_timer_shortcut_makes_it_periodic(chip: Chip) -> None:
    timer = start_timer(chip)
    timer.write(0x200, 1)
    assert [chip.wait_for(timer, 0x140) for _ in range(5)] == [1000 * 64] * 5
    assert sum(not event.cancelled for _, _, event in chip.core.clock._queue) == 6, "one for each compare"
    timer.write(0x200, 1 << 8)
    chip.wait_for(timer, 0x140)
    chip.wait(10**6)
    assert timer.count() == 1000, "stopped by the compare"


def test_rtc_counts_and_compares(chip: Chip) -> None:
    rtc = Rtc(chip.bus, "RTC1", 17)
    for offset, value in ((0x508, 31), (0x540, 512), (INTENSET, 1 << 16), (0x000, 1)):
        rtc.write(offset, value)
    assert chip.wait_for(rtc, 0x140) == pytest.approx(HERTZ / 2, abs=2) and chip.pending(17)
    assert rtc.read(0x504) == 512
    rtc.write(0x00C, 1)
    assert rtc.read(0x504) == 0xFFFFF0
    rtc.write(0x344, 1 << 1)
    assert chip.wait_for(rtc, 0x104) == pytest.approx(HERTZ / 64, abs=70)
    rtc.write(0x008, 1)
    rtc.write(INTENCLR, 1 << 16)
    chip.wait(HERTZ)
    assert rtc.read(0x140) == 0, "nobody asked for the event"


def test_watchdog_bites_when_it_is_not_fed(chip: Chip) -> None:
    dog = chip.blocks._at[0x40010000]
    dog.write(0x504, 32767)
    dog.write(0x000, 1)
    for _ in range(5):
        chip.wait(HERTZ * 9 // 10)
        dog.write(0x600, 0x6E524635)
    assert not chip.resets
    dog.write(0x504, 10)
    dog.write(0x600, 0x12345678)
    chip.wait(HERTZ * 9 // 10)
    assert not chip.resets, "its time cannot be changed once it runs"
    chip.wait(HERTZ // 5)
    assert chip.resets == ["watchdog"]


def test_an_unknown_register_is_named_once(chip: Chip) -> None:
    for _ in range(3):
        chip.blocks.pdm.write(0x7FC, 1)
        chip.blocks.uart.read(0x7F8)
    assert chip.warnings == [
        "PDM: unknown register 0x7fc written 0x1",
        "UARTE0: unknown register 0x7f8 read",
    ]


def test_a_block_that_is_not_modelled_is_named_once(chip: Chip) -> None:
    """By a program's own access: LDR from the radio, twice."""
    cpu = chip.bus.cpu
    cpu.write(0x100, bytes.fromhex("0868 0868 00be"))  # ldr r0, [r1]; ldr r0, [r1]; bkpt
    cpu["r1"], cpu["pc"] = 0x40001510, 0x100
    cpu.run(cpu.count + 10)
    assert chip.warnings == ["RADIO is not modelled; access to offset 0x510 ignored"]
    assert cpu["r0"] == 0


def nothing(*_: object) -> int:
    return 0


@pytest.mark.parametrize("method", ["read_inn", "wrote_outt", "task_start"])
def test_a_method_that_nothing_would_call_is_refused(method: str) -> None:
    """A misspelt name would make a register that silently does nothing."""
    with pytest.raises(TypeError, match=f"Misspelt.{method} is never called"):
        type("Misspelt", (Peripheral,), {"REGISTERS": {0x504: "OUT", 0x510: "IN"}, method: nothing})


def test_methods_of_registers_and_tasks_are_taken() -> None:
    methods = dict.fromkeys(("read_in", "wrote_out", "task_start", "reader"), nothing)
    type("Right", (Peripheral,), {"REGISTERS": {0x504: "OUT", 0x510: "IN"}, "TASKS": {0: "START"}, **methods})


@pytest.mark.parametrize(
    ("reason", "kept"), [("software", True), ("pin", False), ("watchdog", False), ("power", False)]
)
def test_general_purpose_retention(chip: Chip, reason: str, kept: bool) -> None:
    """5.3.7: both registers outlive a reset by software, eight bits of them."""
    for offset, value in ((0x51C, 0x1B1), (0x520, 0xA5)):
        chip.blocks.power.write(offset, value)
    chip.blocks.reset(reason)
    read = [chip.blocks.power.read(offset) for offset in (0x51C, 0x520)]
    assert read == ([0xB1, 0xA5] if kept else [0, 0])


def test_reset_reasons_add_up_until_they_are_cleared(chip: Chip) -> None:
    power, reasons = chip.blocks.power, 0x400
    chip.blocks.reset("pin")
    chip.blocks.reset("software")
    assert power.read(reasons) == 0b101
    power.write(reasons, 0b001)
    assert power.read(reasons) == 0b100
    chip.blocks.reset("power")
    assert power.read(reasons) == 0


def test_pdm_that_is_disabled_stops(chip: Chip) -> None:
    pdm = chip.blocks.pdm
    for offset, value in ((0x500, 1), (0x560, RAM), (0x564, 320), (0x000, 1), (0x100, 0), (0x500, 0)):
        pdm.write(offset, value)
    chip.wait(HERTZ)
    assert not pdm.read(0x100) and not pdm.read(0x108)
    pdm.write(0x500, 1)
    pdm.write(0x000, 1)
    assert pdm.read(0x100)
