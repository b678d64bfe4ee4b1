"""The recogniser's settings are those that hear most without too many false detections."""

import numpy as np

from earkit.audio.dataset import Split
from earkit.evaluation import listening
from earkit.evaluation.recommend import AVERAGES, FALSE_SHARE, THRESHOLDS, recommend
from earkit.settings import ModelSettings
from earkit.spotter import host
from earkit.spotter.model import Engine

LABELS = ("silence", "unknown", "yes")
RNG = np.random.default_rng(4)


def tone(hertz: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(16000) / 16000)).astype(np.int16)


def split() -> Split:
    """yes is high, the other word is a little lower."""
    samples = np.stack([tone(3000)] * 30 + [tone(2400)] * 30)
    names = tuple(f"{'yes' if i < 30 else 'bed'}/{i}_nohash_0.wav" for i in range(60))
    return Split(names, samples, np.repeat([2, 1], 30), (RNG.integers(-9, 9, 64000).astype(np.int16),))


def by_pitch(windows: np.ndarray) -> np.ndarray:
    """Sure of high tones, half sure of the lower ones."""
    bands = windows[:, 20:40].astype(float).mean(axis=1)
    pitch, loud = bands.argmax(axis=1), bands.max(axis=1) > 20
    yes = np.where(loud, np.where(pitch >= 24, 100, 20), -128)
    scores = np.full((len(windows), 3), -128)
    scores[:, 2] = yes
    return scores.astype(np.int8)


def test_the_threshold_lies_between_the_two() -> None:
    chosen = recommend(Engine(by_pitch), split(), LABELS)
    assert chosen.average_ms in AVERAGES and 148 <= chosen.threshold in THRESHOLDS
    sound = listening.playlist(split(), LABELS)
    heard = host.listen(Engine(by_pitch), sound.samples, ModelSettings(LABELS, recognizer=chosen))
    result = listening.score(sound, heard, LABELS[2:])
    assert result.share_heard == 1.0 and len(result.false) <= FALSE_SHARE * len(sound.spoken)
