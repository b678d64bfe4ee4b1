"""The whole recipe: from a data set to a .tflite that a board can run."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.audio.dataset import Dataset
from earshot.progress import Progress, silent
from earshot.settings import ModelSettings, RecognizerSettings
from earshot.training.examples import Streams
from earshot.training.fit import FitSettings, Trained, fit, real
from earshot.training.quantise import quantise

RECOGNIZER = RecognizerSettings(average_ms=320, threshold=170)
"""A word is near the middle of the window for a third of a second: TFLM's average over a whole second
would dilute it. Chosen on validation speakers (models/micro_speech/card.md)."""


@dataclass(frozen=True)
class Made:
    tflite: bytes
    settings: ModelSettings
    trained: Trained
    history: dict[str, list[float]]
    """Per epoch; see Trained."""
    confusion: NDArray[np.int64]
    """int64[labels, labels]: validation clips by what was said (row) and what the float model took it for."""

    @property
    def summary(self) -> str:
        """One line about the validation speakers."""
        recall = self.confusion.diagonal() / self.confusion.sum(axis=1)
        each = ", ".join(
            f"{label} {part:.0%}" for label, part in zip(self.settings.labels, recall, strict=True)
        )
        return f"{recall[1:].mean():.1%} of {self.confusion[1:].sum()} clips, balanced over words ({each})"


def train(
    data: Dataset,
    name: str = "tiny_conv",
    seed: int = 1,
    progress: Progress = silent,
    settings: FitSettings = FitSettings(),
) -> Made:
    """Train the model `name`, quantise it, put labels and recogniser settings inside, judge it."""
    trained = fit(data, name, replace(settings, seed=seed), progress)
    carried = ModelSettings(trained.labels, recognizer=RECOGNIZER)
    tflite = quantise(trained, carried, _some(trained.validation.middle_windows(), 300))
    confusion = confuse(trained.model, trained.validation, len(trained.labels))
    return Made(tflite, carried, trained, trained.history, confusion)


def confuse(model: Any, streams: Streams, labels: int) -> NDArray[np.int64]:
    """int64[labels, labels] of a keras.Model over every stream's middle window."""
    found = model.predict(real(streams.middle_windows()), batch_size=256, verbose=0).argmax(axis=1)
    table = np.zeros((labels, labels), np.int64)
    np.add.at(table, (streams.labels, found), 1)
    return table


def _some(windows: NDArray[np.int8], count: int) -> NDArray[np.int8]:
    """`count` of them, evenly spread."""
    chosen = np.linspace(0, len(windows) - 1, min(count, len(windows))).astype(np.int64)
    return np.ascontiguousarray(windows[chosen])
