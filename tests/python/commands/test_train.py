"""`earkit train` leaves a run's folder, the same each time."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from earkit.audio import clips

pytest.importorskip("tensorflow", reason="the train extra is not installed")

from earkit.commands.train import command

HERTZ = {"yes": (400, 3000), "no": (3000, 400), "other": (1200, 1200)}
SPEAKERS = {"training": 8, "validation": 3, "testing": 3}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three words that rise, fall and stay, of speakers with split lists."""
    folder, rng = tmp_path_factory.mktemp("recordings"), np.random.default_rng(1)
    for split, speakers in SPEAKERS.items():
        names = []
        for word, (start, end) in HERTZ.items():
            for speaker in range(speakers):
                tone = np.sin(2 * np.pi * np.cumsum(np.linspace(start, end, 8000) / 16000))
                sound = np.pad(8000 * tone, 4000) + rng.normal(0, 20, 16000)
                names.append(f"{word}/{split[:2]}{speaker:06x}_nohash_0.wav")
                clips.write(folder / names[-1], sound.astype(np.int16))
        if split != "training":
            (folder / f"{split}_list.txt").write_text("\n".join(names) + "\n")
    return folder


def train(recordings: Path, out: Path) -> Path:
    arguments = ["mine", "--data", recordings, "--epochs", 2, "--out", out, "--json"]
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (
        said["model"] == str(out / "mine/mine.tflite") and said["bytes"] == Path(said["model"]).stat().st_size
    )
    assert said["validation"]["labels"] == ["silence", "unknown", "yes", "no"] and said["kept_back"] is None
    return out / "mine"


def test_a_runs_folder(recordings: Path, tmp_path: Path) -> None:
    run = train(recordings, tmp_path / "first")
    assert {file.name for file in run.iterdir()} == {
        "mine.tflite",
        "model.keras",
        "settings.json",
        "history.json",
        "metrics.json",
        "training.png",
        "confusion.png",
    }
    assert json.loads((run / "settings.json").read_text())["clips"] == {"training": 24, "validation": 9}
    assert len(json.loads((run / "history.json").read_text())["val_loss"]) == 2
    again = train(recordings, tmp_path / "second")
    assert (again / "mine.tflite").read_bytes() == (run / "mine.tflite").read_bytes()


def test_own_takes_are_kept_back_and_judged(recordings: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    for number in range(10):
        sound = np.pad(rng.normal(0, 3000, 8000), (20000, 4000)).astype(np.int16)
        clips.write(tmp_path / f"mine/yes/take {number}.wav", sound)
    arguments = ["own", "--data", recordings, "--recordings", tmp_path / "mine", "--epochs", 1]
    result = CliRunner().invoke(command, [str(argument) for argument in [*arguments, "--out", tmp_path]])
    assert result.exit_code == 0, result.output
    assert re.search(r"your own takes that were kept back: yes \d of 2\n", result.output)
    settings = json.loads((tmp_path / "own/settings.json").read_text())
    assert settings["asked"]["recordings"] == str(tmp_path / "mine") and settings["asked"]["seed"] == 1
    assert settings["clips"]["training"] > 24
