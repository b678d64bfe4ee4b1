"""Recordings: any WAV or FLAC in, 16 kHz mono 16 bit out."""

import errno
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from earkit import files
from earkit.errors import AudioError

SAMPLE_RATE = 16000
"""Hz; what every clip is converted to."""

Samples = NDArray[np.int16]
_FRAME = 160
_BIT_DEPTHS = {"PCM_U8": "8 bit", "PCM_S8": "8 bit", "PCM_24": "24 bit", "PCM_32": "32 bit", "FLOAT": "float"}


@dataclass(frozen=True)
class Clip:
    samples: Samples
    """int16[n], 16 kHz, mono; n is at least 1."""
    note: str
    """What was converted or mended on reading, for the user; empty when nothing was."""


def read(path: Path) -> Clip:
    """Read a WAV or FLAC file (or whatever else libsndfile knows) of any rate, width and channels.

    16 kHz mono 16 bit comes out sample for sample. Channels are averaged, other rates resampled, other
    widths rounded, and a file whose data ends before its header says gives what is there; each is
    told in the note. Raises AudioError when the file is missing, empty or not audio.
    """
    if not path.is_file():
        raise AudioError(f"no recording at {path}", "check the name; it should be a WAV or FLAC file")
    try:
        with path.open("rb") as stream, soundfile.SoundFile(stream) as sound:
            exact = sound.subtype == "PCM_16" and sound.channels == 1 and sound.samplerate == SAMPLE_RATE
            raw = _read_all(sound, "int16" if exact else "float64")
            notes = _conversions(sound)
            if len(raw) < sound.frames or "should be" in sound.extra_info:
                notes.append("the file is cut short: used what is there")
    except (OSError, soundfile.SoundFileError) as error:
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        raise AudioError(f"cannot read {path}: {reason.rstrip('.')}", "it should be WAV or FLAC") from error
    if not len(raw):
        raise AudioError(f"{path} holds no sound", "record it again")
    samples = np.asarray(raw[:, 0], np.int16) if exact else _convert(raw, sound.samplerate, path)
    return Clip(samples, ", ".join(notes))


def write(path: Path, samples: Samples) -> None:
    """Write int16[n] at 16 kHz as a mono WAV, whole or not at all. Raises EarkitError when it cannot."""
    with files.replacing(path) as temporary:
        try:
            soundfile.write(temporary, samples, SAMPLE_RATE, subtype="PCM_16", format="WAV")
        except soundfile.LibsndfileError as error:  # which does not say why
            raise OSError(errno.ENOSPC, "the disk is full, or not to be written") from error


def fit(samples: Samples, length: int) -> Samples:
    """`length` samples: zeros around a short clip, of a long one the stretch where it is loudest."""
    missing = length - len(samples)
    if missing < 0:
        return samples[_loudest(samples, length) :][:length]
    return np.pad(samples, (missing // 2, missing - missing // 2))


def _loudest(samples: Samples, length: int) -> int:
    """The start of the `length` samples with most energy, what lies in their middle counting most."""
    whole = samples[: len(samples) // _FRAME * _FRAME].astype(np.float64)
    energy = (whole.reshape(-1, _FRAME) ** 2).sum(axis=1)
    found = int(np.convolve(energy, np.hanning(length // _FRAME), "valid").argmax())
    return min(found * _FRAME, len(samples) - length)


def _read_all(sound: soundfile.SoundFile, dtype: str) -> NDArray[np.generic]:
    """[n, channels]; a damaged end gives what could be decoded before it."""
    blocks = []
    try:
        while len(block := sound.read(SAMPLE_RATE, dtype=dtype, always_2d=True)):
            blocks.append(block)
    except soundfile.LibsndfileError:
        if not blocks:
            raise
    return np.concatenate(blocks) if blocks else np.empty((0, sound.channels), dtype)


def _conversions(sound: soundfile.SoundFile) -> list[str]:
    notes = []
    if sound.channels > 1:
        notes.append(f"{sound.channels} channels averaged to one")
    if sound.samplerate != SAMPLE_RATE:
        notes.append(f"{sound.samplerate} Hz resampled to {SAMPLE_RATE} Hz")
    if sound.subtype != "PCM_16":
        notes.append(f"{_BIT_DEPTHS.get(sound.subtype, sound.subtype)} made 16 bit")
    return notes


def _convert(raw: NDArray[np.generic], rate: int, path: Path) -> Samples:
    wave = np.asarray(raw, np.float64).mean(axis=1)
    if not np.isfinite(wave).all():
        raise AudioError(f"{path} holds values that are no numbers", "record it again")
    return quantise(soxr.resample(wave, rate, SAMPLE_RATE))


def quantise(wave: NDArray[np.float64]) -> Samples:
    """Round -1..1 to int16; what lies beyond is clipped."""
    samples: Samples = np.clip(np.rint(wave * 32768.0), -32768, 32767).astype(np.int16)
    return samples
