"""The firmware's spotter in Python: the same C, so the same words at the same times as the board."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earkit.core._core import ffi, lib
from earkit.core.frontend import Samples
from earkit.core.recognizer import Recognizer
from earkit.errors import ModelError
from earkit.settings import FrontendSettings, ModelSettings

ABLE = FrontendSettings(
    sample_rate=int(lib.EAR_SAMPLE_RATE),
    window_ms=int(1000 * lib.EAR_WINDOW_SAMPLES // lib.EAR_SAMPLE_RATE),
    hop_ms=int(1000 * lib.EAR_HOP_SAMPLES // lib.EAR_SAMPLE_RATE),
    channels=int(lib.EAR_CHANNELS),
    lower_hz=float(lib.EAR_LOWER_HZ),
    upper_hz=float(lib.EAR_UPPER_HZ),
)
"""The front end that the C has, as the C says it; any number of frames."""
BLOCK_SAMPLES = int(lib.EAR_SPOTTER_BLOCK)
"""How many samples the spotter takes at a time, on the board as here."""
MOST_HOPS = int(lib.EAR_SPOTTER_HOPS)

Rows = NDArray[np.int8]


def require_window(settings: ModelSettings, elements: int) -> None:
    """Refuse settings whose window is not a model's input of so many elements. Raises ModelError."""
    frames = settings.frontend.frames
    if frames * ABLE.channels != elements:
        raise ModelError(
            f"the settings say {frames} frames of {ABLE.channels} channels, the model's input has {elements} "
            "elements",
            "train or export the model again",
        )


def require_able(settings: ModelSettings) -> None:
    """Refuse what the C cannot honour, naming both values. Raises ModelError or SettingError."""
    for name in ("sample_rate", "window_ms", "hop_ms", "channels", "lower_hz", "upper_hz"):
        wanted, able = getattr(settings.frontend, name), getattr(ABLE, name)
        if wanted != able:
            raise ModelError(
                f"the model wants a front end with {name} {wanted:g}, the firmware has {able:g}",
                "train it with the firmware's",
            )
    if not 2 <= len(settings.labels) <= lib.EAR_MAX_LABELS:
        raise ModelError(f"a spotter of {len(settings.labels)} labels", f"use 2 to {lib.EAR_MAX_LABELS}")
    Recognizer(settings.recognizer, len(settings.labels))  # it knows how many results it keeps
    if not settings.words:
        raise ModelError(
            f"the labels {', '.join(settings.labels)} hold no word",
            "name the words: --labels silence,unknown,yes",
        )


class Decision(NamedTuple):
    """A word that is heard now."""

    label: int
    """Its index."""
    score: int
    """Its averaged score, 0..255."""


class Due(NamedTuple):
    """Every time that a model was due while it listened to a sound."""

    rows: Rows
    """int8[n, hops, 40]: its newest features, oldest first."""
    ms: NDArray[np.int64]
    """int64[n]: when, in ms of sound."""
    is_full: NDArray[np.bool_]
    """bool[n]: whether its window was full; before, its scores do not count."""


