"""Lesson 2: gradient descent finds the line by itself, with TensorFlow's GradientTape."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earkit.errors import EarkitError, require
from earkit.figure import BLUE, GREEN, ORANGE, figure
from earkit.lessons.line import XS, YS, Values, mean_squared_error

START = 10.0
RATE = 0.14
EPOCHS = 50
HOPELESS = 1e6
"""A loss this many times the first one will not come back."""


@dataclass(frozen=True)
class Descent:
    """One entry per epoch, each from before the epoch's step."""

    w: Values
    b: Values
    loss: Values
    """Mean squared error."""
    rate: float
    diverged: bool
    """Each step overshot further than the one before; the history ends where that was clear."""
    result: tuple[float, float]
    """w and b after the last step."""


def largest_rate() -> float:
    """The learning rate from which on every step overshoots: 2 over the largest curvature of the loss.

    Goh G., "Why Momentum Really Works", Distill, 2017; the curvature is the Hessian's eigenvalue.
    """
    hessian = 2.0 * np.array([[np.mean(XS**2), np.mean(XS)], [np.mean(XS), 1.0]])
    return float(2.0 / np.linalg.eigvalsh(hessian).max())


def descend(w: float = START, b: float = START, rate: float = RATE, epochs: int = EPOCHS) -> Descent:
    """Go down the loss from (w, b), a step of `rate` times the gradient in each epoch.

    Raises EarkitError for a start so far away that the loss does not fit float32.
    """
    tf = require("tensorflow", "train")
    weight, bias = tf.Variable(w, dtype=tf.float32), tf.Variable(b, dtype=tf.float32)
    xs, ys = tf.constant(XS, tf.float32), tf.constant(YS, tf.float32)
    history: list[tuple[float, float, float]] = []
    diverged = False
    while len(history) < epochs and not diverged:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(weight * xs + bias - ys))
        if not np.isfinite(float(loss)):
            diverged = True
            break
        history.append((float(weight), float(bias), float(loss)))
        diverged = history[-1][2] > HOPELESS * max(history[0][2], 1.0)
        to_weight, to_bias = tape.gradient(loss, [weight, bias])
        weight.assign_sub(rate * to_weight)
        bias.assign_sub(rate * to_bias)
    if not history:
        raise EarkitError(f"the loss at w = {w:g}, b = {b:g} is too large to compute with", "start closer")
    columns = np.array(history).T
    return Descent(columns[0], columns[1], columns[2], rate, diverged, (float(weight), float(bias)))


def draw(made: Descent, path: Path) -> None:
    """Loss, weight and bias over the epochs, and the path over the surface of the loss."""
    with figure(path, (12, 4)) as drawn:
        losses, values, surface = drawn.subplots(1, 3)
        epochs = np.arange(len(made.loss))
        losses.semilogy(epochs, np.maximum(made.loss, 1e-12), "-", color=BLUE)
        losses.set(xlabel="epoch", ylabel="loss (mean squared error)", title=f"loss at rate {made.rate:g}")
        values.plot(epochs, made.w, "-", color=BLUE, label="weight w")
        values.plot(epochs, made.b, "--", color=ORANGE, label="bias b")
        if not made.diverged:
            values.axhline(2, color=BLUE, linestyle=":", linewidth=1, label="truth: 2 and −1")
            values.axhline(-1, color=ORANGE, linestyle=":", linewidth=1)
        values.set(xlabel="epoch", ylabel="value", title="what was learnt")
        values.legend(frameon=False)
        for axis in (losses, values):
            axis.grid(alpha=0.3)
            axis.xaxis.get_major_locator().set_params(integer=True)
        _draw_surface(surface, made)
        drawn.colorbar(surface.collections[0], ax=surface, label="log10 of the loss")


def _draw_surface(axis: Any, made: Descent) -> None:
    reach = 1.1 * max(4.0, float(np.abs(made.w - 2).max()), float(np.abs(made.b + 1).max()))
    ws, bs = np.linspace(2 - reach, 2 + reach, 81), np.linspace(-1 - reach, -1 + reach, 81)
    loss = np.log10(mean_squared_error(ws[None, :], bs[:, None]) + 1e-2)
    axis.contourf(ws, bs, loss, levels=12, cmap="cividis")
    axis.plot(made.w, made.b, "o-", color="white", markersize=3, linewidth=1, label="each epoch")
    axis.plot(made.w[0], made.b[0], "s", color=ORANGE, markeredgecolor="white", label="start")
    axis.plot(2, -1, "*", color=GREEN, markeredgecolor="white", markersize=14, label="truth")
    axis.set(xlabel="weight w", ylabel="bias b", title="the path over the loss")
    axis.legend(loc="lower left", facecolor="black", framealpha=0.5, labelcolor="white")
