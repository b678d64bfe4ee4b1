"""What Renode is given, read as Renode reads it; running it is in tests/python/simulator."""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from earshot import paths
from earshot.errors import ToolError
from earshot.simulator import renode
from earshot.simulator.renode import run_renode

PLATFORM = Path(renode.__file__).with_name("nano33ble.repl").read_text()
PATH_TOKEN = re.compile(r"@(?:(?!;)(?:\\ |\S))+")
REGISTERS = paths.kit() / "firmware/boards/nrf52840/nrf52840.h"


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named renode that keeps its arguments and input file, and sends a line as the board would."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "renode"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, re, sys\n"
        f"here = pathlib.Path({str(folder)!r})\n"
        "(here / 'arguments.txt').write_text('\\n'.join(sys.argv[1:]))\n"
        "paths = {m[1]: m[2].replace('\\\\ ', ' ') for a in sys.argv "
        "if (m := re.fullmatch(r'\\$(\\w+)=@(.*)', a))}\n"
        "(here / 'sound.raw').write_bytes(pathlib.Path(paths['sound']).read_bytes())\n"
        "pathlib.Path(paths['serial']).write_bytes(b'Heard yes (204) @2336ms\\r\\n')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


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


def arguments(recorder: Path) -> list[str]:
    return (recorder / "arguments.txt").read_text().splitlines()


def test_the_serial_bytes_come_back(recorder: Path, elf: Path) -> None:
    samples = np.array([0, 1, -1, 32767, -32768], np.int16)
    assert run_renode(elf, samples) == b"Heard yes (204) @2336ms\r\n"
    assert (recorder / "sound.raw").read_bytes() == b"\0\0\1\0\xff\xff\xff\x7f\0\x80"


def test_paths_with_spaces_are_one_word_to_the_monitor(recorder: Path, elf: Path) -> None:
    run_renode(elf, np.zeros(16000, np.int16))
    assignment = next(line for line in arguments(recorder) if line.startswith("$elf="))
    token = PATH_TOKEN.fullmatch(assignment.removeprefix("$elf="))
    assert token and Path(token[0][1:].replace("\\ ", " ")) == elf.resolve()


def test_runs_headless_for_the_sound_and_a_second(recorder: Path, elf: Path) -> None:
    run_renode(elf, np.zeros(40000, np.int16))
    given = arguments(recorder)
    assert {"--console", "--disable-xwt"} <= set(given)
    assert 'emulation RunFor "3.500"' in given and given[-1] == "quit"
    assert "$vectors=0x00010000" in given


def test_a_renode_that_fails_is_one_line(recorder: Path, elf: Path) -> None:
    (recorder / "renode").write_text("#!/bin/sh\necho some log\necho 'no such peripheral' >&2\nexit 3\n")
    with pytest.raises(ToolError, match="Renode failed: no such peripheral") as raised:
        run_renode(elf, np.zeros(16000, np.int16))
    assert "\n" not in str(raised.value)


def test_the_platform_has_what_the_firmware_uses() -> None:
    modelled = {int(a, 16) for a in re.findall(r"@ sysbus (0x[0-9A-F]+)", PLATFORM)}
    tagged = {int(a, 16) & ~0xFFF for a in re.findall(r"Tag <(0x[0-9A-F]+)", PLATFORM)}
    used = {int(a, 16) & ~0xFFF for a in re.findall(r"REG\((0x[0-9A-F]+)u\)", REGISTERS.read_text())}
    assert len(used) >= 6 and used <= modelled | tagged
    assert {0x50000500, 0x50000800} <= modelled, "the two GPIO ports"


def test_the_platform_needs_no_network() -> None:
    assert "http" not in PLATFORM and "ApplySVD" not in PLATFORM
