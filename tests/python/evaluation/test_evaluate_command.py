"""earkit evaluate and earkit data info, as a person calls them."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from earkit.audio import clips
from earkit.commands import cli
from earkit.errors import EarkitError
from earkit.paths import kit
from earkit.settings import ModelSettings
from earkit.training.quantise import with_settings

pytest.importorskip("tensorflow", reason="the train extra is not installed")

RNG = np.random.default_rng(12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 speakers who hiss when asked for yes, no and bed; one file is broken."""
    place = tmp_path_factory.mktemp("clips")
    for word in ("yes", "no", "bed"):
        for speaker in range(40):
            samples = RNG.normal(0, 1000, 16000).astype(np.int16)
            clips.write(place / word / f"{speaker:08x}_nohash_0.wav", samples)
    (place / "bed/broken_nohash_0.wav").write_text("no sound")
    return place


def run(*words: object) -> Result:
    result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_clip_by_clip(folder: Path) -> None:
    result = run("evaluate", "micro_speech", "--data", folder, "--split", "all", "--json")
    assert "1 files skipped" in result.stderr and "broken_nohash_0" in result.stderr
    found = json.loads(result.stdout)
    low, high = found["clips"]["interval"]
    assert low <= found["clips"]["balanced"] <= high and found["clips"]["labels"][2:] == ["yes", "no"]
    said = np.sum(found["clips"]["confusion"], axis=1)
    assert said[2:].tolist() == [found["sound"]["played"][word] for word in ("yes", "no")]


def test_own_recordings_of_one_person(tmp_path: Path) -> None:
    for number in range(3):
        for word in ("yes", "hello"):
            sound = RNG.normal(0, 1000, 30000).astype(np.int16)
            clips.write(tmp_path / word / f"take {number}.wav", sound)
    (tmp_path / "yes/broken.wav").write_text("no sound")
    result = run("evaluate", "micro_speech", "--recordings", tmp_path, "--json")
    assert "1 files skipped" in result.stderr
    found = json.loads(result.stdout)
    assert np.sum(found["clips"]["confusion"], axis=1).tolist() == [1, 3, 3, 0]
    assert found["sound"]["played"]["yes"] == 3
    told = run("evaluate", "micro_speech", "--recordings", tmp_path).stdout
    assert "of 3" in told and "(3 other words between" in told


def test_hours_of_sound(folder: Path, tmp_path: Path) -> None:
    result = run(
        "evaluate", "micro_speech", "--data", folder, "--stream", "--hours", 0.1, "--out", tmp_path, "--json"
    )
    found = json.loads(result.stdout)
    assert found["testing"]["hours"] == pytest.approx(1 / 6)
    assert found["testing"]["settings"] == found["recommended"]["settings"]
    low, high = found["testing"]["missed_interval"]
    assert low <= found["testing"]["missed"] / found["testing"]["played"] <= high
    assert found["testing"]["played"] == 2 * found["testing"]["clips"]
    assert (tmp_path / "det.png").read_bytes().startswith(b"\x89PNG")


def test_labels_that_do_not_fit_the_clips(tmp_path: Path) -> None:
    clips.write(tmp_path / "left/00000000_nohash_0.wav", np.ones(16000, np.int16))
    with pytest.raises(EarkitError, match="0 recordings of 'yes', 10 are the least"):
        run("evaluate", "micro_speech", "--data", tmp_path)


def test_labels_in_another_order_are_refused(folder: Path, tmp_path: Path) -> None:
    """The board and listen hear them right; a data set counts silence and unknown, too."""
    shipped = kit() / "models/micro_speech/micro_speech.tflite"
    turned = with_settings(shipped.read_bytes(), ModelSettings(("yes", "no", "silence", "unknown")))
    (tmp_path / "turned.tflite").write_bytes(turned)
    with pytest.raises(EarkitError, match="in this order"):
        run("evaluate", tmp_path / "turned.tflite", "--data", folder)


def test_data_info(folder: Path, tmp_path: Path) -> None:
    result = run("data", "info", folder, "--plot", tmp_path / "data.png", "--json")
    found = json.loads(result.stdout)
    assert sum(found["clips"]["yes"].values()) == 40 and found["shared"] == []
    assert (tmp_path / "data.png").stat().st_size > 1000
    said = run("data", "info", folder, "--plot", tmp_path / "data.png").stdout
    assert "cannot be used" in said and "1 files cannot be used" in said


def test_data_info_of_a_broken_noise(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "data")
    (tmp_path / "data/_background_noise_").mkdir()
    (tmp_path / "data/_background_noise_/fan.wav").write_text("no sound")
    said = run("data", "info", tmp_path / "data", "--plot", tmp_path / "data.png").stdout
    assert "fan.wav" in said and "2 files cannot be used" in said


@pytest.mark.parametrize(
    "options",
    [
        "--save",
        "--stream --save",
        "--stream --port COM9",
        "--stream --split validation",
        f"--stream --float {__file__}",
        "--hours 3",
        "--per-hour 2 --split all",
        "--recordings mine --stream",
        "--recordings mine --split all",
    ],
)
def test_options_that_would_not_be_heeded(options: str) -> None:
    result = CliRunner().invoke(cli, ["evaluate", "micro_speech", *options.split()])
    assert result.exit_code == 2 and re.search("--stream|--save|--recordings", result.stderr.splitlines()[-1])


def test_data_fetch_of_a_copy_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["data", "fetch", "--dir", str(tmp_path / "nothing")])
    assert done.exit_code == 2 and "nothing' does not exist" in done.stderr
    assert run("data", "fetch", "--dir", tmp_path).stdout.strip() == str(tmp_path)
