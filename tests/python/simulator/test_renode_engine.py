"""The Renode engine: its platform file always, Renode itself where it is installed."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from earkit import paths
from earkit.errors import ToolError
from earkit.simulator.renode import PLATFORM, RenodeBoard

REGISTERS = paths.kit() / "firmware/boards/nrf52840/nrf52840.h"
PAUSE = np.zeros(16000, np.int16)
needs_renode = pytest.mark.skipif(shutil.which("renode") is None, reason="Renode is not installed")


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    """The smallest ELF that loads: one segment of eight bytes at 0x10000, in a folder with a space."""
    folder = tmp_path / "my firmwäre"
    folder.mkdir()
    path = folder / "board image.elf"
    header = b"\x7fELF\x01\x01\x01" + bytes(9)
    fields = np.array([2 | 40 << 16, 1, 0x10001, 52, 0, 0, 52 | 32 << 16, 1 | 40 << 16, 0], "<u4").tobytes()
    segment = np.array([1, 84, 0x10000, 0x10000, 8, 8, 5, 4], "<u4").tobytes()
    path.write_bytes(header + fields + segment + bytes(8))
    return path


def test_a_missing_renode_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elf: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"Renode is not installed; get a release package from .*") as raised:
        RenodeBoard(elf)
    assert "\n" not in str(raised.value)


def test_a_renode_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elf: Path) -> None:
    program = tmp_path / "renode"
    program.write_text("#!/bin/sh\necho some log\necho 'no such peripheral' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ToolError, match="Renode ended: no such peripheral") as raised:
        RenodeBoard(elf)
    assert "\n" not in str(raised.value)


def test_the_platform_has_what_the_firmware_uses() -> None:
    platform = PLATFORM.read_text()
    modelled = {int(a, 16) for a in re.findall(r"@ sysbus (0x[0-9A-F]+)", platform)}
    tagged = {int(a, 16) & ~0xFFF for a in re.findall(r"Tag <(0x[0-9A-F]+)", platform)}
    used = {int(a, 16) & ~0xFFF for a in re.findall(r"REG\((0x[0-9A-F]+)u\)", REGISTERS.read_text())}
    assert len(used) >= 6 and used <= modelled | tagged
    assert {0x50000500, 0x50000800} <= modelled, "the two GPIO ports"


def test_the_platform_needs_no_network() -> None:
    platform = PLATFORM.read_text()
    assert "http" not in platform and "ApplySVD" not in platform


@needs_renode
def test_a_refused_command_is_one_line(elf: Path) -> None:
    with RenodeBoard(elf) as board, pytest.raises(ToolError, match="Renode refused `nonsense`") as raised:
        board._monitor.command("nonsense")
    assert "\n" not in str(raised.value)


@needs_renode
def test_priorities_have_the_chips_three_bits(elf: Path) -> None:
    """With eight, Mbed's system call gets a lower priority than its tick."""
    with RenodeBoard(elf) as board:
        for register in (0xE000ED1C, 0xE000ED20, 0xE000E410):
            board._monitor.command(f"sysbus WriteDoubleWord {register:#x} 0xFFFFFFFF")
            priorities = int(board._monitor.command(f"sysbus ReadDoubleWord {register:#x}")[-1], 16)
            assert priorities and priorities & 0x1F1F1F1F == 0


@needs_renode
def test_renode_hears_what_the_simulated_board_hears(tflm_micro_speech: Path) -> None:
    """The same word, within a hop; what comes before the first sample is not the same, so scores differ."""
    from earkit.audio import clips
    from earkit.simulator.board import SimulatedBoard
    from earkit.toolchain.platformio import build

    image = build("sim", None)
    yes = clips.read(tflm_micro_speech / "testdata" / "yes_1000ms.wav").samples
    samples = np.concatenate([PAUSE, yes, PAUSE, PAUSE])
    with RenodeBoard(image) as renode, SimulatedBoard(image) as simulated:
        renode.play(samples)
        simulated.play(samples)
        said, expected = (board.run(4.5).decode() for board in (renode, simulated))
    ours, theirs = (re.findall(r"Heard (\w+) \((\d+)\) @(\d+)ms", text) for text in (expected, said))
    assert [word for word, _, _ in theirs] == ["yes"] == [word for word, _, _ in ours]
    assert abs(int(theirs[0][1]) - int(ours[0][1])) <= 10
    assert abs(int(theirs[0][2]) - int(ours[0][2])) <= 40
