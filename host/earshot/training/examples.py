"""From recordings to what the board's front end makes of them.

The board never hears a clip from power-on: its noise estimate has been running, and the word wanders
through the window. So each clip is laid into three seconds of sound, the front end runs over all of it,
and examples are windows of that. Some clips start cold, so that a clip on its own is known too.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earshot.audio import augment
from earshot.audio.clips import SAMPLE_RATE
from earshot.audio.dataset import Split
from earshot.core import frontend
from earshot.progress import Progress, silent
from earshot.settings import FrontendSettings

LENGTH = 3 * SAMPLE_RATE
FRAMES = FrontendSettings().frames
SPREAD = 6
"""Frames by which the middle of a word to hear may lie off the window's middle: 120 ms either way. Six
inferences fall into that time, enough for the recogniser; a small model cannot know a word everywhere."""

_CHUNK = 256
_LEAST = 6
"""Frames of another word that a window holds at least, to be an example of `unknown`."""
_TEMPO = 0.1
"""A clip is played up to e^0.1 times as fast or as slow, which makes more voices."""
_COLD = 0.25
"""Share of the clips that are heard from power-on."""

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Streams:
    """Three seconds each, as features, and the frames at which a window may start."""

    features: NDArray[np.int8]
    """int8[streams, 149, 40]"""
    labels: Index
    first: Index
    last: Index

    def windows(self, chosen: Index, starts: Index) -> NDArray[np.int8]:
        """int8[n, 49, 40]: of the `chosen` streams the windows from the frames `starts`."""
        found: NDArray[np.int8] = self.features[chosen[:, None], starts[:, None] + np.arange(FRAMES)]
        return found

    def random_windows(self, chosen: Index, rng: np.random.Generator) -> NDArray[np.int8]:
        """int8[n, 49, 40]: of the `chosen` streams a window each, anywhere it may start."""
        return self.windows(chosen, rng.integers(self.first[chosen], self.last[chosen] + 1))

    def middle_windows(self) -> NDArray[np.int8]:
        """int8[streams, 49, 40]: of every stream the window in which the word is in the middle."""
        everyone = np.arange(len(self.labels))
        return self.windows(everyone, (self.first + self.last) // 2)


def make(
    split: Split,
    rng: np.random.Generator,
    passes: int = 1,
    silence_share: float = 0.15,
    progress: Progress = silent,
) -> Streams:
    """Every clip of `split` in `passes` surroundings, and silence besides (a share of the clips' number)."""
    count = len(split.labels)
    jobs = np.concatenate(
        [np.tile(np.arange(count), passes), np.full(round(silence_share * passes * count), -1)]
    )
    parts = []
    for start in range(0, len(jobs), _CHUNK):
        parts.append(_streams(split, jobs[start : start + _CHUNK], rng))
        progress("hearing clips", min(start + _CHUNK, len(jobs)), len(jobs))
    return Streams(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.last for part in parts]),
    )


def varied(windows: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.int8]:
    """The same windows a little higher or lower in voice (by one channel) and in loudness (by 6 steps)."""
    count, channels = len(windows), windows.shape[2]
    moved = np.clip(np.arange(channels) + rng.integers(-1, 2, (count, 1)), 0, channels - 1)
    voices = np.take_along_axis(windows, moved[:, None, :], axis=2)
    louder = voices + rng.integers(-6, 7, (count, 1, 1), np.int16)
    return np.where(voices > -120, np.clip(louder, -128, 127), voices).astype(np.int8)  # silence stays silent


def _streams(split: Split, clips: Index, rng: np.random.Generator) -> Streams:
    """Some clips, by their index in `split`; -1 stands for silence."""
    spoken = clips >= 0
    labels = np.where(spoken, split.labels[clips], 0)
    speech = split.samples[clips].astype(np.float32) * spoken[:, None]
    speech = augment.faster(speech, np.exp(rng.uniform(-_TEMPO, _TEMPO, len(clips))))
    offsets = _offsets(len(clips), rng)
    sound = _surrounded(speech, offsets, spoken, split, rng)
    with ThreadPoolExecutor() as pool:  # the C front end runs without Python's lock
        rows = list(pool.map(lambda samples: frontend.to_int8(frontend.features(samples)), sound))
    features = np.stack(rows)
    first, last = _starts(*augment.extents(speech), offsets // augment.FRAME, labels, features.shape[1])
    return Streams(features, labels, first, last)


def _offsets(count: int, rng: np.random.Generator) -> Index:
    """Where each clip begins: 0.6 to 1.8 s into the stream, or within 0.1 s of power-on."""
    warm = rng.integers(round(0.6 * SAMPLE_RATE), round(1.8 * SAMPLE_RATE), count)
    return np.where(rng.random(count) < _COLD, rng.integers(-1600, 1600, count), warm)


def _surrounded(
    speech: augment.Batch, offsets: Index, spoken: NDArray[np.bool_], split: Split, rng: np.random.Generator
) -> NDArray[np.int16]:
    """Clips louder and softer in noise 10 to 45 dB below them; a fifth of them in none."""
    count = len(speech)
    sound = augment.laid_into(augment.gain(speech, rng.uniform(-15, 6, count)), offsets, LENGTH)
    below = augment.rms(sound) * np.sqrt(LENGTH / SAMPLE_RATE) / 10 ** (rng.uniform(10, 45, count) / 20)
    beside = np.where(rng.random(count) < 0.2, 0.0, below)
    level = np.where(spoken, beside, augment.quiet_levels(rng, count))
    noise = augment.background(rng, split.noise, count, LENGTH)
    return augment.to_int16(sound + noise * level[:, None].astype(np.float32))


def _starts(begin: Index, end: Index, shift: Index, labels: Index, rows: int) -> tuple[Index, Index]:
    """First and last frame at which a window may start: around the middle of a word to hear, anywhere
    over another word, anywhere at all in silence. `begin` and `end` are the word's frames in its clip."""
    middle = (begin + end) // 2 + shift - FRAMES // 2
    to_hear = labels > 1
    first = np.where(to_hear, middle - SPREAD, begin + shift - FRAMES + _LEAST)
    last = np.where(to_hear, middle + SPREAD, end + shift - _LEAST)
    top = rows - FRAMES
    first, last = np.where(labels == 0, 0, first), np.where(labels == 0, top, last)
    return np.clip(first, 0, top), np.clip(last, 0, top)
