"""Background noise that needs no recording."""

import numpy as np

from earkit.audio.clips import SAMPLE_RATE, Samples, quantise

LEVEL = 0.05
"""RMS of each noise, of full scale."""


def quiet_room(rng: np.random.Generator, length: int) -> Samples:
    """What a microphone gives in a silent room: never digital zeros, from which a model takes the step
    to any sound for a word; RMS 2 of 32768."""
    return np.rint(rng.normal(0, 2, length)).astype(np.int16)


def coloured(rng: np.random.Generator, length: int, slope: float) -> Samples:
    """Noise whose amplitude falls as 1 / f^slope: 0 white, 0.5 pink, 1 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    return _levelled(np.fft.irfft(spectrum / np.maximum(hertz, 20.0) ** slope, length))


def hum(rng: np.random.Generator, length: int) -> Samples:
    """Mains hum: 50 Hz and its harmonics, with a little hiss."""
    seconds = np.arange(length) / SAMPLE_RATE
    wave = 0.05 * rng.standard_normal(length)
    for harmonic in range(1, 12):
        wave += np.sin(2 * np.pi * (50 * harmonic * seconds + rng.random())) / harmonic
    return _levelled(wave)


def knocks(rng: np.random.Generator, length: int) -> Samples:
    """Short decaying clatter at random moments, some five a second, over hiss."""
    wave = 0.002 * rng.standard_normal(length)
    decay = np.exp(-np.arange(1600) / 250)
    for start in rng.integers(0, max(1, length - 1600), size=5 * length // SAMPLE_RATE):
        part = wave[start : start + 1600]
        part += (rng.uniform(0.1, 1.0) * decay * rng.standard_normal(1600))[: len(part)]
    return _levelled(wave)


def beeps(rng: np.random.Generator, length: int) -> Samples:
    """Tones of random pitch, 0.1 to 0.5 s each, with pauses."""
    wave = 0.002 * rng.standard_normal(length)
    position = 0
    while position < length:
        part = wave[position : position + rng.integers(1600, 8000)]
        part += np.sin(2 * np.pi * rng.uniform(200, 4000) * np.arange(len(part)) / SAMPLE_RATE)
        position += len(part) + int(rng.integers(1600, 16000))
    return _levelled(wave)


def every_kind(rng: np.random.Generator, seconds: float) -> dict[str, Samples]:
    """One noise of each kind, by name."""
    length = round(seconds * SAMPLE_RATE)
    return {
        "white_noise": coloured(rng, length, 0.0),
        "pink_noise": coloured(rng, length, 0.5),
        "brown_noise": coloured(rng, length, 1.0),
        "hum": hum(rng, length),
        "knocks": knocks(rng, length),
        "beeps": beeps(rng, length),
    }


def _levelled(wave: np.ndarray) -> Samples:
    return quantise(wave * (LEVEL / np.sqrt(np.mean(wave**2))))
