"""Lesson 1: guess a line, and measure how wrong it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earkit.figure import BLUE, GREEN, ORANGE, figure
from earkit.lessons.line import XS, YS, Values, mean_squared_error, rule, truth


@dataclass(frozen=True)
class Guess:
    w: float
    b: float
    predictions: Values
    squared_errors: Values
    """One for each of the six points."""
    rmse: float
    """The root of their mean."""


def guess(w: float, b: float) -> Guess:
    """Judge the line y = w x + b."""
    predictions = w * XS + b
    squared = (predictions - YS) ** 2
    return Guess(w, b, predictions, squared, float(np.sqrt(squared.mean())))


def draw(made: Guess, path: Path) -> None:
    """The line beside the truth with its errors, and how wrong every other guess would have been."""
    with figure(path, (10, 4.2)) as drawn:
        lines, sweep = drawn.subplots(1, 2)
        _draw_lines(lines, made)
        _draw_sweep(sweep, made)
        drawn.colorbar(sweep.collections[0], ax=sweep, label="RMSE")


def _draw_lines(axis: Any, made: Guess) -> None:
    ends = np.array([-1.5, 4.5])
    axis.plot(ends, truth(ends), "-", color=BLUE, label="truth: y = 2x − 1")
    axis.plot(ends, made.w * ends + made.b, "--", color=ORANGE, label=f"guess: {rule(made.w, made.b)}")
    axis.vlines(XS, YS, made.predictions, color=GREEN, linestyle=":", linewidth=2, label="error")
    axis.plot(XS, YS, "o", color=BLUE)
    axis.plot(XS, made.predictions, "s", color=ORANGE)
    for x, y, squared in zip(XS, made.predictions, made.squared_errors, strict=True):
        axis.annotate(f"{squared:.3g}", (x, y), (0, 8), textcoords="offset points", ha="center")
    axis.set(xlabel="x", ylabel="y", title=f"squared errors; RMSE {made.rmse:.2f}")
    axis.margins(y=0.12)
    axis.legend(frameon=False)
    axis.grid(alpha=0.3)


def _draw_sweep(axis: Any, made: Guess) -> None:
    reach = max(4.0, 1.25 * abs(made.w - 2), 1.25 * abs(made.b + 1))
    ws, bs = np.linspace(2 - reach, 2 + reach, 81), np.linspace(-1 - reach, -1 + reach, 81)
    rmse = np.sqrt(mean_squared_error(ws[None, :], bs[:, None]))
    axis.contourf(ws, bs, rmse, levels=12, cmap="cividis")
    axis.plot(2, -1, "*", color="white", markersize=14, label="best: w = 2, b = −1")
    axis.plot(made.w, made.b, "s", color=ORANGE, markeredgecolor="white", label="guess")
    axis.set(xlabel="weight w", ylabel="bias b", title="RMSE of every guess")
    axis.legend(loc="upper right", facecolor="black", framealpha=0.5, labelcolor="white")
