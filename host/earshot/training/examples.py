"""From recordings to what the board's front end makes of them.

The board never hears a clip from power-on: its noise estimate has been running, and the word wanders
through the window. So each clip is laid into three seconds of sound, the front end runs over all of it,
and examples are windows of that. Some clips start cold, so that a clip on its own is known too.
"""

import hashlib
import inspect
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot import files, paths
from earshot.audio import augment
from earshot.audio import running_speech as speech
from earshot.audio.clips import SAMPLE_RATE
from earshot.audio.dataset import Split
from earshot.core import frontend
from earshot.progress import Progress, silent
from earshot.settings import FrontendSettings
from earshot.training.settings import Augmentation

LENGTH = 3 * SAMPLE_RATE
FRAMES = FrontendSettings().frames

_CHUNK = 256
_LEAST = 6
"""Frames of another word that a window holds at least, to be an example of `unknown`."""
_COLD = 0.4
"""Share of the clips that are heard from power-on."""
_SAVED = ("features", "begin", "end", "clip")
_KEPT = 8
"""Sets of streams that stay in the cache, some 200 MB each; the oldest go."""

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Streams:
    """Three seconds each, as features, and where in them the word is."""

    features: NDArray[np.int8]
    """int8[streams, 149, 40]"""
    labels: Index
    begin: Index
    end: Index
    """First and last+1 frame of the word; of no meaning in silence."""
    clip: Index
    """The frame at which the clip begins; negative where its beginning is cut off."""

    @property
    def middle(self) -> Index:
        """The first frame of the window in whose middle the word is."""
        middle: Index = np.clip((self.begin + self.end) // 2 - FRAMES // 2, 0, self._top)
        return middle

    @property
    def _top(self) -> int:
        return int(self.features.shape[1]) - FRAMES

    def windows(self, chosen: Index, starts: Index) -> NDArray[np.int8]:
        """int8[n, 49, 40]: of the `chosen` streams the windows from the frames `starts`."""
        found: NDArray[np.int8] = self.features[chosen[:, None], starts[:, None] + np.arange(FRAMES)]
        return found

    def random_windows(
        self, chosen: Index, rng: np.random.Generator, change: Augmentation
    ) -> NDArray[np.int8]:
        """int8[n, 49, 40]: of the `chosen` streams a window each, at most `change.shift` frames off one that
        has the word in the middle or is the clip as it was recorded. Half of the other words are anywhere in
        the window, silence is any window."""
        labels, count = self.labels[chosen], len(chosen)
        is_middle = rng.random(count) >= change.as_recorded
        exact = np.where(is_middle, self.middle[chosen], self.clip[chosen])
        near = exact + rng.integers(-change.shift, change.shift + 1, count)
        first = np.maximum(self.begin[chosen] - FRAMES + _LEAST, 0)
        over = rng.integers(first, np.maximum(self.end[chosen] - _LEAST, first + 1))
        starts = np.where((labels == 1) & (rng.random(count) < 0.5), over, near)
        starts = np.where(labels == 0, rng.integers(0, self._top + 1, count), starts)
        return self.windows(chosen, np.clip(starts, 0, self._top))

    def partial_windows(
        self, chosen: Index, rng: np.random.Generator
    ) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """int8[n, 49, 40]: of the `chosen` streams a window that holds the first or the last tenth to 45 %
        of the word, and whether the stream is long enough for that."""
        count, begin, end = len(chosen), self.begin[chosen], self.end[chosen]
        seen = np.maximum((rng.uniform(0.1, 0.45, count) * (end - begin)).astype(np.int64), 1)
        starts = np.where(rng.random(count) < 0.5, begin + seen - FRAMES, end - seen)
        clipped = np.clip(starts, 0, self._top)
        return self.windows(chosen, clipped), clipped == starts

    def middle_windows(self) -> NDArray[np.int8]:
        """int8[streams, 49, 40]: of every stream the window in which the word is in the middle."""
        return self.windows(np.arange(len(self.labels)), self.middle)


def make(
    split: Split,
    seed: int,
    passes: int = 1,
    change: Augmentation = Augmentation(),
    silence_share: float = 0.15,
    progress: Progress = silent,
) -> Streams:
    """Every clip of `split` in `passes` surroundings, and silence besides (a share of the clips' number).

    The same arguments give the same streams, which stay in the cache and are read from there the next time.
    """
    count = len(split.labels)
    jobs = np.concatenate(
        [np.tile(np.arange(count), passes), np.full(round(silence_share * passes * count), -1)]
    )
    folder = paths.cache("streams")
    file = folder / f"{_digest(split, jobs, seed, change)}.npz"
    if not file.is_file():
        _forget_old(folder)
        _save(file, split, jobs, np.random.default_rng(seed), change, progress)
    labels = np.where(jobs < 0, 0, split.labels[jobs])
    with np.load(file) as kept:
        return Streams(labels=labels, **{name: kept[name] for name in _SAVED})


def running_speech(
    split: Split, labels: Sequence[str], count: int, seed: int, progress: Progress = silent
) -> Streams:
    """`count` pieces of three seconds of prose, read by the training voices over the split's noises 5 to 45
    dB below; `unknown` throughout. Kept in the cache as well."""
    folder = paths.cache("streams")
    digest = hashlib.sha256(repr((labels, count, seed)).encode())
    for maker in (_spoken, speech):
        digest.update(inspect.getsource(maker).encode())
    file = folder / f"speech-{digest.hexdigest()[:24]}.npz"
    if not file.is_file():
        _forget_old(folder)
        rows = _spoken(split, labels, count, np.random.default_rng([seed, 1]), progress)
        with files.replacing(file) as temporary:
            np.savez(temporary, features=rows)
    with np.load(file) as kept:
        features = kept["features"]
    every = np.ones(count, np.int64)
    return Streams(features, every, 0 * every, features.shape[1] * every, 50 * every)


def _spoken(
    split: Split, labels: Sequence[str], count: int, rng: np.random.Generator, progress: Progress
) -> NDArray[np.int8]:
    reader, rest, rows = speech.read_aloud("training", labels[2:], rng), np.empty(0, np.int16), []
    for done in range(count):
        while len(rest) < LENGTH:
            rest = np.concatenate([rest, next(reader), np.zeros(rng.integers(3200, 16000), np.int16)])
        piece, rest = rest[None, :LENGTH].astype(np.float32), rest[LENGTH:]
        piece = augment.gain(piece, rng.uniform(-18, 6, 1))
        below = augment.rms(piece)[0] / 10 ** (rng.uniform(5, 45) / 20)
        sound = piece + np.float32(below) * augment.background(rng, split.noise, 1, LENGTH)
        rows.append(frontend.to_int8(frontend.features(augment.to_int16(sound)[0])))
        if done % 100 == 99 or done == count - 1:
            progress("hearing speech", done + 1, count)
    return np.stack(rows)


def varied(windows: NDArray[np.int8], rng: np.random.Generator, change: Augmentation) -> NDArray[np.int8]:
    """The same windows a little higher or lower in voice and in loudness, with a band of time and one of
    frequency blanked out. Silence stays silent."""
    count, rows, channels = windows.shape
    step = rng.integers(-change.channels, change.channels + 1, (count, 1))
    moved = np.clip(np.arange(channels) + step, 0, channels - 1)
    voices = np.take_along_axis(windows, moved[:, None, :], axis=2)
    louder = voices + rng.integers(-change.loudness, change.loudness + 1, (count, 1, 1), np.int16)
    changed = np.where(voices > -120, np.clip(louder, -128, 127), voices).astype(np.int8)
    blank = (
        _band(rng, count, rows, change.mask)[:, :, None] | _band(rng, count, channels, change.mask)[:, None]
    )
    changed[blank] = -128
    return changed


def _band(rng: np.random.Generator, count: int, length: int, widest: int) -> NDArray[np.bool_]:
    start, width = rng.integers(0, length, (count, 1)), rng.integers(0, widest + 1, (count, 1))
    places = np.arange(length)
    return np.asarray((places >= start) & (places < start + width))


def _digest(split: Split, jobs: Index, seed: int, change: Augmentation) -> str:
    """Of all that the sounds depend on: clips, noises, settings, and the code that makes them."""
    settings = (seed, change.gain, change.noise, change.tempo, change.reverb, change.equaliser)
    digest = hashlib.sha256(repr(settings).encode())
    for maker in (_made, _sound, _offsets, _in_noise, augment):
        digest.update(inspect.getsource(maker).encode())
    for values in (split.samples, jobs, *split.noise):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:32]


