"""Pictures: one look for all of them. Below the rooms, so that each draws its own."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from earkit import files
from earkit.errors import EarkitError, require

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
"""Okabe and Ito's colours, which colour-blind eyes tell apart; lines differ in dashes too."""
GREY = "#666666"
ENDINGS = (".png", ".svg", ".pdf")


def check_name(path: Path) -> None:
    """Raise EarkitError when a picture cannot be written under this name."""
    if path.suffix not in ENDINGS:
        raise EarkitError(f"{path} is no name of a picture", f"end it in {', '.join(ENDINGS)}")


@contextmanager
def figure(path: Path, inches: tuple[float, float]) -> Iterator[Any]:
    """A matplotlib Figure to draw on; written to `path` when the block succeeds, whole or not at all.

    Raises EarkitError for a name that does not end in ENDINGS or a place that cannot be written.
    """
    require("matplotlib", "plot")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    check_name(path)
    drawn = Figure(figsize=inches, dpi=100, layout="constrained")
    FigureCanvasAgg(drawn)
    yield drawn
    with files.replacing(path) as temporary:
        if path.suffix == ".png":
            _write_light(drawn, temporary)
        else:
            drawn.savefig(temporary, format=path.suffix[1:], metadata={"Creator": None})


@contextmanager
def axes(path: Path, rows: int, columns: int, inches: tuple[float, float]) -> Iterator[Any]:
    """Axes[rows, columns] to draw on, each column with one x axis; written as `figure` does."""
    with figure(path, inches) as drawn:
        yield drawn.subplots(rows, columns, squeeze=False, sharex="col")


def _write_light(drawn: Any, path: Path) -> None:
    """A PNG with a palette: a third of the bytes, and the eye sees no difference."""
    from PIL import Image

    with io.BytesIO() as full:
        drawn.savefig(full, format="png")
        pixels = Image.open(full).convert("RGB")
    pixels.quantize(255, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
