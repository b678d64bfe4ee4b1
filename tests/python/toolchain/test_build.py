"""PlatformIO builds, really run: images, budgets, failures in one line, nothing written to the kit."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from earkit import paths
from earkit.errors import ToolError
from earkit.toolchain import arm, platformio, size

IMAGE_FLASH = 40_000 + 2_000
"""What listens, and what survives power cuts, a dead microphone and faults at start."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the default model's folder that a test may spoil."""
    return Path(shutil.copytree(paths.kit() / "models/micro_speech/c", tmp_path / "model"))


def sections_of(elf: Path) -> dict[str, int]:
    with elf.open("rb") as file:
        return {section.name: section["sh_addr"] for section in ELFFile(file).iter_sections()}


def producers(elf: Path) -> dict[str, str]:
    """What GCC wrote of its flags into the debugging information, by source file name."""
    with elf.open("rb") as file:
        units = [unit.get_top_DIE() for unit in ELFFile(file).get_dwarf_info().iter_CUs()]
        return {
            Path(unit.attributes["DW_AT_name"].value.decode()).name: unit.attributes[
                "DW_AT_producer"
            ].value.decode()
            for unit in units
        }


def files_of_kit() -> set[Path]:
    """The kit's files, and .pio if there is one: what a build in the wrong place would add to."""
    kit = paths.kit()
    return {path for name in ("firmware", "models", ".pio") for path in (kit / name).rglob("*")}


@pytest.mark.usefixtures("arm_gcc")
def test_image_within_its_budget_and_kit_untouched() -> None:
    before = files_of_kit()
    measured = size.measure(platformio.build("sim"))
    assert measured.flash <= IMAGE_FLASH
    assert measured.ram + measured.stack <= 32 << 10
    assert {"front end", "kernels", "model", "app", "board", "engine"} <= measured.parts.keys()
    assert "other" not in measured.parts
    assert files_of_kit() == before


