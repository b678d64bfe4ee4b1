"""The board's path on the PC: front end, sliding window, model, recogniser, over a long sound."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earshot.audio.dataset import UNKNOWN, Split
from earshot.compiler.read import read_model
from earshot.core import frontend
from earshot.core.recognizer import Recognizer
from earshot.errors import ModelError
from earshot.evaluation import listening
from earshot.evaluation.exactness import WheelModel
from earshot.evaluation.listening import NOT_WORDS, Heard, Playlist, Samples
from earshot.progress import Progress, silent
from earshot.settings import FrontendSettings, ModelSettings, RecognizerSettings

Invoke = Callable[[NDArray[np.int8]], NDArray[np.int8]]
"""A model: int8[49, 40] in, int8[labels] out."""

ROWS = 2
"""Hops between two inferences, as in firmware/app/spotter."""
QUIET_MS = 1000
"""Results before this are not used: the window is not full yet."""
PAUSE = 1.5
"""Seconds between the clips of a playlist."""
_ARENA = 1 << 20


def oracle(model: Path) -> Invoke:
    """The .tflite in the TFLite Micro interpreter, whose outputs the board gives bit for bit.

    Raises MissingExtraError without the wheel and ModelError when the file cannot be run or hears no sound.
    """
    graph = read_model(model)
    shape, expected = graph.inputs[0].shape, FrontendSettings().frames * FrontendSettings().channels
    if len(graph.inputs) != 1 or math.prod(shape) != expected or graph.inputs[0].dtype != "int8":
        raise ModelError(f"{model} does not take {expected} int8 features", "give a model that hears words")
    wheel = WheelModel(graph, _ARENA)
    return lambda window: wheel.invoke(np.ascontiguousarray(window).reshape(shape))[0].ravel()


def playlist(
    split: Split, labels: Sequence[str], per_word: int | None = None, others: int | None = None, seed: int = 0
) -> Playlist:
    """Clips of one split in random order, words to hear and other words mixed, over its quietest noise.

    `per_word` clips of each word (all by default) and `others` of other words (by default as many as of
    all words together). The background is one of the split's noises at an RMS of 66, -54 dB of full scale.
    """
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for label in range(len(labels) - 1, 0, -1):
        members = rng.permutation(np.flatnonzero(split.labels == label))
        chosen += members[
            : (len(chosen) if others is None else others) if labels[label] == UNKNOWN else per_word
        ].tolist()
    noise = np.concatenate(split.noise).astype(np.float64)
    background = (noise * (66.0 / max(1.0, float(np.sqrt(np.mean(noise**2)))))).astype(np.int16)
    words = split.words()
    mixed = (chosen[i] for i in rng.permutation(len(chosen)))
    return listening.arrange(
        ((words[i], split.names[i], split.samples[i]) for i in mixed), background, pause=PAUSE
    )


def listen(
    invoke: Invoke, samples: Samples, settings: ModelSettings, progress: Progress = silent
) -> list[Heard]:
    """What a board with this model reports of a sound, int16[n] at 16 kHz, at the board's times."""
    seen, times = windows(samples, settings.frontend.frames)
    scores = np.empty((len(seen), len(settings.labels)), np.int8)
    for done, window in enumerate(seen):
        scores[done] = invoke(window)
        progress("listening", done + 1, len(seen))
    return recognise(scores, times, settings.labels, settings.recognizer)


def windows(samples: Samples, frames: int) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Every window of which the spotter uses the result, int8[n, frames, 40], and its time in ms."""
    rows = frontend.to_int8(frontend.features(samples))
    before = np.full((frames - ROWS, rows.shape[1]), -128, np.int8)
    view = np.lib.stride_tricks.sliding_window_view(np.concatenate([before, rows]), frames, axis=0)
    seen = view[::ROWS].transpose(0, 2, 1)
    times = 20 * (ROWS * np.arange(len(seen)) + ROWS + 1)
    used = times >= QUIET_MS
    return seen[used], times[used]


def recognise(
    scores: NDArray[np.int8], times: NDArray[np.int64], labels: Sequence[str], settings: RecognizerSettings
) -> list[Heard]:
    """What the recogniser reports of int8[n, labels] at `times` in ms."""
    recognizer = Recognizer(settings, len(labels))
    heard = []
    for row, ms in zip(scores, times.tolist(), strict=True):
        best = recognizer.update(row, ms)
        if best.is_new and labels[best.label] not in NOT_WORDS:
            heard.append(Heard(labels[best.label], best.score, ms))
    return heard
