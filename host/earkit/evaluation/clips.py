"""How well a model tells single clips apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earkit.audio.clips import SAMPLE_RATE
from earkit.audio.dataset import Split
from earkit.core import frontend
from earkit.evaluation import intervals
from earkit.evaluation.intervals import Interval
from earkit.spotter.model import Engine
from earkit.training import confusion
from earkit.training.confusion import Confusion


@dataclass(frozen=True)
class Judgement:
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    """int64[clips]: what was said."""
    taken_for: NDArray[np.int64]
    """int64[clips]: what the model took it for."""

    @property
    def confusion(self) -> Confusion:
        return confusion.count(self.truth, self.taken_for, len(self.labels))

    @property
    def accuracy(self) -> float:
        return float(self.confusion.trace() / max(1, self.confusion.sum()))

    @property
    def recall(self) -> NDArray[np.float64]:
        """float[labels]: the share of what was said that was taken for it; NaN for what never was said."""
        return confusion.recall(self.confusion)

    @property
    def precision(self) -> NDArray[np.float64]:
        """float[labels]: the share of what was taken for it that was; NaN where nothing was."""
        return confusion.precision(self.confusion)

    @property
    def balanced(self) -> float:
        """Mean recall over `unknown` and the words: each counts alike, however many clips it has."""
        return float(np.nanmean(self.recall[1:]))

    @property
    def interval(self) -> Interval:
        """Of `balanced`, with 95 % confidence."""
        heard = self.truth > 0
        return intervals.balanced(self.truth[heard], (self.truth == self.taken_for)[heard])


@dataclass(frozen=True)
class Difference:
    points: float
    """By how many points of balanced accuracy the second is below the first."""
    interval: Interval
    """Of the same, as a share, with 95 % confidence."""


def difference(first: Judgement, second: Judgement) -> Difference:
    """Of two models on the same clips."""
    heard = first.truth > 0
    right = [(judged.truth == judged.taken_for)[heard] for judged in (first, second)]
    points = 100 * (first.balanced - second.balanced)
    return Difference(points, intervals.difference(first.truth[heard], *right))


def judge(engine: Engine, split: Split, labels: Sequence[str], seed: int = 0) -> Judgement:
    """Give every clip of `split` to the model once, and as much silence as a tenth of them.

    Each clip is one window, heard from power-on, as TFLM's own examples do it. Silence is the split's
    noise, from digital zero to an RMS of 1000.
    """
    windows, truth = windows_of(split, seed)
    return Judgement(tuple(labels), truth, engine.classify(windows).argmax(axis=1))


def windows_of(split: Split, seed: int = 0) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """What `judge` gives to a model, int8[n, 49, 40], and the labels of it."""
    sounds = [*split.samples, *_silences(split, len(split.samples) // 10, seed)]
    truth = np.concatenate([split.labels, np.zeros(len(sounds) - len(split.samples), np.int64)])
    return np.stack([frontend.window_int8(samples) for samples in sounds]), truth


def _silences(split: Split, count: int, seed: int) -> list[NDArray[np.int16]]:
    rng = np.random.default_rng(seed)
    found = []
    for level in np.geomspace(1.0, 1000.0, max(1, count)) - 1.0:
        noise = split.noise[int(rng.integers(len(split.noise)))]
        start = int(rng.integers(max(1, len(noise) - SAMPLE_RATE)))
        piece = np.resize(noise[start : start + SAMPLE_RATE], SAMPLE_RATE).astype(np.float64)
        loudness = max(1.0, float(np.sqrt(np.mean(piece**2))))
        found.append(np.clip(piece * (level / loudness), -32768, 32767).astype(np.int16))
    return found
