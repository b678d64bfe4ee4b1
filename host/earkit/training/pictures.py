"""Pictures of a training: how it went, and what it takes for what. Written as PNG."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.figure import BLUE, ORANGE, axes

_MEASURES = {"loss": "loss (cross-entropy)", "accuracy": "accuracy (share of windows)"}


def training_curves(history: dict[str, list[float]], path: Path) -> None:
    """Loss and accuracy per epoch, in training and on the validation speakers.

    `history` holds loss, val_loss, accuracy and val_accuracy, as Keras names them.
    """
    with axes(path, 1, 2, (10, 4)) as drawn:
        for axis, (measure, title) in zip(drawn.flat, _MEASURES.items(), strict=True):
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
    with axes(path, 1, 1, (5.2, 4.4)) as drawn:
        axis = drawn.flat[0]
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
