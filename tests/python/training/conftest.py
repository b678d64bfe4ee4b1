"""A small language that a model learns in seconds: yes rises, no falls, everything else hisses."""

import numpy as np
import pytest

from earkit.audio.dataset import Dataset, Split

LABELS = ("silence", "unknown", "yes", "no")


def chirp(rng: np.random.Generator, label: int) -> np.ndarray:
    """int16[16000], half a second of sound in the middle."""
    length = 8000
    start, end = rng.uniform(300, 500), rng.uniform(2500, 3500)
    hertz = np.linspace(start, end, length) if label == 2 else np.linspace(end, start, length)
    wave = np.sin(2 * np.pi * np.cumsum(hertz) / 16000) if label > 1 else rng.normal(0, 0.3, length)
    clip = np.zeros(16000, np.int16)
    clip[4000:12000] = 8000 * wave * np.hanning(length) ** 0.3
    return clip


def split(seed: int, each: int) -> Split:
    rng = np.random.default_rng(seed)
    labels = np.repeat([1, 2, 3], each)
    words = {1: "hiss", 2: "yes", 3: "no"}
    return Split(
        names=tuple(
            f"{words[label]}/{number:08x}_nohash_{seed}.wav" for number, label in enumerate(labels.tolist())
        ),
        samples=np.stack([chirp(rng, label) for label in labels]),
        labels=labels,
        noise=(rng.integers(-300, 300, 64000).astype(np.int16),),
    )


@pytest.fixture(scope="session")
def language() -> Dataset:
    return Dataset(LABELS, split(1, 60), split(2, 20), split(3, 20), ())
