"""Clips for training: what is kept, what is sent back, and where it lies."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earkit.audio import dataset
from earkit.errors import EarkitError
from earkit.monitor.recording import CLIP_SAMPLES, WINDOW_SECONDS, Shelf, judge, listen
from earkit.monitor.reports import HOP, SAMPLE_RATE, Audio, Gone, Report
from earkit.monitor.sound import Samples

LENGTH = round(WINDOW_SECONDS * SAMPLE_RATE)


def window(start: float, seconds: float, loudness: float = 6000.0, noise: float = 20.0) -> Samples:
    """Two seconds with a burst of noise, the word, in a quiet room."""
    rng = np.random.default_rng(3)
    sound = noise * rng.standard_normal(LENGTH)
    first, last = round(start * SAMPLE_RATE), min(LENGTH, round((start + seconds) * SAMPLE_RATE))
    sound[first:last] += loudness * rng.standard_normal(last - first)
    return np.clip(sound, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    ("sound", "lost", "problem"),
    [
        (window(0.7, 0.5), 0, ""),
        (window(0.2, 0.9), 0, ""),
        (window(0.7, 0.5, loudness=400), 0, ""),
        (window(0.7, 0.5), 2, "40 ms were lost on the line"),
        (window(0.7, 0.5, loudness=0), 0, "too quiet"),
        (np.zeros(LENGTH, np.int16), 0, "too quiet"),
        (window(0.7, 0.5, loudness=40000), 0, "clipped: further away, or more quietly"),
        (window(0.7, 0.5, loudness=0, noise=3000), 0, "too much noise, or no word"),
        (window(1.7, 0.5), 0, "too late: it was cut off"),
        (window(0.0, 0.5), 0, "too early: wait for the sign"),
        (window(0.2, 1.4), 0, "longer than a second"),
    ],
)
def test_judging(sound: Samples, lost: int, problem: str) -> None:
    take = judge(sound, lost)
    assert take.problem == problem
    assert take.clip.shape == (CLIP_SAMPLES,) and take.clip.dtype == np.int16
    assert 0 < len(take.picture) <= 50 and take.picture.isprintable()


def test_the_word_is_in_the_middle() -> None:
    clip = judge(window(1.1, 0.4)).clip.astype(float)
    loud = np.flatnonzero(np.abs(clip) > 1000)
    assert abs((loud[0] + loud[-1]) / 2 - CLIP_SAMPLES / 2) < 2 * HOP
    assert 0.35 < (loud[-1] - loud[0]) / SAMPLE_RATE < 0.45, "all of it"


def test_real_words_are_kept(speech_commands: Path) -> None:
    """Real recordings played into the middle of a window: most are good, and none loses its loudest part."""
    files = sorted((speech_commands / "yes").glob("*"))[:60]
    from earkit.audio import clips

    good = 0
    for file in files:
        word = clips.read(file).samples[:SAMPLE_RATE]
        sound = np.random.default_rng(0).integers(-20, 20, LENGTH).astype(np.int16)
        sound[8000 : 8000 + len(word)] += word
        take = judge(sound)
        good += not take.problem
        assert take.problem or np.abs(take.clip.astype(int)).max() == np.abs(sound.astype(int)).max()
    assert good >= 0.7 * len(files)


def reports(hops: range, without: int = -1) -> Iterator[Report | None]:
    for hop in hops:
        yield None
        if hop != without:
            yield Audio("b", hop, np.full(HOP, hop, np.int16))


def test_listening_notices_what_is_lost() -> None:
    sound, lost = listen(reports(range(7, 300)), 1.0)
    assert lost == 0 and sound[::HOP].tolist() == list(range(7, 57))
    sound, lost = listen(reports(range(7, 300), without=20), 1.0)
    assert lost == 1 and sound[13 * HOP] == 0
    with pytest.raises(EarkitError, match="no sound comes"):
        listen(iter([Gone("b")]))
    with pytest.raises(EarkitError, match="no sound comes"):
        listen(reports(range(3)))


def test_the_layout_is_what_training_reads(tmp_path: Path) -> None:
    clip = judge(window(0.7, 0.5)).clip
    for word in ("yes", "no", "up"):
        for speaker in ("0a1b", "0a1b2c3d", *(f"s{number}" for number in range(40))):
            Shelf(tmp_path, word, speaker).put(clip)
    read = dataset.read(tmp_path, ["yes", "no"])
    assert not read.skipped and (read.training.samples[0] == clip).all()
    assert {dataset.speaker_of(name) for name in read.training.names} & {"0a1b", "0a1b2c3d", "s1"}


def test_a_shelf_goes_on_where_it_ended(tmp_path: Path) -> None:
    clip = np.zeros(CLIP_SAMPLES, np.int16)
    shelf = Shelf(tmp_path, "yes", "ab12")
    assert shelf.numbers() == []
    assert shelf.put(clip).name == "ab12_nohash_0.wav"
    Shelf(tmp_path, "yes", "other").put(clip)
    (tmp_path / "yes" / "ab12_nohash_7.wav").write_bytes(b"")
    again = Shelf(tmp_path, "yes", "ab12")
    assert again.numbers() == [0, 7] and again.put(clip).name == "ab12_nohash_8.wav"
    assert not [path for path in (tmp_path / "yes").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("word", "speaker"),
    [
        ("../etc", "a"),
        ("", "a"),
        (".", "a"),
        ("_background_noise_", "a"),
        ("yes", "../a"),
        ("yes", "a_nohash_1"),
    ],
)
def test_names_stay_in_the_folder(tmp_path: Path, word: str, speaker: str) -> None:
    with pytest.raises(EarkitError, match="is not a"):
        Shelf(tmp_path, word, speaker)