class Spotter:
    """One ear (firmware/core/spotter/spotter.h): blocks of sound in, decisions out. The caller runs the
    model."""

    def __init__(self, settings: ModelSettings, hops: int = 2) -> None:
        """No sound so far; the model is due every `hops`, 1..4. Raises ModelError for settings that the C
        cannot honour."""
        require_able(settings)
        if not 1 <= hops <= MOST_HOPS:
            raise ValueError(f"a model is due every 1 to {MOST_HOPS} hops, not {hops}")
        self._model = ffi.new("ear_model_info *")
        self._model.label_count = len(settings.labels)
        self._model.words = settings.word_mask
        self._model.silence = lib.EAR_NO_LABEL if settings.silence is None else settings.silence
        self._model.hop_ms = settings.frontend.hop_ms
        self._model.frames = settings.frontend.frames
        self._ear = ffi.new("ear_spotter_ear *")
        self._ear.model, self._ear.hops = self._model, hops
        self._spotter, self._heard = ffi.new("ear_spotter *"), ffi.new("ear_heard *")
        if not lib.ear_spotter_init(self._spotter, self._ear, 1):
            raise ModelError("the firmware cannot honour the model", "train it with the firmware's settings")
        self._labels = len(settings.labels)
        self.recognizer = Recognizer(settings.recognizer, self._labels, self._ear.recognizer)
        """Its settings may be changed between calls."""

    @property
    def ms(self) -> int:
        """Sound so far, lost sound included."""
        return int(lib.ear_spotter_ms(self._spotter))

    def push(self, block: Samples, lost: int = 0) -> Rows | None:
        """Take int16[BLOCK_SAMPLES], before which `lost` blocks were lost. When the model is due: its newest
        features, int8[hops, 40]. Raises ValueError for another shape or dtype."""
        if block.dtype != np.int16 or block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"a block is int16[{BLOCK_SAMPLES}], not {block.dtype}{list(block.shape)}")
        raw = ffi.from_buffer("int16_t[]", np.ascontiguousarray(block))
        if not lib.ear_spotter_push(self._spotter, raw, lost):
            return None
        count = self._ear.hops * ABLE.channels
        rows = np.frombuffer(ffi.buffer(lib.ear_rows(self._ear), count), np.int8)
        return rows.reshape(self._ear.hops, ABLE.channels).copy()

    def row(self) -> Rows | None:
        """int8[40], the row of features that the last block completed, if it did."""
        found = lib.ear_spotter_row(self._spotter, 0)
        return None if found == ffi.NULL else np.frombuffer(ffi.buffer(found, ABLE.channels), np.int8).copy()

    def decide(self, scores: NDArray[np.int8]) -> Decision | None:
        """Take what the model says of the rows that `push` returned: int8[labels], score - 128. The word that
        is heard now, if one is."""
        raw = ffi.from_buffer("int8_t[]", np.ascontiguousarray(self._checked(scores, ())))
        is_new = lib.ear_spotter_decide(self._spotter, 0, raw, self._heard)
        heard = self._heard
        return Decision(heard.label, heard.score) if is_new and heard.is_word else None

    def push_all(self, samples: Samples) -> Due:
        """Take int16[n], n // BLOCK_SAMPLES blocks of it, at once."""
        blocks = len(samples) // BLOCK_SAMPLES
        rows = np.empty((blocks, self._ear.hops, ABLE.channels), np.int8)
        ms, is_full = np.empty(blocks, np.int64), np.empty(blocks, np.uint8)
        chunk = np.ascontiguousarray(samples, np.int16)
        count = lib.push_all(
            self._spotter,
            self._ear,
            ffi.from_buffer("int16_t[]", chunk),
            blocks,
            ffi.from_buffer("int8_t[]", rows),
            ffi.from_buffer("int64_t[]", ms),
            ffi.from_buffer("uint8_t[]", is_full),
        )
        return Due(rows[:count], ms[:count], is_full[:count].astype(bool))

    def decide_all(self, scores: NDArray[np.int8], ms: NDArray[np.int64]) -> list[tuple[int, Decision]]:
        """Take int8[n, labels] of full windows at int64[n] ms one after another, as `decide` does; the words
        heard, each with its time. Millions a second. Raises ValueError for another shape or dtype, or when
        time goes back."""
        times = np.ascontiguousarray(ms, np.int64)
        if (np.diff(times) < 0).any():
            raise ValueError("time went back")
        given = np.ascontiguousarray(self._checked(scores, times.shape))
        found = np.empty((3, len(times)), np.uint8)
        lib.decide_all(
            self._ear,
            ffi.from_buffer("int8_t[]", given),
            ffi.from_buffer("int64_t[]", times),
            len(times),
            *(ffi.from_buffer("uint8_t[]", row) for row in found),
        )
        return [
            (int(times[i]), Decision(int(found[0, i]), int(found[1, i]))) for i in np.flatnonzero(found[2])
        ]

    def _checked(self, scores: NDArray[np.int8], before: tuple[int, ...]) -> NDArray[np.int8]:
        wanted = (*before, self._labels)
        if scores.dtype != np.int8 or scores.shape != wanted:
            raise ValueError(f"scores must be int8{list(wanted)}, not {scores.dtype}{list(scores.shape)}")
        return scores
