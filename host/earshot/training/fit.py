"""Train a model on a data set."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.audio.dataset import Dataset
from earshot.errors import require
from earshot.progress import Progress, silent
from earshot.training import examples, models
from earshot.training.examples import Streams

INPUT_SCALE = 26.0 / 255.0
"""One int8 step of a feature in the model's real units; -128 is 0."""


@dataclass(frozen=True)
class FitSettings:
    epochs: int = 30
    windows: int = 8192
    """Windows drawn for each epoch, anew each time."""
    batch: int = 128
    learning_rate: float = 0.002
    """At the start; it falls to zero along a cosine."""
    passes: int = 2
    """Surroundings in which each clip is heard."""
    silence: float = 0.1
    unknown: float = 0.4
    """Shares of the windows; the words have the rest in equal parts."""
    seed: int = 1


@dataclass(frozen=True)
class Trained:
    model: Any
    """keras.Model with the weights of the epoch that was best on the validation speakers"""
    name: str
    labels: tuple[str, ...]
    history: dict[str, list[float]] = field(repr=False)
    """Per epoch: loss and accuracy in training, val_loss and val_accuracy on the validation speakers."""
    validation: Streams = field(repr=False)
    """The validation speakers' clips in surroundings, for quantising and judging."""


def fit(
    data: Dataset, name: str = "tiny_conv", settings: FitSettings = FitSettings(), progress: Progress = silent
) -> Trained:
    """Train the model `name` from new weights; the same arguments give the same weights on one machine."""
    keras = require("keras", "train")
    keras.utils.set_random_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    streams = examples.make(data.training, rng, settings.passes, progress=progress)
    validation = examples.make(data.validation, rng)
    judged = draw(validation, len(data.labels), settings, 2048, rng)
    model = _compiled(keras, name, len(data.labels), settings)
    history: dict[str, list[float]] = {}
    best, weights = np.inf, model.get_weights()
    for epoch in range(settings.epochs):
        drawn = draw(streams, len(data.labels), settings, settings.windows, rng)
        once = model.fit(*drawn, batch_size=settings.batch, validation_data=judged, verbose=0).history
        for key, values in once.items():
            history.setdefault(key, []).extend(map(float, values))
        if once["val_loss"][0] < best:
            best, weights = once["val_loss"][0], model.get_weights()
        progress("training", epoch + 1, settings.epochs)
    model.set_weights(weights)
    return Trained(model, name, data.labels, history, validation)


def _compiled(keras: Any, name: str, labels: int, settings: FitSettings) -> Any:
    model = models.build(name, labels)
    steps = settings.epochs * -(-settings.windows // settings.batch)
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def draw(
    streams: Streams, labels: int, settings: FitSettings, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """`count` random windows in the settings' shares: float32[count, 49, 40, 1] and their labels."""
    word = (1.0 - settings.silence - settings.unknown) / (labels - 2)
    wanted = rng.choice(labels, count, p=[settings.silence, settings.unknown, *[word] * (labels - 2)])
    chosen = np.empty(count, np.int64)
    for label in range(labels):
        places = wanted == label
        chosen[places] = rng.choice(np.flatnonzero(streams.labels == label), places.sum())
    return real(streams.random_windows(chosen, rng)), wanted


def real(windows: NDArray[np.int8]) -> NDArray[np.float32]:
    """float32[n, 49, 40, 1] in 0..26, what the model computes with, of int8[n, 49, 40]."""
    return ((windows.astype(np.float32) + 128) * np.float32(INPUT_SCALE))[..., None]
