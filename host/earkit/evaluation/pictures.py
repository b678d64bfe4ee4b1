"""Pictures of a training, of mistakes, and of a clip with what was heard. Written as PNG."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.core import frontend
from earkit.evaluation.false_accepts import Figures
from earkit.figure import BLUE, GREEN, ORANGE, figure
from earkit.spotter.heard import Heard

_MEASURES = {"loss": "loss (cross-entropy)", "accuracy": "accuracy (share of windows)"}
_HOP = frontend.SETTINGS.hop_ms / 1000


def training_curves(history: dict[str, list[float]], path: Path) -> None:
    """Loss and accuracy per epoch, in training and on the validation speakers.

    `history` holds loss, val_loss, accuracy and val_accuracy, as Keras names them.
    """
    with _figure(path, 1, 2, (10, 4)) as axes:
        for axis, (measure, title) in zip(axes.flat, _MEASURES.items(), strict=True):
            epochs = np.arange(1, len(history[measure]) + 1)
            axis.plot(epochs, history[measure], "--", color=ORANGE, label="training (with dropout)")
            axis.plot(epochs, history[f"val_{measure}"], "-", color=BLUE, label="validation speakers")
            axis.set(xlabel="epoch", ylabel=title, title=title.partition(" ")[0])
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.grid(alpha=0.3)
            axis.legend(frameon=False)


def confusion_matrix(confusion: NDArray[np.int64], labels: Sequence[str], path: Path) -> None:
    """int[labels, labels], said (rows) against taken for (columns); colour is the share of the row."""
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    with _figure(path, 1, 1, (5.2, 4.4)) as axes:
        axis = axes.flat[0]
        image = axis.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(confusion):
            shade = "black" if shares[row, column] > 0.6 else "white"
            axis.text(
                column, row, f"{count}\n{shares[row, column]:.0%}", ha="center", va="center", color=shade
            )
        axis.set_xticks(range(len(labels)), labels)
        axis.set_yticks(range(len(labels)), labels)
        axis.set(xlabel="taken for", ylabel="said", title="clips of held-out speakers")
        axis.figure.colorbar(image, label="share of what was said")


def data_set(clips: Mapping[str, Mapping[str, int]], path: Path) -> None:
    """Clips per word, by split: `clips[word][split]`."""
    words = sorted(clips, key=lambda word: sum(clips[word].values()))
    with _figure(path, 1, 1, (8, 1.2 + 0.22 * len(words))) as axes:
        axis, left = axes.flat[0], np.zeros(len(words))
        for split, colour in zip(("training", "validation", "testing"), (BLUE, ORANGE, GREEN), strict=True):
            counts = np.array([clips[word].get(split, 0) for word in words])
            axis.barh(words, counts, left=left, color=colour, label=split)
            left += counts
        axis.set(xlabel="clips")
        axis.legend(frameon=False, loc="lower right")


def detection_error(curves: Mapping[str, Sequence[Figures]], chosen: Figures, path: Path) -> None:
    """Words missed against false accepts an hour, a curve for each group of speakers, and the threshold that
    was chosen on the first, as it fares with the second."""
    with _figure(path, 1, 1, (6, 4.5)) as axes:
        axis = axes.flat[0]
        least = 0.5 / chosen.hours
        for (name, points), style in zip(curves.items(), ("--", "-"), strict=True):
            alarms = [max(least, point.per_hour) for point in points]
            axis.plot(alarms, [100 * point.missed_share for point in points], style, label=f"{name} speakers")
        at = max(least, chosen.per_hour)
        axis.plot(at, 100 * chosen.missed_share, "o", color=ORANGE, label="chosen on validation speakers")
        axis.set(xlabel="false accepts an hour", ylabel="words missed, %", xscale="log", ylim=(0, None))
        axis.grid(alpha=0.3, which="both")
        axis.legend(frameon=False)


def clip(samples: Samples, heard: Sequence[Heard], start: float, name: str, path: Path) -> None:
    """Waveform and features of a sound, and what was heard in it.

    samples: int16[n], 16 kHz, which began `start` seconds after the listener; `heard` has the listener's
    times.
    """
    rows = frontend.to_int8(frontend.features(samples)).astype(np.int16) + 128
    end = start + len(samples) / SAMPLE_RATE
    with _figure(path, 2, 1, (9, 5)) as axes:
        wave, features = axes.flat
        seconds = start + np.arange(len(samples)) / SAMPLE_RATE
        wave.plot(seconds, samples / 32768.0, color=BLUE, linewidth=0.6)
        wave.set(ylabel="amplitude\n(of full scale)", title=name, xlim=(start, end))
        extent = (start, start + len(rows) * _HOP, -0.5, rows.shape[1] - 0.5)
        image = features.imshow(
            rows.T, aspect="auto", origin="lower", extent=extent, cmap="cividis", vmin=0, vmax=255
        )
        features.set(
            xlabel="time since the board started listening (s)", ylabel="channel\n(125 Hz to 7.5 kHz)"
        )
        wave.figure.colorbar(image, ax=[wave, features], label="feature (0 to 255)")
        for detection in heard:
            _mark(wave, features, detection)


def _mark(wave: Any, features: Any, detection: Heard) -> None:
    for axis in (wave, features):
        axis.axvline(detection.ms / 1000, color=ORANGE, linestyle="--", linewidth=1.5)
    wave.annotate(
        f"Heard {detection.label} ({detection.score}) @{detection.ms}ms",
        (detection.ms / 1000, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-5, -5),
        textcoords="offset points",
        ha="right",
        va="top",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
        color=ORANGE,
        fontweight="bold",
    )


@contextmanager
def _figure(path: Path, rows: int, columns: int, inches: tuple[float, float]) -> Iterator[Any]:
    """Axes to draw on; written to `path` when the block succeeds."""
    with figure(path, inches) as drawn:
        yield drawn.subplots(rows, columns, squeeze=False, sharex="col")
