"""The whole recipe: from a data set to a .tflite that a board can run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit import files
from earkit.audio.dataset import Dataset
from earkit.errors import DataError
from earkit.progress import Progress, silent
from earkit.settings import ModelSettings, RecognizerSettings
from earkit.training import backend, confusion, models, prior
from earkit.training.checkpoint import Checkpoint
from earkit.training.confusion import Confusion
from earkit.training.epoch import Model, real
from earkit.training.fit import Trained, fit
from earkit.training.quantise import quantise
from earkit.training.settings import FitSettings
from earkit.training.streams import Streams

RECOGNIZER = RecognizerSettings(average_ms=320, threshold=170)
"""Until `evaluation.recommend` has listened to the validation speakers."""
_REPRESENTATIVE = 500


@dataclass(frozen=True)
class Made:
    tflite: bytes
    settings: ModelSettings
    trained: Trained
    confusion: Confusion
    """Of the float model over the validation clips."""
    lowered: float
    """Nats by which `unknown` was evened out; see `prior`."""

    @property
    def history(self) -> dict[str, list[float]]:
        """Per epoch; see Trained."""
        return self.trained.history

    @property
    def summary(self) -> str:
        """One line about the validation speakers."""
        recall = confusion.recall(self.confusion)
        each = ", ".join(
            f"{label} {part:.0%}" for label, part in zip(self.settings.labels, recall, strict=True)
        )
        taught = self.trained.teacher
        teachers = "" if taught is None else f"; its teacher {confusion.recall(taught)[1:].mean():.1%}"
        total = self.confusion[1:].sum()
        return f"{recall[1:].mean():.1%} of {total} clips, balanced over words ({each}){teachers}"


def train(
    data: Dataset,
    name: str = "tiny_conv",
    settings: FitSettings | None = None,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
) -> Made:
    """Train the model `name`, by default with its own settings; quantise it, put labels and recogniser
    settings inside, judge it."""
    settings = settings or models.settings_for(name)
    trained = fit(data, name, settings, progress, checkpoint)
    lowered = prior.even_out(trained.model, trained.validation) if settings.even else 0.0
    carried = ModelSettings(trained.labels, recognizer=RECOGNIZER)
    tflite = quantise(trained, carried, _some(trained.validation.middle_windows(), _REPRESENTATIVE))
    heard = confuse(trained.model, trained.validation, len(trained.labels))
    return Made(tflite, carried, trained, heard, lowered)


def save_float(model: Any, file: Path) -> None:
    """Write a keras.Model, for judging it beside its int8 form; ends in .keras."""
    with files.replacing(file) as temporary:
        model.save(temporary)


def load_float(file: Path, labels: int) -> Model:
    """A model that `save_float` wrote. Raises DataError when it is none, or has other labels."""
    keras = backend.keras()
    try:
        model = keras.models.load_model(file, compile=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{file} is not a trained model", "give the model.keras of a run's folder") from error
    if model.output_shape[-1] != labels:
        raise DataError(
            f"{file} knows {model.output_shape[-1]} labels, not {labels}",
            "give the model.keras of the run that made the .tflite",
        )
    return lambda windows: np.asarray(model.predict(windows, batch_size=1024, verbose=0), np.float32)


def confuse(model: Any, streams: Streams, labels: int) -> Confusion:
    """Of a keras.Model over every stream's middle window."""
    found = model.predict(real(streams.middle_windows()), batch_size=256, verbose=0).argmax(axis=1)
    return confusion.count(streams.labels, found, labels)


def _some(windows: NDArray[np.int8], count: int) -> NDArray[np.int8]:
    """`count` of them, evenly spread."""
    chosen = np.linspace(0, len(windows) - 1, min(count, len(windows))).astype(np.int64)
    return np.ascontiguousarray(windows[chosen])
