"""What a data set is said to hold, and which clips are said to be bad."""

from pathlib import Path

import numpy as np
import pytest

from earkit.audio import clips, prose, running_speech
from earkit.audio.survey import faults_of, survey
from earkit.errors import DataError

RNG = np.random.default_rng(6)


def noise(level: float, length: int = 16000) -> np.ndarray:
    return np.clip(RNG.normal(0, level, length), -32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    ("samples", "faults"),
    [
        (noise(1000), []),
        (noise(60000), ["clipped"]),
        (noise(2), ["silent"]),
        (noise(1000, 8000), ["short"]),
        (noise(2, 100), ["silent", "short"]),
    ],
)
def test_faults(samples: np.ndarray, faults: list[str]) -> None:
    assert faults_of(samples) == faults


def test_survey_counts_and_names(tmp_path: Path) -> None:
    for speaker in range(20):
        clips.write(tmp_path / f"yes/{speaker:08x}_nohash_0.wav", noise(1000))
        clips.write(tmp_path / f"bed/{speaker:08x}_nohash_0.wav", noise(2 if speaker == 3 else 1000))
    (tmp_path / "bed/broken_nohash_0.wav").write_text("no sound")
    clips.write(tmp_path / "_background_noise_/hum.wav", noise(100, 32000))
    (tmp_path / "testing_list.txt").write_text("yes/00000000_nohash_0.wav\nyes/00000001_nohash_0.wav\n")
    found = survey(tmp_path)
    assert found.total == 40 and found.clips["yes"] == {"training": 18, "validation": 0, "testing": 2}
    assert found.shared == ("00000000", "00000001")  # they say `bed` in training
    assert found.faults["silent"] == ("bed/00000003_nohash_0.wav",) and not found.faults["clipped"]
    assert len(found.skipped) == 1 and "broken" in found.skipped[0]
    assert found.noise_seconds == pytest.approx(2.0)


def test_survey_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no recordings"):
        survey(tmp_path)


def test_prose_never_says_the_words() -> None:
    for split in ("training", "validation", "testing"):
        texts = prose.sentences(("no", "yes"), split)
        assert len(texts) > 1000
        said = {word.strip(".,;:!?'\"()").lower() for text in texts for word in text.split()}
        assert not said & {"no", "know", "yes"} and {"the", "object"} <= said


def test_no_sentence_is_in_two_splits() -> None:
    every = [prose.sentences(("yes",), split) for split in ("training", "validation", "testing")]
    assert len(set().union(*every)) == sum(map(len, every))


def test_running_speech_is_read_by_held_out_voices() -> None:
    pytest.importorskip("espeakng_loader", reason="the train extra is not installed")
    groups = [set(running_speech.voices(split)) for split in ("training", "validation", "testing")]
    assert all(groups) and sum(map(len, groups)) == len(set.union(*groups))
    reader = running_speech.Reader("testing", ("yes",), np.random.default_rng(1))
    first = [next(reader) for _ in range(3)]
    assert reader.unique_seconds == sum(map(len, first)) / 16000
    assert all(len(samples) > 16000 and 7000 < np.abs(samples).max() < 8300 for samples in first)
