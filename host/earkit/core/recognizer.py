"""The firmware's recogniser in Python: the same C, so the same words at the same times as the board."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earkit.core._core import ffi, lib
from earkit.settings import RecognizerSettings


class Recognition(NamedTuple):
    label: int
    """Index of the best label on average; of the one reported last while there are too few results."""
    score: int
    """Its averaged score, 0..255."""
    is_new: bool
    """True once for each word heard."""


class Recognizer:
    """TFLM's RecognizeCommands (firmware/core/recognizer/recognizer.h has the exact rules)."""

    def __init__(self, settings: RecognizerSettings, label_count: int) -> None:
        """No history. Raises ValueError when there are not 2..16 labels or a setting is out of range."""
        if not 2 <= label_count <= lib.EAR_MAX_LABELS:
            raise ValueError(f"a recogniser takes 2 to {lib.EAR_MAX_LABELS} labels, not {label_count}")
        self._label_count = label_count
        self._state = ffi.new("ear_recognizer *")
        lib.ear_recognizer_init(self._state, ffi.new("ear_recognizer_settings *"), label_count)
        self._time_ms = 0
        self.settings = settings

    @property
    def settings(self) -> RecognizerSettings:
        """Settable while it runs; setting gives every label the same threshold."""
        return self._settings

    @settings.setter
    def settings(self, settings: RecognizerSettings) -> None:
        limits = {
            "average_ms": (1, 2500),
            "suppression_ms": (0, 65535),
            "minimum_count": (1, self._state.results),
            "threshold": (0, 255),
        }
        for name, (low, high) in limits.items():
            if not low <= getattr(settings, name) <= high:
                raise ValueError(f"{name} must be {low} to {high}, not {getattr(settings, name)}")
        self._settings = settings
        raw = self._state.settings
        raw.average_ms = settings.average_ms
        raw.suppression_ms = settings.suppression_ms
        raw.minimum_count = settings.minimum_count
        self.thresholds = (settings.threshold,) * self._label_count

    @property
    def thresholds(self) -> tuple[int, ...]:
        """One per label, 0..255, settable while it runs; a score must be above it."""
        return tuple(self._state.settings.threshold[0 : self._label_count])

    @thresholds.setter
    def thresholds(self, thresholds: tuple[int, ...]) -> None:
        if len(thresholds) != self._label_count or not all(0 <= value <= 255 for value in thresholds):
            raise ValueError(f"thresholds must be {self._label_count} values of 0 to 255, not {thresholds}")
        self._state.settings.threshold[0 : self._label_count] = thresholds

    def update(self, scores: NDArray[np.int8], time_ms: int) -> Recognition:
        """Take one result of the model: int8[labels], whose window ended at `time_ms` of sound.

        Raises ValueError for another shape or dtype, or when time goes back.
        """
        if scores.dtype != np.int8 or scores.shape != (self._label_count,):
            raise ValueError(f"scores must be int8[{self._label_count}], not {scores.dtype}{scores.shape}")
        if time_ms < self._time_ms:
            raise ValueError(f"time went back from {self._time_ms} to {time_ms} ms")
        self._time_ms = time_ms
        raw = ffi.from_buffer("int8_t[]", np.ascontiguousarray(scores))
        best = lib.ear_recognizer_update(self._state, raw, time_ms)
        return Recognition(best.label, best.score, best.is_new)

    def update_all(
        self, scores: NDArray[np.int8], times_ms: NDArray[np.int64]
    ) -> list[tuple[int, Recognition]]:
        """Take int8[n, labels] at int64[n] one after another, as `update` does; the new words among the
        answers, each with its time in ms. Millions of results a second.

        Raises ValueError for another shape or dtype, or when time goes back.
        """
        count = len(times_ms)
        if scores.dtype != np.int8 or scores.shape != (count, self._label_count):
            raise ValueError(
                f"scores must be int8[{count}, {self._label_count}], not {scores.dtype}{scores.shape}"
            )
        times = np.ascontiguousarray(times_ms, np.int64)
        if count and (times[0] < self._time_ms or (np.diff(times) < 0).any()):
            raise ValueError("time went back")
        found = np.empty((3, count), np.uint8)
        lib.update_rows(
            self._state,
            ffi.from_buffer("int8_t[]", np.ascontiguousarray(scores)),
            ffi.from_buffer("int64_t[]", times),
            count,
            *(ffi.from_buffer("uint8_t[]", row) for row in found),
        )
        self._time_ms = int(times[-1]) if count else self._time_ms
        return [
            (int(times[i]), Recognition(int(found[0, i]), int(found[1, i]), True))
            for i in np.flatnonzero(found[2])
        ]
