"""From recordings to what the board's front end makes of them.

The board never hears a clip from power-on: its noise estimate has been running, and the word wanders
through the window. So each clip is laid into three seconds of sound, the front end runs over all of it,
and examples are windows of that. Some clips start cold, so that a clip on its own is known too.
"""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.audio import augment, espeak, medley, prose
from earkit.audio import running_speech as speech
from earkit.audio.clips import SAMPLE_RATE
from earkit.audio.dataset import Split, speaker_of
from earkit.core import _core, frontend
from earkit.progress import Progress, silent
from earkit.settings import words_of
from earkit.training import embedding, streams
from earkit.training.settings import Augmentation
from earkit.training.streams import LENGTH, Index, Streams

_CHUNK = 256
_ROWS = 149
"""Frames of a stream."""
_COLD = 0.4
"""Share of the clips that are heard from power-on."""
_LATE = 0.3
"""Share of these that come up to 0.8 s later."""
_APART = 100
"""Clips of another word that make it a kind of its own."""
_MAKERS = (sys.modules[__name__], streams, augment, medley, prose, speech, espeak, embedding, _core)
_NOTHING = np.zeros((0, 37, 96), np.float16)


def make(
    split: Split,
    seed: int,
    passes: int = 1,
    change: Augmentation = Augmentation(),
    silence_share: float = 0.15,
    progress: Progress = silent,
    apart: Sequence[str] = (),
    embedded: bool = False,
) -> Streams:
    """Every clip of `split` in `passes` surroundings, and silence besides (a share of the clips' number).

    The words `apart`, all of them `unknown`, get kinds of their own. The same arguments give the same
    streams, which stay in the cache and are read from there the next time.
    """
    count = len(split.labels)
    silences = np.full(max(1, round(silence_share * passes * count)), -1)
    jobs = np.concatenate([np.tile(np.arange(count), passes), silences])

    def sounds() -> Iterator[tuple[Any, ...]]:
        rng = np.random.default_rng(seed)
        for start in range(0, len(jobs), _CHUNK):
            yield _sound(split, jobs[start : start + _CHUNK], rng, change)
            progress("hearing clips", min(start + _CHUNK, len(jobs)), len(jobs))

    settings = (
        seed,
        change.cut > 0,
        change.gain,
        change.noise,
        change.tempo,
        change.reverb,
        change.equaliser,
        embedded,
    )
    digest = _digest(split, jobs.tolist(), settings)
    kept = streams.cached(digest, lambda: _heard(sounds(), embedded))
    return Streams(
        kept["features"],
        kept["embeddings"],
        labels=np.where(jobs < 0, 0, split.labels[jobs]),
        kinds=np.where(jobs < 0, 0, _kinds(split, apart)[jobs]),
        speakers=np.where(jobs < 0, "", np.array([speaker_of(name) for name in split.names])[jobs]),
        **{name: kept[name] for name in ("begin", "end", "clip")},
    )


def told_apart(split: Split) -> tuple[str, ...]:
    """The other words of which there are enough clips to tell them from each other."""
    names = np.array([word for word, label in zip(split.words(), split.labels, strict=True) if label == 1])
    words, counts = np.unique(names, return_counts=True)
    return tuple(str(word) for word in words[counts >= _APART])


