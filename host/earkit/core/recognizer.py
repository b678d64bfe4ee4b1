"""The firmware's recogniser in Python: the same C, so the same words at the same times as the board."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from earkit.core._core import ffi, lib
from earkit.errors import SettingError
from earkit.settings import RecognizerSettings


class Recognition(NamedTuple):
    label: int
    """Index of the best label on average; of the one reported last while there are too few results."""
    score: int
    """Its averaged score, 0..255."""
    is_new: bool
    """True once for each time that a label is heard."""


class Recognizer:
    """TFLM's RecognizeCommands (firmware/core/recognizer/recognizer.h has the exact rules)."""

    def __init__(self, settings: RecognizerSettings, label_count: int, state: Any = None) -> None:
        """No history. `state` is an `ear_recognizer` that was set up in C; without it a new one is made,
        whose label 0 is silence. Raises SettingError when there are not 2..16 labels or a setting is out of
        range."""
        if not 2 <= label_count <= lib.EAR_MAX_LABELS:
            raise SettingError(f"a recogniser takes 2 to {lib.EAR_MAX_LABELS} labels, not {label_count}")
        self._label_count = label_count
        if state is None:
            state = ffi.new("ear_recognizer *")
            lib.ear_recognizer_init(state, ffi.new("ear_recognizer_settings *"), label_count, 0)
        self._state = state
        self._time_ms = 0
        self.settings = settings

    @property
    def settings(self) -> RecognizerSettings:
        """Settable while it runs; setting gives every label the same threshold."""
        return self._settings

    @settings.setter
    def settings(self, settings: RecognizerSettings) -> None:
        if settings.minimum_count > self._state.results:
            raise SettingError(
                f"minimum_count must be 1 to {self._state.results} with {self._label_count} labels, "
                f"not {settings.minimum_count}"
            )
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
            raise SettingError(f"thresholds must be {self._label_count} values of 0 to 255, not {thresholds}")
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
