"""The scripts of the ladder print what their docstrings say."""

import ast
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.audio import clips

SCRIPTS = Path(__file__).parents[3] / "scripts"
LADDER = sorted(SCRIPTS.glob("[0-9][0-9]_*.py"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a script in an empty folder, with some of its text replaced, and return what it printed."""
    monkeypatch.chdir(tmp_path)

    def go(name: str, *arguments: object, **settings: str) -> str:
        text = (SCRIPTS / name).read_text()
        for before, after in settings.items():
            (line,) = [line for line in text.splitlines() if line.startswith(f"{before} = ")]
            text = text.replace(line, f"{before} = {after}")
        copy = tmp_path / name
        copy.write_text(text.replace("Path(__file__).parents[1]", f"Path({str(SCRIPTS.parent)!r})"))
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        runpy.run_path(str(copy), run_name="__main__")
        return capsys.readouterr().out

    return go


def expected(name: str) -> list[str]:
    """The indented lines of the docstring that are no commands."""
    doc = ast.get_docstring(ast.parse((SCRIPTS / name).read_text())) or ""
    lines = [line.strip() for line in doc.splitlines() if line.startswith("    ")]
    return [line for line in lines if not line.startswith(("python ", "pip ", "earkit "))]


def test_there_is_one_for_every_step() -> None:
    assert [path.name[:2] for path in LADDER] == [f"{number:02d}" for number in range(1, 10)]
    for path in LADDER:
        text = path.read_text()
        assert "# settings" in text and f"python scripts/{path.name}" in text
        assert len(text.splitlines()) < 60, "short"


@pytest.mark.parametrize("name", ["01_guess.py", "02_descent.py", "03_neuron.py", "04_network.py"])
def test_the_line(name: str, run: Any) -> None:
    if name != "01_guess.py":
        pytest.importorskip("tensorflow")
    printed = " ".join(run(name).split())
    for line in expected(name):
        assert " ".join(line.split()) in printed


def test_sound(run: Any, tmp_path: Path) -> None:
    tone = 20000 * np.sin(2 * np.pi * 3000 * np.arange(16000) / 16000)
    clips.write(tmp_path / "tone.wav", tone.astype(np.int16))
    lines = run("06_sound.py", tmp_path / "tone.wav").splitlines()
    assert lines[-1] == expected("06_sound.py")[-1] == "49 rows of 40 channels, int8"
    loudest = max(range(20), key=lambda row: sum(map(" .:-=+*#%@".index, lines[row])))
    assert 4 <= loudest <= 9, "3 kHz is in the upper half"


def test_filters(run: Any) -> None:
    lines = run("07_filters.py").splitlines()
    assert [line for line in lines if line.startswith("filter")][7].startswith("filter 8:")
    assert len([line for line in lines if line.startswith("  ")]) == 64


def noise(folder: Path, words: tuple[str, ...], count: int) -> None:
    rng = np.random.default_rng(3)
    for number in range(count):
        samples = rng.normal(0, 900, 16000).astype(np.int16)
        clips.write(folder / words[number % len(words)] / f"{number:08x}_nohash_0.wav", samples)


def test_overfit(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorflow")
    noise(tmp_path / "noise", ("no", "go"), 120)
    monkeypatch.setattr("earkit.audio.synthetic.cached", lambda _: tmp_path / "noise")
    lines = run("05_overfit.py", EPOCHS="60").splitlines()
    first, last = ([float(part.split()[-1]) for part in line.split(",")] for line in (lines[0], lines[-1]))
    assert lines[-1].startswith("epoch  60: loss ") and last[0] < 0.1 < first[0]
    assert last[1] > 0.6, "there is nothing to know of other speakers"


def test_pretrained_compiles() -> None:
    compile((SCRIPTS / "08_pretrained.py").read_text(), "08_pretrained.py", "exec")


def test_micro_speech(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    noise(tmp_path / "noise", ("yes", "no", "hiss"), 150)
    data = repr(str(tmp_path / "noise"))
    printed = run("09_micro_speech.py", DATA=data, EPOCHS="1", OUT=f"Path({str(tmp_path / 'out')!r})")
    assert "336,000 multiply-accumulates" in printed and "validation speakers: " in printed
    folder = tmp_path / "out" / "micro_speech"
    assert {"model.c", "model_data.c", "model_tflm.h"} <= {path.name for path in folder.iterdir()}
    if shutil.which("gcc"):
        from earkit.core.compiled import CompiledModel

        output = CompiledModel(folder).invoke(np.full(1960, -128, np.int8))[0]
        assert output.shape == (1, 4)
