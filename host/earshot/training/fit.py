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
    epochs: int = 40
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
    judged = _judged(validation, len(data.labels), settings, rng)
    model = _compiled(keras, name, len(data.labels), settings)
    hardness = np.ones(len(streams.labels))
    history: dict[str, list[float]] = {}
    best, weights = np.inf, model.get_weights()
    for epoch in range(settings.epochs):
        if epoch % 3 == 2:
            hardness = 0.5 * hardness + 0.5 * _hardness(model, streams, rng)
        chosen = draw(streams.labels, hardness, len(data.labels), settings, settings.windows, rng)
        windows = real(examples.varied(streams.random_windows(chosen, rng), rng))
        once = model.fit(
            windows, streams.labels[chosen], batch_size=settings.batch, validation_data=judged, verbose=0
        ).history
        for key, values in once.items():
            history.setdefault(key, []).extend(map(float, values))
        if once["val_loss"][0] < best:
            best, weights = once["val_loss"][0], model.get_weights()
        progress("training", epoch + 1, settings.epochs)
    model.set_weights(weights)
    return Trained(model, name, data.labels, history, validation)


def _judged(
    streams: Streams, labels: int, settings: FitSettings, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The windows by which the epochs are compared, all clips alike."""
    chosen = draw(streams.labels, np.ones(len(streams.labels)), labels, settings, 4096, rng)
    return real(streams.random_windows(chosen, rng)), streams.labels[chosen]


def _hardness(model: Any, streams: Streams, rng: np.random.Generator) -> NDArray[np.float64]:
    """How far the model is from knowing each stream: of mean near 1, a tenth of that for the easiest."""
    everyone = np.arange(len(streams.labels))
    guessed = model.predict(real(streams.random_windows(everyone, rng)), batch_size=1024, verbose=0)
    return np.asarray((1.1 - guessed[everyone, streams.labels]) / 0.3, np.float64)


def _compiled(keras: Any, name: str, labels: int, settings: FitSettings) -> Any:
    model = models.build(name, labels)
    steps = settings.epochs * -(-settings.windows // settings.batch)
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def draw(
    of: NDArray[np.int64],
    hardness: NDArray[np.float64],
    labels: int,
    settings: FitSettings,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Which streams come up: int[count], indices into `of`, their labels. Labels have the settings' shares,
    streams of one label chances in proportion to their `hardness`."""
    word = (1.0 - settings.silence - settings.unknown) / (labels - 2)
    wanted = rng.choice(labels, count, p=[settings.silence, settings.unknown, *[word] * (labels - 2)])
    chosen = np.empty(count, np.int64)
    for label in range(labels):
        members = np.flatnonzero(of == label)
        chances = hardness[members] / hardness[members].sum()
        places = wanted == label
        chosen[places] = rng.choice(members, places.sum(), p=chances)
    return chosen


def real(windows: NDArray[np.int8]) -> NDArray[np.float32]:
    """float32[n, 49, 40, 1] in 0..26, what the model computes with, of int8[n, 49, 40]."""
    return ((windows.astype(np.float32) + 128) * np.float32(INPUT_SCALE))[..., None]
