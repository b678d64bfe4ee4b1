"""The shipped fixture `board`, in real pytest runs of a maker's project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from earkit.spotter.image import build_image

HOST = Path(__file__).parents[3] / "host"
LOADED = any(entry.value == "earkit.pytest_plugin" for entry in entry_points(group="pytest11"))

HEARS = """
def test_yes_then_no(board):
    board.play_wav("yes ü.wav")
    assert board.heard("yes", within=3)
    assert board.simulated.lights() == {"green"}
    board.play_wav("no.wav")
    assert board.heard("no", within=3)
    assert not board.heard("yes")
    assert [heard.label for heard in board.detections] == ["yes", "no"]
    assert board.lines == [f"Heard {h.label} ({h.score}) @{h.ms}ms" for h in board.detections]

def test_is_fresh(board):
    assert board.simulated.time < 0.1 and board.detections == []
    board.send("stats")
    board.run(0.5)
    assert len(board.lines) == 1 and board.lines[0].startswith('{"reset":"power"')
"""
FAILS = """
def test_wrong_word(board):
    board.play_wav("no.wav")
    assert board.heard("yes", within=3)

def test_too_soon(board):
    board.play_wav("yes ü.wav")
    assert board.heard("yes", within=0.3)
"""

Project = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path, tflm_micro_speech: Path) -> Project:
    """Runs pytest on a maker's project with this test text and options, in a folder with a space."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    folder = tmp_path / "my project"
    folder.mkdir()
    clips = tflm_micro_speech / "testdata"
    shutil.copy(clips / "yes_1000ms.wav", folder / "yes ü.wav")
    shutil.copy(clips / "no_1000ms.wav", folder / "no.wav")
    shutil.copy(tflm_micro_speech / "models/micro_speech_quantized.tflite", folder / "mine.tflite")

    def run(text: str, *options: str, ini: str = "") -> subprocess.CompletedProcess[str]:
        (folder / "test_mine.py").write_text(text)
        (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
        plugin = [] if LOADED else ["-p", "earkit.pytest_plugin"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *options, "test_mine.py"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(HOST), "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
        )

    return run


def test_hears(project: Project) -> None:
    result = project(HEARS, "--earkit-model", "mine.tflite")
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout


def test_failures_show_what_the_board_said(project: Project) -> None:
    result = project(FAILS, ini="earkit_model = mine.tflite")
    assert result.returncode == 1 and "2 failed" in result.stdout
    assert "Heard no (" in result.stdout, "the board's line stands below the test"
    assert "<board that heard no at" in result.stdout and "<board that heard nothing>" in result.stdout


def test_own_image(project: Project, tflm_micro_speech: Path, tmp_path: Path) -> None:
    image = build_image(str(tflm_micro_speech / "models/micro_speech_quantized.tflite"))
    shutil.copy(image, tmp_path / "my project" / "own.elf")
    result = project(HEARS, "--earkit-elf", "own.elf", "--earkit-model", "is not looked at")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("option", "said"),
    [("--earkit-elf=gone.elf", "cannot read gone.elf"), ("--earkit-model=gone", "no model gone")],
)
def test_mistakes_are_one_line(project: Project, option: str, said: str) -> None:
    result = project(HEARS, option)
    assert result.returncode == 1 and f"earkit: {said}" in result.stdout
    assert "Traceback" not in result.stdout and "pytest_plugin.py" not in result.stdout


def test_is_light_to_import() -> None:
    heavy = "{'numpy', 'unicorn', 'soundfile', 'tensorflow', 'platformio'}"
    code = f"import sys, earkit.pytest_plugin; sys.exit(bool({heavy} & sys.modules.keys()))"
    environment = {**os.environ, "PYTHONPATH": str(HOST)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
