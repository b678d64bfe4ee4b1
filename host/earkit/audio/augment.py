"""Make recordings sound as they might have: shifted, louder, softer, in noise. All on whole batches.

Batches are float32[clips, samples] in units of int16 (full scale 32768), so that they can be added up
before they are rounded once by `to_int16`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.errors import require

Batch = NDArray[np.float32]

BANDS = (0, 200, 500, 1000, 2000, 4000, 8000)
"""Hz; where `equalised` sets a gain."""
FRAME = 320
"""Samples in one frame of `extents`, 20 ms."""


def gain(batch: Batch, decibels: NDArray[np.float64]) -> Batch:
    """Each clip louder by its own `decibels`, float[clips]."""
    return (batch * (10.0 ** (decibels / 20.0))[:, None]).astype(np.float32)


def faster(batch: Batch, factors: NDArray[np.float64]) -> Batch:
    """Each clip played `factors` times as fast about its middle, as on a tape: pitch and formants move
    with it, which makes another voice. The length stays: zeros come in, or the ends go."""
    time = np.arange(batch.shape[1])
    middle = batch.shape[1] / 2
    out = np.empty_like(batch)
    for row, clip, factor in zip(out, batch, factors, strict=True):
        row[:] = np.interp(middle + (time - middle) * factor, time, clip, left=0.0, right=0.0)
    return out


def equalised(batch: Batch, rng: np.random.Generator, decibels: float) -> Batch:
    """Each clip through another microphone: gains of standard deviation `decibels` at seven frequencies,
    straight lines between."""
    if not decibels:
        return batch
    hertz = np.fft.rfftfreq(batch.shape[1], 1 / SAMPLE_RATE)
    gains = [np.interp(hertz, BANDS, rng.normal(0, decibels, len(BANDS))) for _ in batch]
    spectrum = np.fft.rfft(batch, axis=1) * 10 ** (np.stack(gains) / 20)
    return np.fft.irfft(spectrum, batch.shape[1], axis=1).astype(np.float32)


def reverberated(batch: Batch, rng: np.random.Generator, share: float) -> Batch:
    """A share of the clips in a room: with echoes that decay by 60 dB in 0.1 to 0.5 s, 6 to 20 dB below
    the direct sound."""
    oaconvolve = require("scipy.signal", "train").oaconvolve
    out = batch.copy()
    for row in np.flatnonzero(rng.random(len(batch)) < share):
        length = int(rng.uniform(0.1, 0.5) * SAMPLE_RATE)
        echoes = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
        echoes *= rng.uniform(0.1, 0.5) / np.sqrt(np.sum(echoes**2))
        echoes[0] += 1.0
        out[row] = oaconvolve(batch[row], echoes)[: batch.shape[1]]
    return out


def laid_into(batch: Batch, offsets: NDArray[np.int64], length: int) -> Batch:
    """Each clip at its own offset (it may be negative) in a clip of `length` samples; zeros around it."""
    out = np.zeros((len(batch), length), np.float32)
    for row, clip, offset in zip(out, batch, offsets, strict=True):
        start, end = max(0, offset), min(length, offset + len(clip))
        if start < end:
            row[start:end] = clip[start - offset : end - offset]
    return out


def rms(batch: Batch) -> NDArray[np.float64]:
    """float[clips]: root mean square over each clip."""
    level: NDArray[np.float64] = np.sqrt(np.mean(np.square(batch, dtype=np.float64), axis=1))
    return level


def background(rng: np.random.Generator, noises: Sequence[Samples], count: int, length: int) -> Batch:
    """`count` pieces of the noises, each of RMS 1, from random places; short noises are repeated."""
    out = np.empty((count, length), np.float32)
    for row in out:
        noise = noises[int(rng.integers(len(noises)))]
        start = int(rng.integers(0, max(1, len(noise) - length)))
        row[:] = np.resize(noise[start : start + length], length)
    out /= np.maximum(rms(out), 1.0)[:, None].astype(np.float32)
    return out


def quiet_levels(rng: np.random.Generator, count: int, loudest: float = 2000.0) -> NDArray[np.float64]:
    """RMS levels for silence, in units of int16: a fifth digital zero, the rest even in decibels."""
    levels = np.exp(rng.uniform(np.log(0.5), np.log(loudest), count))
    return np.where(rng.random(count) < 0.2, 0.0, levels)


def extents(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last+1 frame of the word in each clip, int[clips] each.

    A frame belongs to the word when its energy lies in the upper 70 % of the clip's range, counted in
    decibels from its quiet (10th percentile) to its loudest frame.
    """
    frames = batch[:, : batch.shape[1] // FRAME * FRAME].reshape(len(batch), -1, FRAME)
    decibels = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=2) + 1.0)
    quiet, loud = np.percentile(decibels, 10, axis=1), decibels.max(axis=1)
    inside = decibels >= (quiet + 0.3 * (loud - quiet))[:, None]
    return inside.argmax(axis=1), inside.shape[1] - inside[:, ::-1].argmax(axis=1)


def to_int16(batch: Batch) -> NDArray[np.int16]:
    """Rounded and clipped, as a converter does."""
    rounded: NDArray[np.int16] = np.clip(np.rint(batch), -32768, 32767).astype(np.int16)
    return rounded
