"""Synthetic speech: repeatable, in the real layout, whole or not there."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earkit.audio import clips, dataset, espeak, noise, synthetic
from earkit.errors import DataError, EarkitError

pytest.importorskip("espeakng_loader", reason="the train extra is not installed")
SMALL = synthetic.Settings(repeats=1, others=1)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "data"
    synthetic.create(folder, SMALL)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.wav")}


def test_same_settings_same_bytes(spoken: Path, tmp_path: Path) -> None:
    synthetic.create(tmp_path / "again", SMALL)
    assert contents(tmp_path / "again") == contents(spoken)
    synthetic.create(tmp_path / "other", replace(SMALL, seed=1))
    assert contents(tmp_path / "other") != contents(spoken)


def test_reads_as_a_data_set(spoken: Path) -> None:
    data = dataset.read(spoken, ("yes", "no"))
    assert data.skipped == ()
    assert len(data.training.noise) == 7  # six kinds and babble
    for split in dataset.SPLITS:
        counts = np.bincount(getattr(data, split).labels, minlength=4)
        assert counts[2] == counts[3] > 8 and counts[1] == counts[2]


def test_clips_hold_a_word_in_the_middle(spoken: Path) -> None:
    for path in list((spoken / "yes").iterdir())[::40]:
        samples = clips.read(path).samples
        assert len(samples) == 16000 and np.abs(samples).max() > 2000
        loud = np.flatnonzero(np.abs(samples) > 300)
        assert 2400 < loud[-1] - loud[0] < 14000
        assert abs((loud[0] + loud[-1]) / 2 - 8000) < 2500


def test_voices_differ(spoken: Path) -> None:
    heard = {path.read_bytes() for path in (spoken / "no").iterdir()}
    assert len(heard) == len(list((spoken / "no").iterdir())) == 8 * len(espeak.variants())


def test_cached_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = synthetic.cached(SMALL)
    assert tmp_path in folder.parents
    monkeypatch.setattr(synthetic, "create", None)
    assert synthetic.cached(SMALL) == folder


def test_an_existing_folder_is_left_alone(spoken: Path) -> None:
    with pytest.raises(DataError, match="exists already"):
        synthetic.create(spoken, SMALL)


def test_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(synthetic, "_write_noise", full)
    with pytest.raises(EarkitError, match="No space left"):
        synthetic.create(tmp_path / "data", SMALL)
    assert not (tmp_path / "data").exists() and not list(tmp_path.glob(".data-*/.*"))


def test_an_interrupt_leaves_whole_jobs_that_are_not_done_again(spoken: Path, tmp_path: Path) -> None:
    settings = "synthetic.Settings(repeats=1, others=1)"
    call = f"synthetic.create(Path({str(tmp_path / 'data')!r}), {settings})"
    program = f"from earkit.audio import synthetic; from pathlib import Path; {call}"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    while process.poll() is None and not list(tmp_path.glob(".data-parts/?/yes/*.wav")):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    errors = process.communicate(timeout=240)[1]
    assert process.returncode != 0 and "KeyboardInterrupt" in errors
    done = sorted(tmp_path.glob(".data-parts/*"))  # no draft either
    assert 0 < len(done) < 8 and not (tmp_path / "data").exists()
    before = contents(spoken)
    kept = next(done[0].glob("yes/*.wav"))
    clips.write(kept, np.full(16000, 9, np.int16))  # so that one sees that it was not spoken again
    synthetic.create(tmp_path / "data", SMALL)
    changed = {name for name, sound in contents(tmp_path / "data").items() if sound != before[name]}
    assert f"yes/{kept.name}" in changed
    assert all(name.startswith("_background_noise_") for name in changed - {f"yes/{kept.name}"})
    assert set(before) == set(contents(tmp_path / "data"))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_noise_has_its_colour_and_level() -> None:
    sounds = noise.every_kind(np.random.default_rng(3), seconds=10)
    slopes = {}
    for name in ("white_noise", "pink_noise", "brown_noise"):
        power = np.abs(np.fft.rfft(sounds[name].astype(float))) ** 2
        hertz = np.fft.rfftfreq(len(sounds[name]), 1 / 16000)
        low, high = (power[(hertz > f) & (hertz < 2 * f)].mean() for f in (200, 3200))
        slopes[name] = 10 * np.log10(low / high) / 4  # decibels per octave, over four octaves
    assert slopes == pytest.approx({"white_noise": 0, "pink_noise": 3, "brown_noise": 6}, abs=0.4)
    for name, samples in sounds.items():
        assert np.sqrt(np.mean((samples / 32768.0) ** 2)) == pytest.approx(noise.LEVEL, rel=0.15), name
