"""Lesson 7: what the convolution's filters look for, and where a clip answers them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.figure import figure
from earkit.lessons.cnn import Floats, TinyConv
from earkit.settings import FrontendSettings

STEP_MS = FrontendSettings().hop_ms
"""One row of a filter."""
_LOOK: dict[str, Any] = {"aspect": "auto", "origin": "lower"}


def describe(model: TinyConv, window: NDArray[np.int8]) -> list[dict[str, float]]:
    """For each filter: the share of its weights' size that lies in its late half and in its upper half (0.5
    is neither), the largest and the mean activation on the window."""
    activations = model.activations(window)
    weights = np.abs(model.filters)
    total = weights.sum(axis=(0, 1))
    rows, columns, count = weights.shape
    late, upper = weights[rows // 2 :].sum(axis=(0, 1)), weights[:, columns // 2 :].sum(axis=(0, 1))
    return [
        {
            "late": float(late[f] / total[f]),
            "upper": float(upper[f] / total[f]),
            "largest": float(activations[:, :, f].max()),
            "mean": float(activations[:, :, f].mean()),
        }
        for f in range(count)
    ]


def draw(model: TinyConv, window: NDArray[np.int8], name: str, path: Path) -> None:
    """The clip's features; below, each filter and its answer."""
    count = model.filters.shape[2]
    with figure(path, (1.5 * count, 6.4)) as drawn:
        grid = drawn.add_gridspec(3, count, height_ratios=(1.3, 1, 1.3))
        clip = drawn.add_subplot(grid[0, :])
        shown = clip.imshow(window.T.astype(int), extent=(0, 1, -0.5, 39.5), cmap="cividis", **_LOOK)
        clip.set(xlabel="time (s)", ylabel="channel", title=f"features of {name}")
        drawn.colorbar(shown, ax=clip, label="feature (int8)")
        kernels = [drawn.add_subplot(grid[1, f]) for f in range(count)]
        answers = [drawn.add_subplot(grid[2, f]) for f in range(count)]
        drawn.colorbar(_draw_kernels(kernels, model.filters), ax=kernels, label="weight")
        drawn.colorbar(_draw_answers(answers, model.activations(window)), ax=answers, label="activation")


def _draw_kernels(axes: Sequence[Any], filters: Floats) -> Any:
    rows, channels, _ = filters.shape
    bound = float(np.abs(filters).max())
    for f, axis in enumerate(axes):
        extent = (0, STEP_MS * rows, 0, channels)
        shown = axis.imshow(filters[:, :, f].T, extent=extent, cmap="PuOr", vmin=-bound, vmax=bound, **_LOOK)
        axis.set_title(f"filter {f + 1}", fontsize=10)
    _label(axes, "time (ms)", "channel\n(of 8 neighbours)")
    return shown


def _draw_answers(axes: Sequence[Any], activations: Floats) -> Any:
    most = float(activations.max())
    for f, axis in enumerate(axes):
        shown = axis.imshow(
            activations[:, :, f].T, extent=(0, 1, 0, 20), cmap="cividis", vmin=0, vmax=most, **_LOOK
        )
    _label(axes, "time (s)", "position\n(2 channels)")
    return shown


def _label(axes: Sequence[Any], below: str, beside: str) -> None:
    for axis in axes:
        axis.set_xlabel(below, fontsize=9)
        axis.tick_params(labelsize=8, labelleft=axis is axes[0])
    axes[0].set_ylabel(beside, fontsize=9)