def _forget_old(folder: Path) -> None:
    for file in sorted(folder.glob("*.npz"), key=lambda file: -file.stat().st_mtime)[_KEPT - 1 :]:
        file.unlink(missing_ok=True)


def _save(
    file: Path, split: Split, jobs: Index, rng: np.random.Generator, change: Augmentation, progress: Progress
) -> None:
    parts = []
    for part in _made(split, jobs, rng, change):
        parts.append(part)
        progress("hearing clips", min(len(parts) * _CHUNK, len(jobs)), len(jobs))
    joined: dict[str, Any] = {
        name: np.concatenate(values) for name, values in zip(_SAVED, zip(*parts, strict=True), strict=True)
    }
    with files.replacing(file) as temporary:
        np.savez(temporary, **joined)


def _made(
    split: Split, jobs: Index, rng: np.random.Generator, change: Augmentation
) -> Iterator[tuple[NDArray[Any], ...]]:
    """Chunks of streams, each in the order of _SAVED."""
    with ThreadPoolExecutor() as pool:  # the C front end runs without Python's lock
        for start in range(0, len(jobs), _CHUNK):
            sound, places = _sound(split, jobs[start : start + _CHUNK], rng, change)
            rows = pool.map(lambda samples: frontend.to_int8(frontend.features(samples)), sound)
            yield np.stack(list(rows)), *places


