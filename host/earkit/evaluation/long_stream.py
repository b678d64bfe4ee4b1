"""Hours of sound as a board in a room would hear it: one sound without the words, one with them.

Its clips, noises, synthetic voices and what they read are of one split. Sounds come in parts of ten minutes,
each heard from power-on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from earkit.audio import augment, noise
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.audio.dataset import Split
from earkit.evaluation.listening import Playlist, Spoken

PART_SECONDS = 600
"""Length of one part of the negatives."""
SPEECH, WORDS, NOISE = "running speech", "single other words", "noise"
_SHARES = {SPEECH: 0.6, WORDS: 0.2, NOISE: 0.2}
"""What the negatives are made of, by the time between two changes."""
_SEGMENT = (20, 60)
"""Seconds between changes."""
_SNR = (10.0, 20.0)
"""Decibels of the words above the background."""
_LEVEL = 1500.0
"""RMS of a word to hear over its own length, of 32768."""
_GROUP = 20
"""Words over one kind of background."""

_Named = tuple[str, str, Samples]
"""What is said, the clip's name, and its sound."""


def negatives(split: Split, speech: Iterator[Samples], hours: float, seed: int = 0) -> Iterator[Playlist]:
    """Parts of ten minutes, `hours` in all, in which no word to hear is said: `speech` (60 %), single other
    words (20 %), noise alone (20 %), the first two over noise 5 to 30 dB below.

    What is `spoken` in a part is each other word, and as a word of its own SPEECH for a sentence and NOISE
    for noise alone.
    """
    rng = np.random.default_rng([seed, 1])
    others = _by_turns(rng, split, np.flatnonzero(~split.is_word()))
    sentences = ((SPEECH, SPEECH, samples) for samples in speech)
    sounds = noises(split, seed)
    for _ in range(max(1, round(hours * 3600 / PART_SECONDS))):
        segments, spoken, length = list[NDArray[np.float32]](), list[Spoken](), 0
        while length < PART_SECONDS * SAMPLE_RATE:
            sound, said = _segment(rng, sentences, others, sounds)
            begun = length / SAMPLE_RATE
            spoken += (replace(one, start=one.start + begun, end=one.end + begun) for one in said)
            segments.append(sound)
            length += len(sound)
        samples = augment.to_int16(np.concatenate(segments)[None, : PART_SECONDS * SAMPLE_RATE])[0]
        yield Playlist(samples, tuple(one for one in spoken if one.start < PART_SECONDS))


def positives(split: Split, repeats: int = 2, seed: int = 0) -> Playlist:
    """Every clip of the words to hear `repeats` times, each over another background 10 to 20 dB below it,
    with 1 to 2.5 s between."""
    rng = np.random.default_rng([seed, 2])
    sounds, words = noises(split, seed), split.words()
    chosen = np.flatnonzero(split.is_word())
    order = np.concatenate([rng.permutation(chosen) for _ in range(repeats)])
    parts, spoken, position = list[NDArray[np.int16]](), list[Spoken](), 0
    for start in range(0, len(order), _GROUP):
        group = order[start : start + _GROUP]
        places, length = _places(rng, len(group))
        sound = augment.background(rng, sounds, 1, length)[0]
        sound *= np.float32(_LEVEL / 10 ** (rng.uniform(*_SNR) / 20))
        for index, place in zip(group, places, strict=True):
            sound[place : place + SAMPLE_RATE] += _levelled(split.samples[index])
            begin = (position + place) / SAMPLE_RATE
            spoken.append(Spoken(words[index], split.names[index], begin, begin + 1.0))
        parts.append(augment.to_int16(sound[None])[0])
        position += length
    return Playlist(np.concatenate(parts), tuple(spoken))


def noises(split: Split, seed: int) -> tuple[Samples, ...]:
    """The split's own noises, and generated ones that no training has heard."""
    return (*split.noise, *noise.every_kind(np.random.default_rng([seed, 3]), seconds=60).values())


def unique_minutes(split: Split) -> dict[str, float]:
    """How much of the recorded sound without words to hear is not a repetition."""
    others = int(np.sum(~split.is_word()))
    recorded = sum(len(sound) for sound in split.noise) / SAMPLE_RATE
    return {"other words": others / 60, "recorded noise": recorded / 60}


def _segment(
    rng: np.random.Generator,
    sentences: Iterator[_Named],
    others: Iterator[_Named],
    sounds: Sequence[Samples],
) -> tuple[augment.Batch, list[Spoken]]:
    length = int(rng.uniform(*_SEGMENT) * SAMPLE_RATE)
    kind = rng.choice(list(_SHARES), p=list(_SHARES.values()))
    background = augment.background(rng, sounds, 1, length)[0]
    if kind == NOISE:
        level = np.exp(rng.uniform(np.log(2.0), np.log(2000.0)))
        return _times(background, level), [Spoken(NOISE, NOISE, 0.0, length / SAMPLE_RATE)]
    said, spoken, position = np.zeros(length, np.float32), list[Spoken](), 0
    while position < length:
        word, name, samples = next(sentences if kind == SPEECH else others)
        part = samples[: length - position].astype(np.float32)
        said[position : position + len(part)] += part
        spoken.append(Spoken(word, name, position / SAMPLE_RATE, (position + len(part)) / SAMPLE_RATE))
        position += len(samples) + int(rng.uniform(0.2, 1.5) * SAMPLE_RATE)
    said = _times(said, 10 ** (rng.uniform(-18, 6) / 20))
    below = augment.rms(said[None])[0] / 10 ** (rng.uniform(5, 30) / 20)
    return said + _times(background, below), spoken


def _by_turns(rng: np.random.Generator, split: Split, clips: NDArray[np.int64]) -> Iterator[_Named]:
    """Without end, in random order; each once before one comes again."""
    words = split.words()
    while True:
        for clip in rng.permutation(clips):
            yield words[clip], split.names[clip], split.samples[clip]


def _times(wave: augment.Batch, factor: float) -> augment.Batch:
    return (wave * np.float32(factor)).astype(np.float32)


def _places(rng: np.random.Generator, count: int) -> tuple[NDArray[np.int64], int]:
    """Where `count` clips of a second begin, and the length of it all."""
    gaps = rng.integers(SAMPLE_RATE, 5 * SAMPLE_RATE // 2, count) + SAMPLE_RATE
    places = 2 * SAMPLE_RATE + np.concatenate([[0], np.cumsum(gaps)[:-1]])
    return places, int(2 * SAMPLE_RATE + gaps.sum())


def _levelled(samples: Samples) -> augment.Batch:
    """The clip as loud as all others, over the word's own length."""
    wave = samples.astype(np.float32)
    begin, end = (int(frame[0]) * augment.FRAME for frame in augment.extents(wave[None]))
    return _times(wave, _LEVEL / max(1.0, float(augment.rms(wave[None, begin:end])[0])))
