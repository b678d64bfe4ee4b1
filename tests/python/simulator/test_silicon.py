"""What silicon does and a careless simulator does not: each would hide a defect of the firmware.

nRF52840 Product Specification 4.6 (EasyDMA), 6.34.1 (UARTE); ARMv7-M Architecture Reference Manual B1.5.18.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from earkit.simulator.board import SimulatedBoard
from earkit.simulator.cpu import FLASH_SIZE
from earkit.toolchain.arm import flags

FIRMWARE = Path(__file__).parents[3] / "firmware"
SOURCE = Path(__file__).parents[2] / "firmware" / "silicon.c"
DONE = 0xC0FFEE


class Outcome:
    """What one program left behind after 50 ms."""

    def __init__(self, elf: Path, flash: Path | None = None) -> None:
        self.warnings: list[str] = []
        with SimulatedBoard(elf, warn=self.warnings.append, flash=flash) as board:
            self.serial = board.run(0.05)
            symbols, word = board.image.symbols, board.cpu.word
            self.out = [word(symbols["out"] + 4 * i) for i in range(8)]
            self.fault_pc = word(symbols["fault_pc"])
            self.finished = word(symbols["finished"]) == DONE


def run(case: str, tmp_path: Path, flash: Path | None = None) -> Outcome:
    compiler = shutil.which("arm-none-eabi-gcc")
    if compiler is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    elf = tmp_path / f"{case}.elf"
    chosen = flags()
    subprocess.run(
        [compiler, *chosen.cpu, *chosen.c, *chosen.warnings, *chosen.link, "-O1", f"-DCASE={case}",
         "-T", str(FIRMWARE / "app/probe/probe.ld"), "-Wl,-e,reset", str(SOURCE), "-o", str(elf)],
        check=True,
    )  # fmt: skip
    return Outcome(elf, flash)


def test_wfe_does_not_sleep_after_sev(tmp_path: Path) -> None:
    assert run("SEND_EVENT", tmp_path).finished


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", ["UNDEFINED_AFTER_EVENT", "UNDEFINED_AFTER_WAIT"])
def test_an_undefined_instruction_behind_a_hint_faults(case: str, tmp_path: Path) -> None:
    outcome = run(case, tmp_path)
    assert outcome.finished
    assert outcome.fault_pc != 0


def test_a_write_to_flash_faults(tmp_path: Path) -> None:
    outcome = run("WRITE_FLASH", tmp_path)
    assert outcome.finished
    assert outcome.fault_pc != 0


def test_dma_from_flash_is_warned_of(tmp_path: Path) -> None:
    outcome = run("SEND_FROM_FLASH", tmp_path)
    assert [w for w in outcome.warnings if w.startswith("UARTE0: EasyDMA reaches RAM only")]


def test_stopping_a_transmission_keeps_what_has_left(tmp_path: Path) -> None:
    outcome = run("STOP_SENDING", tmp_path)
    sent, ended = outcome.out[:2]
    assert outcome.finished
    assert 0 < sent < 100
    assert ended == 1
    assert outcome.serial == bytes(ord("a") + i % 26 for i in range(sent))
    assert not outcome.warnings


def test_random_bytes_differ_and_repeat(tmp_path: Path) -> None:
    first, second = (run("RANDOM_AND_TEMPERATURE", tmp_path) for _ in range(2))
    assert len(set(first.out[:4])) > 1
    assert first.out == second.out
    assert first.out[4] == 25 * 4
    assert not first.warnings


def test_the_reset_pin_is_kept_in_uicr(tmp_path: Path) -> None:
    """Nordic's start-up code writes it and resets; it must find it the next time."""
    outcome = run("RESET_PIN", tmp_path)
    assert outcome.serial == b"booted"
    assert outcome.out[0] == 1
    assert not outcome.warnings


def test_uicr_is_kept_in_the_file_that_keeps_flash(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    flash.write_bytes(b"\xff" * FLASH_SIZE)
    resets = [run("RESET_PIN", tmp_path, flash).out[0] for _ in range(2)]
    assert resets == [1, 0]


def test_nordics_start_up_code_reads_what_the_chip_has(tmp_path: Path) -> None:
    outcome = run("START_UP_READS", tmp_path)
    assert outcome.finished
    assert outcome.out[:2] == [0, 17]
    assert not outcome.warnings


def test_a_microphone_without_a_buffer_reaches_no_memory(tmp_path: Path) -> None:
    outcome = run("START_MICROPHONE_WITHOUT_BUFFER", tmp_path)
    assert outcome.out[0] == 1
    assert not outcome.warnings


def test_cryptocell_and_trace_are_named_and_do_not_fault(tmp_path: Path) -> None:
    outcome = run("CRYPTOCELL", tmp_path)
    assert outcome.finished and not outcome.fault_pc
    assert [warning.partition(" is")[0] for warning in outcome.warnings] == [
        "CRYPTOCELL", "CRYPTOCELL's core", "TPIU",
    ]  # fmt: skip
