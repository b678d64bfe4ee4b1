"""Lesson 5: a network on too few clips for too long learns them by heart; one that stops in time does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.audio import clips, dataset
from earkit.core import frontend
from earkit.errors import DataError, require
from earkit.figure import BLUE, GREEN, GREY, ORANGE, figure
from earkit.progress import Progress, silent

CLIPS = 10
"""Of each word, to learn from."""
HELD_OUT = 100
"""Of each word at most, from other speakers, to judge by."""
EPOCHS = 100
PATIENCE = 8
"""Epochs without a better validation loss after which the second run stops."""
SHIFT = clips.SAMPLE_RATE // 10
"""Samples by which a word comes early or late, as words do: 0.1 s."""
SURE = 0.9
HIDDEN, RATE, BATCH = 32, 0.001, 8


@dataclass(frozen=True)
class Examples:
    windows: NDArray[np.float32]
    """float32[n, 49, 40] in 0..1"""
    labels: NDArray[np.int64]
    """int64[n], indices into the words"""


@dataclass(frozen=True)
class Run:
    """Losses are cross-entropies, accuracies shares of clips; one entry per epoch, after it."""

    loss: list[float]
    validation_loss: list[float]
    kept: int
    """The epoch, from 1, whose weights were kept."""
    training_accuracy: float
    testing_loss: float
    testing_accuracy: float
    sure_but_wrong: float
    """Share of the testing clips that were taken for another word with a confidence above SURE. The last
    four are of the kept weights; testing speakers had no part in choosing them."""


def examples(folder: Path, words: Sequence[str], split: str, count: int) -> Examples:
    """Up to `count` clips of each word from the speakers of `split`, evenly spread over them, each moved by
    up to SHIFT; the same each time.

    `folder` is in the Speech Commands layout; the speakers' hash splits them. Raises DataError when a word
    has no clip there, AudioError when one cannot be read.
    """
    found: list[NDArray[np.int8]] = []
    labels: list[int] = []
    rng = np.random.default_rng(0)
    for label, word in enumerate(words):
        for path in _some(folder, word, split, count):
            clip = clips.fit(clips.read(path).samples, clips.SAMPLE_RATE)
            found.append(frontend.window_int8(np.roll(clip, rng.integers(-SHIFT, SHIFT + 1))))
            labels.append(label)
    return Examples(
        (np.stack(found).astype(np.float32) + np.float32(128)) / np.float32(255), np.array(labels)
    )


def _some(folder: Path, word: str, split: str, count: int) -> list[Path]:
    paths = sorted(path for path in (folder / word).glob("*") if path.suffix.lower() in (".wav", ".flac"))
    members = [p for p in paths if dataset.split_by_hash(p.relative_to(folder).as_posix()) == split]
    if not members:
        raise DataError(
            f"{folder} holds no {split} clip of '{word}'", "it needs one folder of recordings per word"
        )
    chosen = np.linspace(0, len(members) - 1, min(count, len(members))).astype(int)
    return [members[index] for index in chosen]


def train(
    training: Examples,
    validation: Examples,
    testing: Examples,
    seed: int,
    epochs: int = EPOCHS,
    patience: int | None = None,
    progress: Progress = silent,
) -> Run:
    """Train a small dense network for all `epochs`; with `patience` stop in time, keep the best weights."""
    require("keras", "train").utils.set_random_seed(seed)
    model, rng = _model(int(training.labels.max()) + 1), np.random.default_rng(seed)
    history: list[tuple[float, float]] = []
    best, kept = model.get_weights(), 0
    for epoch in range(1, epochs + 1):
        _learn(model, training, rng)
        history.append((_judge(model, training)[0], _judge(model, validation)[0]))
        progress("training", epoch, epochs)
        better = kept == 0 or history[-1][1] < history[kept - 1][1]
        if patience is None or better:
            best, kept = model.get_weights(), epoch
        elif epoch - kept >= patience:
            progress("training", epochs, epochs)
            break
    model.set_weights(best)
    losses, validation_losses = (list(column) for column in zip(*history, strict=True))
    return Run(
        losses,
        validation_losses,
        kept,
        _judge(model, training)[1],
        *_judge(model, testing),
        _fooled(model, testing),
    )


def _model(labels: int) -> Any:
    keras = require("keras", "train")
    layers = keras.layers
    hidden, scores = layers.Dense(HIDDEN, "relu"), layers.Dense(labels, "softmax")
    model = keras.Sequential([keras.Input((49, 40)), layers.Flatten(), hidden, scores])
    model.compile(keras.optimizers.Adam(RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _learn(model: Any, training: Examples, rng: np.random.Generator) -> None:
    """Once over all clips, in random order."""
    count = len(training.labels)
    for batch in np.array_split(rng.permutation(count), -(-count // BATCH)):
        model.train_on_batch(training.windows[batch], training.labels[batch])


def _judge(model: Any, examples: Examples) -> tuple[float, float]:
    """Loss and accuracy."""
    scores = model.predict_on_batch(examples.windows)
    right = scores[np.arange(len(examples.labels)), examples.labels]
    loss = -np.log(np.maximum(right, 1e-7)).mean()
    return float(loss), float((scores.argmax(axis=1) == examples.labels).mean())


def _fooled(model: Any, examples: Examples) -> float:
    scores = model.predict_on_batch(examples.windows)
    wrong = scores.argmax(axis=1) != examples.labels
    return float((wrong & (scores.max(axis=1) > SURE)).mean())


def draw(too_long: Run, in_time: Run, path: Path) -> None:
    """The losses of both runs side by side, and how each does on speakers it never met."""
    with figure(path, (12, 4)) as drawn:
        long_axis, short_axis, bars = drawn.subplots(1, 3)
        short_axis.sharey(long_axis)
        for axis, run, title in (
            (long_axis, too_long, "too long"),
            (short_axis, in_time, f"stopped in time: epoch {in_time.kept} kept"),
        ):
            epochs = np.arange(1, len(run.loss) + 1)
            axis.plot(epochs, run.loss, "--", color=ORANGE, label="training clips")
            axis.plot(epochs, run.validation_loss, "-", color=BLUE, label="validation speakers")
            axis.axvline(run.kept, color=GREY, linestyle=":", label="weights kept")
            axis.set(xlabel="epoch", ylabel="loss (cross-entropy)", title=title)
            axis.set_xlim(0, len(too_long.loss) + 1)
            axis.grid(alpha=0.3)
        long_axis.legend(frameon=False, loc="center right")
        names = ("training\nclips\nright", "testing\nspeakers\nright", f"wrong\nthough\n{SURE:.0%} sure")
        for offset, run, colour, label in (
            (-0.2, too_long, ORANGE, "too long"),
            (0.2, in_time, GREEN, "in time"),
        ):
            values = (run.training_accuracy, run.testing_accuracy, run.sure_but_wrong)
            drawn_bars = bars.bar(np.arange(3) + offset, values, 0.36, color=colour, label=label)
            bars.bar_label(drawn_bars, fmt="%.2f", padding=2)
        bars.set_xticks(range(3), names)
        bars.set(ylabel="share of clips", title="the result")
        bars.margins(y=0.25)
        bars.legend(frameon=False, loc="upper center", ncols=2)
