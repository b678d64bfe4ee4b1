"""The firmware's front end in Python: the same C, so the same bits as the board."""

import numpy as np
from numpy.typing import NDArray

from earkit.core._core import ffi, lib
from earkit.settings import FrontendSettings

SETTINGS = FrontendSettings()
"""What the C is built for."""

STATE_BYTES = int(ffi.sizeof("ear_frontend"))
"""What one listener takes of RAM, on the board as here."""

Samples = NDArray[np.int16]
Features = NDArray[np.uint16]


class Frontend:
    """A listener: samples in, in chunks of any size; rows of features out."""

    def __init__(self) -> None:
        self._state = ffi.new("ear_frontend *")

    def reset(self) -> None:
        """Start again as at power-on."""
        lib.ear_frontend_init(self._state)

    def feed(self, samples: Samples) -> Features:
        """Take int16[n], 16 kHz mono; return the uint16[rows, 40] that they complete, low channel first.

        The first row needs 480 samples (30 ms), every further one 320 (20 ms). Values are 0..about 670.
        Raises TypeError for another dtype and ValueError for another shape.
        """
        if samples.dtype != np.int16:
            raise TypeError(f"samples must be int16, not {samples.dtype}")
        if samples.ndim != 1:
            raise ValueError(f"samples must have one dimension, not {samples.ndim}")
        held = self._state.filled + len(samples)
        count = max(0, (held - SETTINGS.window_samples) // SETTINGS.hop_samples + 1)
        rows = np.empty((count, SETTINGS.channels), np.uint16)
        chunk = np.ascontiguousarray(samples)
        lib.feed_rows(
            self._state, ffi.from_buffer("int16_t[]", chunk), len(chunk), ffi.from_buffer("uint16_t[]", rows)
        )
        return rows


def features(samples: Samples) -> Features:
    """uint16[frames, 40] of int16[n], 16 kHz mono, heard from power-on: TensorFlow's op bit for bit."""
    return Frontend().feed(samples)


def to_int8(features: Features) -> NDArray[np.int8]:
    """Features of any shape as a model's int8 input: clip((f * 256 + 333) // 666 - 128, -128, 127)."""
    values = np.ascontiguousarray(features, np.uint16)
    out = np.empty(values.shape, np.int8)
    lib.rows_to_int8(ffi.from_buffer("uint16_t[]", values), ffi.from_buffer("int8_t[]", out), values.size)
    return out


def window_int8(samples: Samples) -> NDArray[np.int8]:
    """The model's input int8[49, 40] for a clip of one second, int16[16000].

    Raises ValueError for another length.
    """
    rows = features(samples)
    if len(rows) != SETTINGS.frames:
        raise ValueError(f"a window is one second, {SETTINGS.sample_rate} samples, not {len(samples)}")
    return to_int8(rows)
