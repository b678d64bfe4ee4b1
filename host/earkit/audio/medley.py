"""Words strung together, whole and in halves: unlabelled sounds, as running speech is full of them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from earkit.audio import augment
from earkit.audio.dataset import Split

_RARE = 0.5
"""Share of the words that are drawn evenly from all that there are; the others evenly from the clips."""
_HALVED = 0.5
_FADE = 80
"""Samples over which a word comes and goes."""
_PIECES = 6


def medleys(split: Split, count: int, length: int, rng: np.random.Generator) -> augment.Batch:
    """`count` sounds of `length` samples, in each up to six words of `split` one after another, half of them
    cut, some overlapping; 50 to 5,000 of 32768 loud."""
    out = np.zeros((count, length), np.float32)
    for row in out:
        loudness, place = 10 ** rng.uniform(1.7, 3.7), int(rng.integers(-3000, 9000))
        for piece in _pieces(split, rng):
            heard = piece[max(0, -place) :][: max(0, length - max(0, place))]
            row[max(0, place) : max(0, place) + len(heard)] += loudness * heard
            place += len(piece) + _pause(rng)
    return out


def _pieces(split: Split, rng: np.random.Generator) -> Iterator[NDArray[np.float32]]:
    """Words without the quiet around them, each of RMS about 1."""
    words = np.array(split.words())
    kinds = np.unique(words)
    evenly = [rng.choice(np.flatnonzero(words == word)) for word in rng.choice(kinds, _PIECES)]
    chosen = np.where(rng.random(_PIECES) < _RARE, evenly, rng.integers(0, len(words), _PIECES))
    clips = augment.faster(
        split.samples[chosen].astype(np.float32), np.exp(rng.uniform(-0.15, 0.15, _PIECES))
    )
    clips = augment.equalised(clips, rng, 3.0)
    for clip, begin, end in zip(clips, *augment.extents(clips), strict=True):
        word = clip[max(0, begin - 1) * augment.FRAME : (end + 1) * augment.FRAME]
        word = word / (float(augment.rms(word[None])[0]) + 1) * 10 ** (rng.uniform(-4, 4) / 20)
        yield _faded(_halved(word, rng) if rng.random() < _HALVED else word)


def _halved(word: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    at = int(len(word) * rng.uniform(0.3, 0.7))
    return word[:at] if rng.random() < 0.5 else word[at:]


def _faded(word: NDArray[np.float32]) -> NDArray[np.float32]:
    ramp = np.linspace(0, 1, min(_FADE, len(word) // 2), dtype=np.float32)
    shape = np.ones(len(word), np.float32)
    shape[: len(ramp)] *= ramp
    shape[len(shape) - len(ramp) :] *= ramp[::-1]
    return word * shape


def _pause(rng: np.random.Generator) -> int:
    """Samples to the next word, 0.1 s of overlap to 1 s of quiet."""
    low, high = ((-1600, 0), (0, 1600), (1600, 16000))[rng.choice(3, p=(0.35, 0.35, 0.3))]
    return int(rng.integers(low, high))