@pytest.mark.usefixtures("arm_gcc")
def test_kit_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installed wheel may be. (For root nothing is read-only: then only that the copy suffices.)"""
    kit = tmp_path / "kit"
    for name in ("firmware", "models"):
        shutil.copytree(paths.kit() / name, kit / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(paths.kit() / "platformio.ini", kit)
    folders = [kit, *(path for path in kit.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    monkeypatch.setattr(paths, "kit", lambda: kit)
    try:
        assert size.measure(platformio.build("sim")).flash > 10_000
    finally:
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.usefixtures("arm_gcc")
def test_stack_is_enough(tflm_micro_speech: Path) -> None:
    """After a word and the longest commands a quarter of the painted stack is untouched."""
    simulator = pytest.importorskip("earkit.simulator.board")
    board = simulator.SimulatedBoard(platformio.build("sim"))
    wav = (tflm_micro_speech / "testdata" / "yes_1000ms.wav").read_bytes()
    board.play(np.frombuffer(bytes(64000) + wav[44:] + bytes(32000), np.int16))
    board.run(3.5)
    for command in (b"hello 1", b"info", b"stats", b"stream features on", b"stream scores on", b"help"):
        board.write(command + b"\n")
        assert board.run(0.3)
    bottom, top = (board.image.address(name) for name in ("stack_bottom", "stack_top"))
    stack = np.frombuffer(board.cpu.read(bottom, top - bottom), np.uint32)
    untouched = int(np.argmax(stack != 0xC5C5C5C5)) * 4
    assert 0.25 * (top - bottom) <= untouched < top - bottom


@pytest.mark.usefixtures("arm_gcc")
def test_image_behind_the_bootloader() -> None:
    elf = platformio.build("sim_0x10000")
    assert sections_of(elf)[".text"] == 0x10000
    assert sections_of(elf)[".stack"] == 0x20000000


@pytest.mark.usefixtures("arm_gcc")
def test_flags_are_the_probe_s(tmp_path: Path) -> None:
    """A probe and the image compile a source alike, each at its level; the flags stand in one file."""
    image = producers(platformio.build("sim"))
    core = paths.kit() / "firmware/core"
    sources = [*core.glob("frontend/*.c"), *core.glob("link/*.c")]
    probe = producers(arm.link_probe(sources, [], tmp_path / "probe.elf"))
    assert image["fft.c"] == probe["fft.c"] and " -O2" in probe["fft.c"]
    assert image["link.c"] == probe["link.c"] and " -Os" in probe["link.c"]
    written = [
        path
        for folder in ("firmware", "host")
        for path in (paths.kit() / folder).rglob("*")
        if path.suffix in (".py", ".json", ".ini") and "-mfpu=" in path.read_text()
    ]
    assert [path.name for path in written] == ["flags.json"]


@pytest.mark.usefixtures("arm_gcc")
def test_nothing_changed_nothing_built(model: Path) -> None:
    first = platformio.build("sim", model)
    built = first.stat().st_mtime_ns
    assert platformio.build("sim", model) == first and first.stat().st_mtime_ns == built
    with (model / "model.c").open("a") as source:
        source.write('\nconst char added[] = "more";\n')
    platformio.build("sim", model)
    assert first.stat().st_mtime_ns > built


@pytest.mark.usefixtures("arm_gcc")
def test_a_broken_model_is_one_line(model: Path) -> None:
    (model / "model.c").write_text("int broken = nonsense;\n")
    with pytest.raises(ToolError, match=r"model\.c:1:14: error: 'nonsense' undeclared") as raised:
        platformio.build("sim", model)
    assert "\n" not in str(raised.value)
    log = Path(str(raised.value).rpartition(" ")[2])
    assert "nonsense" in log.read_text()


def test_no_model(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"no compiled model in .*; make one with: earkit export"):
        platformio.build("sim", tmp_path)


def test_no_such_environment() -> None:
    with pytest.raises(ToolError, match=r"there is no \[env:moon\]; choose one of: sim, sim_0x10000, native"):
        platformio.build("moon")


def test_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="not installed; run: sudo apt-get install"):
        platformio.build("sim")
    with pytest.raises(ToolError, match="gcc is not installed; run: sudo apt-get install gcc"):
        platformio.build("native")


@pytest.mark.usefixtures("arm_gcc")
def test_two_at_a_time(model: Path) -> None:
    """Two builds of one folder wait for each other; one of another model does not disturb them."""
    images: list[Path] = []
    wanted = [model, model, None]
    threads = [threading.Thread(target=lambda m=m: images.append(platformio.build("sim", m))) for m in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(images) == 3 and len(set(images)) == 2
    assert all(size.measure(image).flash > 10_000 for image in images)


@pytest.mark.usefixtures("arm_gcc")
def test_pio_as_a_person_calls_it(tmp_path: Path) -> None:
    """`pio run -e sim` in a fresh clone: no Earkit, no network, an empty home."""
    clone = tmp_path / "clone"
    for name in ("firmware", "models"):
        shutil.copytree(paths.kit() / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(paths.kit() / "platformio.ini", clone)
    (clone / "tests").mkdir()
    (clone / "tests" / "test_something.py").write_text("")
    alone = ["unshare", "-rn"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode != 0:
        alone = []
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PLATFORMIO_", "PYTHON"))
    }
    result = subprocess.run(
        [*alone, sys.executable, "-m", "platformio", "run", "-e", "sim"],
        cwd=clone,
        env=kept | {"HOME": str(tmp_path), "PLATFORMIO_CORE_DIR": str(tmp_path / "core")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert (clone / ".pio/build/sim/firmware.elf").is_file()
    assert (clone / ".pio/build/sim/firmware.hex").is_file()


def run_native(
    program: Path, sound: Path, commands: bytes, **variables: str
) -> "subprocess.CompletedProcess[bytes]":
    """The commands are there from the start: the program ends with the sound, in milliseconds."""
    given = program.parent / "commands"
    given.write_bytes(commands)
    with given.open("rb") as stdin:
        return subprocess.run(
            [program],
            stdin=stdin,
            env=os.environ | {"EARKIT_SOUND": str(sound)} | variables,
            capture_output=True,
            timeout=240,
            check=False,
        )


def test_native_board(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    program = platformio.build("native")
    sound = tmp_path / "silence.raw"
    np.zeros(16000 * 2, np.int16).tofile(sound)
    result = run_native(program, sound, b"hello 1\nstats\n")
    assert result.returncode == 0
    hello, stats = result.stdout.decode().splitlines()
    assert '"board":"native"' in hello and '"overruns":0' in stats
    assert run_native(program, tmp_path / "none.wav", b"").stderr.startswith(b"cannot read 16 kHz mono")


def test_native_board_hears_a_wav(tflm_micro_speech: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    wav = tflm_micro_speech / "testdata" / "yes_1000ms.wav"
    raw = subprocess.run(
        [platformio.build("native")],
        input=wav.read_bytes()[44:],
        capture_output=True,
        timeout=240,
        check=False,
    )
    heard = run_native(platformio.build("native"), wav, b"")
    assert heard.returncode == raw.returncode == 0 and heard.stdout == raw.stdout