def running_speech(
    split: Split, labels: Sequence[str], minutes: int, seed: int, progress: Progress = silent
) -> Streams:
    """Prose, read by the training voices without an end over the split's noises 5 to 45 dB below; `unknown`
    throughout. The front end hears a minute of it at a time, which is cut into twenty streams: what it
    takes for noise after a minute of speech is not what it takes for noise at the beginning. Cached too."""

    def make() -> dict[str, Any]:
        rng = np.random.default_rng([seed, 1])
        reader, rows = speech.Reader("training", words_of(labels), rng), []
        for minute in range(minutes):
            said = augment.gain(_minute(reader, rng)[None], rng.uniform(-18, 6, 1))
            heard = frontend.to_int8(frontend.features(_over_noise(said, split, rng)[0]))
            rows.append(heard[: len(heard) // _ROWS * _ROWS].reshape(-1, _ROWS, heard.shape[1]))
            progress("hearing speech", minute + 1, minutes)
        return {"features": np.concatenate(rows)}

    kept = streams.cached(_digest(split, labels, (minutes, seed)), make)
    return streams.unlabelled(kept["features"], _NOTHING)


def _minute(reader: Iterator[NDArray[np.int16]], rng: np.random.Generator) -> NDArray[np.float32]:
    """Sentences with pauses of 0.2 to 1 s."""
    parts, length = list[NDArray[np.int16]](), 0
    while length < 60 * SAMPLE_RATE:
        parts += [next(reader), np.zeros(rng.integers(3200, 16000), np.int16)]
        length += len(parts[-2]) + len(parts[-1])
    return np.concatenate(parts)[: 60 * SAMPLE_RATE].astype(np.float32)


def medleys(split: Split, count: int, seed: int, progress: Progress = silent) -> Streams:
    """`count` pieces of three seconds of words and halves of words, which only a teacher can name; with
    embeddings. Kept in the cache as well."""

    def sounds() -> Iterator[tuple[Any, ...]]:
        rng = np.random.default_rng([seed, 2])
        for start in range(0, count, _CHUNK):
            said = medley.medleys(split, min(_CHUNK, count - start), LENGTH, rng)
            yield (_over_noise(augment.reverberated(said, rng, 0.25), split, rng),)
            progress("hearing medleys", start + len(said), count)

    digest = _digest(split, "medleys", (count, seed))
    kept = streams.cached(digest, lambda: _heard(sounds(), embedded=True))
    return streams.unlabelled(kept["features"], kept["embeddings"])


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


def _kinds(split: Split, apart: Sequence[str]) -> Index:
    first = int(split.labels.max()) + 1
    of = {word: first + number for number, word in enumerate(apart)}
    return np.array([of.get(word, label) for word, label in zip(split.words(), split.labels, strict=True)])


def _heard(sounds: Iterator[tuple[Any, ...]], embedded: bool) -> dict[str, Any]:
    """What front end and embedding make of chunks of sounds, and the places that come with them."""
    parts = []
    with ThreadPoolExecutor() as pool:  # the C front end runs without Python's lock
        for chunk, *places in sounds:
            rows = list(pool.map(lambda samples: frontend.to_int8(frontend.features(samples)), chunk))
            parts.append((np.stack(rows), embedding.embed(chunk) if embedded else _NOTHING, *places))
    names = ("features", "embeddings", "begin", "end", "clip")
    return dict(zip(names, map(np.concatenate, zip(*parts, strict=True)), strict=False))


def _digest(split: Split, what: Any, settings: tuple[Any, ...]) -> str:
    """Of all that features depend on: clips, noises, settings, and the code that makes them, C included."""
    digest = hashlib.sha256(repr((what, settings)).encode())
    for maker in _MAKERS:
        digest.update(Path(str(maker.__file__)).read_bytes())
    for values in (split.samples, *split.noise):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:32]


def _sound(
    split: Split, clips: Index, rng: np.random.Generator, change: Augmentation
) -> tuple[NDArray[np.int16], Index, Index, Index]:
    """Three seconds around each of some clips, by their index in `split` (-1 stands for silence); first and
    last+1 frame of the word, and the clip's first."""
    count, spoken = len(clips), clips >= 0
    said = split.samples[clips].astype(np.float32) * spoken[:, None]
    said = augment.faster(said, np.exp(rng.uniform(-change.tempo, change.tempo, count)))
    begin, end = augment.extents(said)
    said = augment.equalised(said, rng, change.equaliser)
    said = augment.gain(said, rng.uniform(-change.gain, change.gain / 3, count))
    offsets = _offsets(count, rng, late=change.cut > 0)
    sound = augment.laid_into(said, offsets, LENGTH)
    sound = augment.reverberated(sound, rng, change.reverb)
    start = offsets // augment.FRAME
    return _in_noise(sound, spoken, split, rng, change), begin + start, end + start, start


def _offsets(count: int, rng: np.random.Generator, late: bool) -> Index:
    """Where each clip begins: 0.6 to 1.8 s into the stream, or within 0.1 s of power-on, or a bit later, so
    that a window can end within the word."""
    warm = rng.integers(round(0.6 * SAMPLE_RATE), round(1.8 * SAMPLE_RATE), count)
    if late:
        later = rng.integers(0, round(0.8 * SAMPLE_RATE), count)
        cold = np.where(rng.random(count) < _LATE, later, rng.integers(-1600, 1600, count))
        return np.where(rng.random(count) < _COLD, cold, warm)
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


def _over_noise(sound: augment.Batch, split: Split, rng: np.random.Generator) -> NDArray[np.int16]:
    """With noise 5 to 45 dB below."""
    below = augment.rms(sound) / 10 ** (rng.uniform(5, 45, len(sound)) / 20)
    noise = augment.background(rng, split.noise, *sound.shape)
    return augment.to_int16(sound + noise * below[:, None].astype(np.float32))