def _sound(
    split: Split, clips: Index, rng: np.random.Generator, change: Augmentation
) -> tuple[NDArray[np.int16], tuple[Index, Index, Index]]:
    """Three seconds around each of some clips, by their index in `split` (-1 stands for silence); first and
    last+1 frame of the word, and the clip's first."""
    count, spoken = len(clips), clips >= 0
    speech = split.samples[clips].astype(np.float32) * spoken[:, None]
    speech = augment.faster(speech, np.exp(rng.uniform(-change.tempo, change.tempo, count)))
    begin, end = augment.extents(speech)
    speech = augment.equalised(speech, rng, change.equaliser)
    speech = augment.gain(speech, rng.uniform(-change.gain, change.gain / 3, count))
    offsets = _offsets(count, rng)
    sound = augment.laid_into(speech, offsets, LENGTH)
    sound = augment.reverberated(sound, rng, change.reverb)
    noisy = _in_noise(sound, spoken, split, rng, change)
    start = offsets // augment.FRAME
    return noisy, (begin + start, end + start, start)


def _offsets(count: int, rng: np.random.Generator) -> Index:
    """Where each clip begins: 0.6 to 1.8 s into the stream, or within 0.1 s of power-on."""
    warm = rng.integers(round(0.6 * SAMPLE_RATE), round(1.8 * SAMPLE_RATE), count)
    return np.where(rng.random(count) < _COLD, rng.integers(-1600, 1600, count), warm)


def _in_noise(
    sound: augment.Batch,
    spoken: NDArray[np.bool_],
    split: Split,
    rng: np.random.Generator,
    change: Augmentation,
) -> NDArray[np.int16]:
    """Clips with noise below them, a fifth of them with none; silence at all levels down to none."""
    count = len(sound)
    decibels = rng.uniform(45 - change.noise, 45, count)
    below = augment.rms(sound) * np.sqrt(LENGTH / SAMPLE_RATE) / 10 ** (decibels / 20)
    beside = np.where((rng.random(count) < 0.2) | (change.noise == 0), 0.0, below)
    level = np.where(spoken, beside, augment.quiet_levels(rng, count))
    noise = augment.background(rng, split.noise, count, LENGTH)
    return augment.to_int16(sound + noise * level[:, None].astype(np.float32))
