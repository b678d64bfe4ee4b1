"""Train a model on a data set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.audio.dataset import Dataset
from earshot.progress import Progress, silent
from earshot.training import backend, examples, models
from earshot.training.checkpoint import Checkpoint, State
from earshot.training.examples import Streams
from earshot.training.settings import FitSettings

INPUT_SCALE = 26.0 / 255.0
"""One int8 step of a feature in the model's real units; -128 is 0."""
_SPEECH = 3000
"""Pieces of running speech, three seconds each."""
_JUDGED = 4096
"""Windows of the validation speakers by which the epochs are compared."""

Teacher = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""float32[n, 49, 40, 1] in, probabilities[n, labels] out."""


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
    data: Dataset,
    name: str,
    settings: FitSettings,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
    teacher: Teacher | None = None,
) -> Trained:
    """Train the model `name` from new weights; the same arguments give the same weights on one machine.

    With a `checkpoint` a training that was stopped goes on where it was, to the same weights. A `teacher`
    is a better model whose answers the targets are mixed with.
    """
    keras = backend.keras()
    keras.utils.set_random_seed(settings.seed)
    labels, change = len(data.labels), settings.augmentation
    streams = examples.make(data.training, settings.seed, settings.passes, change, progress=progress)
    validation = examples.make(data.validation, settings.seed)
    spoken = None
    if settings.speech:
        spoken = examples.running_speech(data.training, data.labels, _SPEECH, settings.seed, progress)
    judged = _judged(validation, labels, settings)
    model = _compiled(keras, name, labels, settings, 0.0 if teacher else settings.smoothing)
    state = (checkpoint.load(model) if checkpoint else None) or State.of(model)
    while state.epoch < settings.epochs and state.epoch - state.best_epoch < settings.patience:
        rng = np.random.default_rng([settings.seed, state.epoch])
        windows, targets = _epoch(streams, labels, settings, rng)
        others = rng.permutation(np.flatnonzero(targets[:, 1]))
        if teacher is not None:
            targets = _taught(teacher, windows, targets, settings.teacher_share)
        if spoken is not None:
            places = others[: round(settings.speech * len(windows))]
            windows[places] = _hardest(model, spoken, len(places), settings, rng)
            targets[places] = np.eye(labels)[1]
        once = model.fit(
            windows, targets, batch_size=settings.batch, shuffle=False, validation_data=judged, verbose=0
        ).history
        state.add(model, {key: float(values[0]) for key, values in once.items()})
        if checkpoint:
            checkpoint.save(model, state)
        progress("training", state.epoch, settings.epochs)
    progress("training", settings.epochs, settings.epochs)
    model.set_weights(state.best_weights)
    return Trained(model, name, data.labels, state.history, validation)


def _epoch(
    streams: Streams, labels: int, settings: FitSettings, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Windows and targets of one epoch, in random order."""
    chosen = draw(streams.labels, labels, settings, settings.windows, rng)
    windows = streams.random_windows(chosen, rng, settings.augmentation)
    truth = streams.labels[chosen]
    cut, fits = streams.partial_windows(chosen, rng)
    is_cut = fits & (truth > 1) & (rng.random(len(truth)) < settings.partial)
    windows = np.where(is_cut[:, None, None], cut, windows)
    truth = np.where(is_cut, 1, truth)
    return real(examples.varied(windows, rng, settings.augmentation)), np.eye(labels, dtype=np.float32)[truth]


def _hardest(
    model: Any, spoken: Streams, count: int, settings: FitSettings, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Of three times `count` windows of running speech those that the model most takes for words."""
    chosen = rng.integers(0, len(spoken.labels), 3 * count)
    change = settings.augmentation
    windows = real(examples.varied(spoken.random_windows(chosen, rng, change), rng, change))
    taken_for_words = model.predict(windows, batch_size=1024, verbose=0)[:, 2:].max(axis=1)
    return windows[np.argsort(-taken_for_words, kind="stable")[:count]]


def _taught(
    teacher: Teacher, windows: NDArray[np.float32], targets: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    return (share * teacher(windows) + (1 - share) * targets).astype(np.float32)


def _judged(
    streams: Streams, labels: int, settings: FitSettings
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(settings.seed)
    chosen = draw(streams.labels, labels, settings, _JUDGED, rng)
    windows = streams.random_windows(chosen, rng, settings.augmentation)
    return real(windows), np.eye(labels, dtype=np.float32)[streams.labels[chosen]]


def _compiled(keras: Any, name: str, labels: int, settings: FitSettings, smoothing: float) -> Any:
    model = models.build(name, labels)
    steps = settings.epochs * -(-settings.windows // settings.batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - steps // 20, warmup_target=settings.learning_rate, warmup_steps=steps // 20
    )
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return model


def draw(
    of: NDArray[np.int64], labels: int, settings: FitSettings, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Which streams come up: int[count], indices into `of`, their labels, which have the settings' shares."""
    word = (1.0 - settings.silence - settings.unknown) / (labels - 2)
    wanted = rng.choice(labels, count, p=[settings.silence, settings.unknown, *[word] * (labels - 2)])
    chosen = np.empty(count, np.int64)
    for label in range(labels):
        places = wanted == label
        chosen[places] = rng.choice(np.flatnonzero(of == label), places.sum())
    return chosen


def real(windows: NDArray[np.int8]) -> NDArray[np.float32]:
    """float32[n, 49, 40, 1] in 0..26, what the model computes with, of int8[n, 49, 40]."""
    return ((windows.astype(np.float32) + 128) * np.float32(INPUT_SCALE))[..., None]
