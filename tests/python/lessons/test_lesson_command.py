"""What a person can get wrong, and what they can ask of a board, through the command line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.commands import lesson as group
from earkit.commands._lesson import _board
from earkit.errors import EarkitError, install_hint
from earkit.figure import figure
from earkit.lessons import board, dense
from earkit.lessons.line import truth
from earkit.monitor.simulated import simulated_board
from earkit.spotter.image import export_cached

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "models"
BLOCKER = """
import os
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
def without(cls, name, *rest):
    return None if name.partition(".")[0] == os.environ["BLOCKED"] else find_spec(name, *rest)
PathFinder.find_spec = classmethod(without)
"""


def test_the_list_has_one_line_for_each(lesson: Any) -> None:
    done = lesson()
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert [line.split()[:2] for line in lines[:8]] == [[str(i), n] for i, n in enumerate(group.LESSONS, 1)]
    assert all(len(line.split()) > 5 for line in lines[:8])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("guess --w abc", "'abc' is not a number such as 10 or -2.5"),
        ("guess --w nan", "'nan' is not a number"),
        ("guess --b inf", "'inf' is not a number"),
        ("guess --b 1e200", "'1e200' is not a number"),
        ("guess --board sim --x ten", "'ten' is not a number"),
        ("guess --board sim --x NaN", "'NaN' is not a number"),
        ("guess --x 10", "--x goes with --board"),
        ("guess --float32", "--float32 with --board or --tflite"),
        ("descent --rate 0", "a learning rate is above 0"),
        ("descent --rate -1", "a learning rate is above 0"),
        ("descent --epochs 0", "0 is not in the range"),
        ("neuron --seeds 0", "0 is not in the range"),
        ("network --seed -1", "-1 is not in the range"),
        ("overfit --clips 0", "0 is not in the range"),
        ("overfit --words ../x,y", "'../x' is not a word"),
        ("pretrained", "Missing argument 'RECORDING'"),
        ("guesses", "No such command 'guesses'"),
    ],
)
def test_what_cannot_be_meant(words: str, said: str, lesson: Any) -> None:
    done = lesson(*words.split())
    assert done.exit_code == 2
    assert said in done.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("place", "said"),
    [("file/a.png", "cannot write"), ("a.jpg", "is no name of a picture"), ("a", "is no name of a picture")],
)
def test_a_picture_that_cannot_be_written(
    place: str, said: str, lesson: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told before the work, and nothing is left."""
    monkeypatch.setattr("earkit.lessons.neurons.train", lambda *_: pytest.fail("it trained first"))
    (tmp_path / "file").touch()
    for name in ("guess", "neuron"):
        done = lesson(name, "--plot", tmp_path / place)
        assert done.exit_code == 1
        assert isinstance(done.exception, EarkitError) and said in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_broken_picture_leaves_the_old_one(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_text("old")
    with pytest.raises(KeyboardInterrupt), figure(picture, (2, 2)):
        raise KeyboardInterrupt
    assert picture.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_show_opens_the_systems_viewer(lesson: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bytes] = []
    monkeypatch.setenv("DISPLAY", ":0")

    def launch(path: str, **_: bool) -> int:
        opened.append(Path(path).read_bytes())
        return len(opened) - 1

    monkeypatch.setattr("click.launch", launch)
    assert lesson("guess", "--show").exit_code == 0
    assert opened[0].startswith(b"\x89PNG")
    done = lesson("guess", "--show", "--plot", tmp_path / "a.png")
    assert "nothing here shows pictures" in str(done.exception)
    assert (tmp_path / "a.png").is_file()
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform == "linux":
        assert "there is no screen" in str(lesson("guess", "--show").exception)


def without(module: str, place: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    (place / "sitecustomize.py").write_text(BLOCKER)
    blocked = {"BLOCKED": module, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "earkit", "lesson", *map(str, words)]
    return subprocess.run(
        command, env=os.environ | blocked, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.mark.parametrize(
    ("module", "words", "extra"),
    [
        ("tensorflow", "descent", "train"),
        ("tensorflow", "neuron", "train"),
        ("keras", "network", "train"),
        ("tensorflow", "overfit", "train"),
        ("tensorflow", "guess --board sim", "train"),
        ("matplotlib", "guess --plot a.png", "train"),
        ("espeakng_loader", "sound", "train"),
        ("torch", "pretrained a.wav", "wav2vec2"),
    ],
)
def test_a_missing_extra_is_one_line(module: str, words: str, extra: str, tmp_path: Path) -> None:
    done = without(module, tmp_path, *words.split())
    assert done.returncode == 1
    assert done.stderr == f"earkit: {module} is not installed; {install_hint(extra)}\n"


def test_the_list_and_a_guess_need_no_tensorflow(tmp_path: Path) -> None:
    for words in ((), ("guess",)):
        assert without("tensorflow", tmp_path, *words).returncode == 0


needs_board = pytest.mark.skipif(
    not shutil.which("arm-none-eabi-gcc"), reason="arm-none-eabi-gcc is not installed"
)


@needs_board
def test_a_rule_on_the_simulated_board(figures: Any, tmp_path: Path) -> None:
    picture = tmp_path / "board.png"
    found = figures("guess", "--board", "sim", "--plot", picture, "--w", 2, "--b", -1)
    assert found["x"] == list(board.TABLE) and found["equal"] == len(found["x"])
    assert found["board"] == found["host"] and found["type"] == "int8"
    step = 80 / 255
    for x, y, beyond in zip(found["x"], found["board"], found["beyond"], strict=True):
        assert beyond == (abs(x) > 21)
        assert y == pytest.approx(truth(float(np.clip(x, -20, 20))), abs=1.1 * step)
    assert picture.stat().st_size < 80_000


@needs_board
def test_float32_on_the_simulated_board(figures: Any) -> None:
    found = figures("guess", "--board", "sim", "--float32", "--x", 1e6, "--x", -0.1)
    assert found["type"] == "float32" and found["beyond"] == [False, False]
    assert found["board"] == found["host"] == pytest.approx(found["network"], rel=1e-6)
    assert found["board"] == pytest.approx([3e6 + 1, 0.7])


@needs_board
def test_the_table_notes_what_it_should(lesson: Any) -> None:
    done = lesson("guess", "--board", "sim", "--x", 2, "--x", 10, "--x", 100)
    rows = done.output[done.output.index("  x") :].splitlines()[1:]
    assert rows[0].split()[0] == "2" and "outside" not in rows[0]
    assert "outside what it learnt from" in rows[1]
    assert "int8 ends at x = 20.08" in rows[2]
    assert "PC and board: 3 of 3 equal to the last bit" in done.output


@needs_board
def test_a_person_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from earkit.commands import cli

    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    done = CliRunner().invoke(cli, ["lesson", "guess", "--board", "sim"], input="10\nten\nnan\n-99\n\n")
    assert done.exit_code == 0, done.output
    said = [line for line in done.output.splitlines() if line.startswith(("  y:", "'"))]
    assert len(said) == 4
    assert "board 31.0" in said[0] and said[0].endswith("network 31.0000 (outside what it learnt from)")
    assert said[1:3] == [f"'{text}' is not a number such as 10 or -2.5" for text in ("ten", "nan")]
    assert said[3].endswith("network -296.0000 (int8 ends at x = -19.92)")


@needs_board
def test_a_board_with_another_model(lesson: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build = _board.platformio.build
    monkeypatch.setattr(_board.platformio, "build", lambda env, _: build(env, MODELS / "dense" / "c"))
    done = lesson("guess", "--board", "sim", "--x", 1)
    assert done.exit_code == 1
    said = str(done.exception)
    assert said.startswith("the board runs 'dense', not this guess_int8; put it on first: EARKIT_MODEL=/")
    assert said.endswith(" pio run -e nano33ble_lesson -t upload")
    assert (Path(said.split("EARKIT_MODEL=")[1].split()[0]) / "model.c").is_file()


@needs_board
def test_a_board_at_a_port(lesson: Any, tmp_path: Path) -> None:
    """As a real board would: behind a port of its own, with this very model on it."""
    model = tmp_path / "mine.tflite"
    assert lesson("guess", "--w", 4, "--tflite", model).exit_code == 0
    image = _board.platformio.build("lesson", export_cached(model))
    with simulated_board("--elf", str(image)) as port:
        done = lesson("guess", "--w", 4, "--board", port, "--x", 3)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "PC and board: 1 of 1 equal" in done.output


def test_no_such_board(lesson: Any) -> None:
    assert "there is no port /dev/nope" in str(lesson("guess", "--board", "/dev/nope").exception)


def test_what_diverged_is_no_model(lesson: Any, tmp_path: Path) -> None:
    done = lesson("descent", "--rate", 1, "--tflite", tmp_path / "a.tflite")
    assert done.exit_code == 1 and "what diverged makes no model" in str(done.exception)
    done = lesson("guess", "--w", 1e39, "--tflite", tmp_path / "a.tflite")
    assert done.exit_code == 1 and "the weights are no finite numbers" in str(done.exception)
    assert not list(tmp_path.iterdir())


def test_the_shipped_models_are_what_the_cards_say(lesson: Any, tmp_path: Path) -> None:
    """The same bytes from the same command (the three neurons are learnt on whichever machine: near)."""
    for kind, flag in (("", ()), ("_float32", ("--float32",))):
        made = tmp_path / f"regression{kind}.tflite"
        assert lesson("descent", *flag, "--tflite", made).exit_code == 0
        assert made.read_bytes() == (MODELS / "regression" / made.name).read_bytes()


def test_a_small_network_computes_what_keras_does() -> None:
    rng = np.random.default_rng(0)
    layers = [((1, 3), 3), ((3, 2), 2), ((2, 1), 1)]
    network = dense.Network(
        tuple(
            dense.Dense(rng.normal(size=shape).astype(np.float32), rng.normal(size=n).astype(np.float32))
            for shape, n in layers
        )
    )
    xs = np.linspace(-20, 20, 9)
    model = dense.to_keras(network)
    expected = [float(model(np.array([[x]], np.float32))[0, 0]) for x in xs]
    assert network(xs) == pytest.approx(expected, rel=1e-5)
    again = dense.of_keras(model)
    assert all((a.kernel == b.kernel).all() for a, b in zip(again.layers, network.layers, strict=True))


def test_the_page_shows_every_lesson() -> None:
    """Its pictures are there, and light; the pretrained model's weights are not ours to show."""
    page = (ROOT / "docs" / "ladder.md").read_text()
    for name in (*group.LESSONS, "board"):
        assert f"earkit lesson {name}" in page or name == "board"
        if name != "pretrained":
            assert f"(images/ladder-{name}.png)" in page
            assert (ROOT / "docs" / "images" / f"ladder-{name}.png").stat().st_size < 80_000


def test_json_is_all_that_is_printed(lesson: Any) -> None:
    for words in (("guess",), ("descent", "--rate", 1), ("neuron", "--epochs", 2)):
        assert isinstance(json.loads(lesson(*words, "--json").stdout), dict)
