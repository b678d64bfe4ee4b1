"""What runs behind a bootloader lives with the state that the bootloader leaves.

`EARKIT_ARDUINO_IMAGES` names a folder with Arduino's own bootloader.hex and images that were built for it
(the spotter; .elf or .hex), which need Arduino's core and cannot be built here.
"""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.audio import clips
from earkit.simulator import image
from earkit.simulator.board import SimulatedBoard
from earkit.simulator.cpu import FLASH_SIZE
from earkit.toolchain import arm, platformio

ROOT = Path(__file__).parents[3]
BOARDS = ROOT / "firmware" / "boards"
OURS = ROOT / "tests" / "firmware"
OVERRUN = b"x" * 8
"""What our bootloader waits for: one byte is stored, six fill the FIFO, and one is too many."""

pytestmark = pytest.mark.skipif(
    shutil.which("arm-none-eabi-g++") is None, reason="arm-none-eabi-g++ is not installed"
)


def read_hex(path: Path) -> list[tuple[int, bytes]]:
    """(address, content) of each data record of an Intel HEX file."""
    records, base = [], 0
    for line in path.read_text().split():
        count, high, low, kind, *content = bytes.fromhex(line.removeprefix(":"))
        data = bytes(content[:count])
        if kind in (2, 4):
            base = int.from_bytes(data, "big") << (4 if kind == 2 else 16)
        elif kind == 0:
            records.append((base + high * 256 + low, data))
    return records


def join(*files: Path, out: Path) -> Path:
    """One ELF image of several that share the flash."""
    flash = bytearray(b"\xff" * FLASH_SIZE)
    for file in files:
        for address, content in read_hex(file) if file.suffix == ".hex" else image.load(file).segments:
            flash[address : address + len(content)] = content
    binary = out.with_suffix(".bin")
    binary.write_bytes(flash.rstrip(b"\xff"))
    arm.run(["arm-none-eabi-ld", "-b", "binary", binary, "-Tdata=0", "-e", "0", "-o", out])
    return out


def link(objects: list[Path], script: Path, out: Path, *options: str) -> Path:
    chosen = arm.flags()
    arm.run([arm.find_compiler(), *chosen.cpu, *chosen.link, *options, "-T", script, *objects, "-o", out])
    return out


@pytest.fixture
def bootloader(tmp_path: Path) -> Path:
    """Our own, which leaves more behind than Arduino's."""
    made = arm.compile_c(OURS / "bootloader.c", [], tmp_path / "bootloader.o")
    return link([made], ROOT / "firmware/app/probe/probe.ld", tmp_path / "bootloader.elf", "-Wl,-e,reset")


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    """Arduino's serial port with the bare board's start-up code, at 0x10000."""
    chosen, names = arm.flags(), OURS / "arduino"
    port = tmp_path / "serial.o"
    subprocess.run(
        ["arm-none-eabi-g++", *chosen.cpu, *chosen.warnings, "-std=gnu++14", "-Os", "-fno-exceptions",
         f"-I{names}", f"-I{BOARDS}", "-c", BOARDS / "arduino" / "serial.cpp", "-o", port],
        check=True,
    )  # fmt: skip
    sources = (names / "echo.c", BOARDS / "arduino" / "uart.c", BOARDS / "nrf52840" / "startup.c")
    objects = [arm.compile_c(source, [], tmp_path / f"{source.stem}.o") for source in sources]
    return link([port, *objects], BOARDS / "nrf52840" / "nrf52840.ld", tmp_path / "echo.elf",
                "-Wl,--defsym=flash_start=0x10000", "-Wl,--defsym=store_pages=0xDE000")  # fmt: skip


def test_our_image_behind_a_bootloader(bootloader: Path, tflm_micro_speech: Path, tmp_path: Path) -> None:
    application = platformio.build("sim_0x10000")
    with SimulatedBoard(join(bootloader, application, out=tmp_path / "both.elf")) as board:
        board.write(OVERRUN)
        board.run(0.02)
        board.write(b"hello\n")
        assert board.run(0.05).startswith(b'{"protocol":1,')
        assert b'"event":"heard","label":"yes"' in say_yes(board, tflm_micro_speech)


def test_the_arduino_port_without_a_bootloader(echo: Path) -> None:
    with SimulatedBoard(echo) as board:
        board.run(0.1)
        board.write(b"one\ntwo\n")
        assert board.run(0.02) == b"one\ntwo\n"


def test_the_arduino_port_behind_a_bootloader(bootloader: Path, echo: Path, tmp_path: Path) -> None:
    """And while bytes arrive, which may interrupt as soon as the port is on."""
    with SimulatedBoard(join(bootloader, echo, out=tmp_path / "both.elf")) as board:
        board.write(OVERRUN + b"x" * 50 + b"\n")
        board.run(0.02)
        board.write(b"one\ntwo\n")
        assert board.run(0.02) == b"one\ntwo\n"


@pytest.fixture(scope="module")
def images() -> Path:
    folder = os.environ.get("EARKIT_ARDUINO_IMAGES")
    if not folder:
        pytest.skip("EARKIT_ARDUINO_IMAGES names no folder with bootloader.hex and images for it")
    return Path(folder)


def test_arduinos_own_images(images: Path, tflm_micro_speech: Path, tmp_path: Path) -> None:
    """The real thing: hello, a word, and a reset that goes through the bootloader and comes back."""
    built = [file for file in sorted(images.iterdir()) if file.suffix in (".elf", ".hex")]
    applications = [file for file in built if file.name != "bootloader.hex"]
    assert applications, f"nothing to run in {images}"
    for file in applications:
        both = join(images / "bootloader.hex", file, out=tmp_path / f"{file.stem}-both.elf")
        with SimulatedBoard(both, warn=lambda _: None) as board:
            for _ in range(2):
                board.run(2.0)  # Arduino's bootloader waits for half a second
                assert say_yes(board, tflm_micro_speech).startswith(b"Heard yes "), file.name
                board.write(b"hello\n")
                assert b'"board":"nano33ble"' in board.run(0.2), file.name
                board.write(b"reset\n")


def say_yes(board: SimulatedBoard, recordings: Path) -> bytes:
    """What the board sends while it hears silence, the word, and silence."""
    silence = np.zeros(24000, np.int16)
    word = clips.read(recordings / "testdata" / "yes_1000ms.wav").samples
    board.play(np.concatenate([silence, word, silence]))
    return board.run(4.0)
