"""Pictures of lessons 3 and 4: the network with its weights, what it says, how it learnt, and luck."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earkit.figure import BLUE, GREEN, GREY, ORANGE, figure
from earkit.lessons.dense import Network
from earkit.lessons.line import QUESTION, XS, YS, truth
from earkit.lessons.neurons import Trained

_APART = 0.75
"""Between neurons of one layer; layers are 1 apart."""


def draw(runs: Sequence[Trained], path: Path) -> None:
    """The first run's network and line, and the loss of all; with several runs their answers too."""
    panels = 3 if len(runs) == 1 else 4
    with figure(path, (4 * panels, 4)) as drawn:
        axes = drawn.subplots(1, panels)
        _draw_network(axes[0], runs[0].network)
        _draw_line(axes[1], runs[0])
        _draw_losses(axes[2], runs)
        if len(runs) > 1:
            _draw_spread(axes[3], runs)


def _places(network: Network) -> list[list[tuple[float, float]]]:
    """Where the input and each layer's neurons stand."""
    counts = [1, *(len(layer.bias) for layer in network.layers)]
    return [
        [(float(column), _APART * ((count - 1) / 2 - row)) for row in range(count)]
        for column, count in enumerate(counts)
    ]


def _draw_network(axis: Any, network: Network) -> None:
    places = _places(network)
    for layer, before, after in zip(network.layers, places, places[1:], strict=False):
        for (row, column), weight in np.ndenumerate(layer.kernel):
            _draw_edge(axis, before[row], after[column], f"w = {weight:.2f}")
        for place, bias in zip(after, layer.bias, strict=True):
            _draw_node(axis, place, "Σ", BLUE)
            axis.annotate(f"b = {bias:.2f}", place, (0, -30), textcoords="offset points", ha="center")
    _draw_node(axis, places[0][0], "x", GREEN)
    last = places[-1][0]
    axis.annotate("y", (last[0] + 0.5, last[1]), va="center", fontsize=12)
    axis.annotate("", (last[0] + 0.48, last[1]), (last[0] + 0.1, last[1]), arrowprops={"arrowstyle": "->"})
    axis.set(xlim=(-0.2, last[0] + 0.7), ylim=(-0.8, 0.8), title="the network and its weights")
    axis.set_axis_off()


def _draw_edge(axis: Any, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    axis.plot(*zip(start, end, strict=True), color=GREY, zorder=1)
    above = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 0.03)
    axis.text(
        *above,
        label,
        ha="center",
        va="bottom",
        rotation=np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0])),
        rotation_mode="anchor",
        transform_rotates_text=True,
    )


def _draw_node(axis: Any, place: tuple[float, float], label: str, colour: str) -> None:
    axis.plot(*place, "o", color=colour, markersize=26, zorder=2)
    axis.text(*place, label, color="white", ha="center", va="center", fontweight="bold", zorder=3)


def _draw_line(axis: Any, run: Trained) -> None:
    ends = np.array([-2.0, 11.0])
    asked = float(truth(QUESTION))
    axis.plot(ends, truth(ends), "-", color=BLUE, label="truth: y = 2x − 1")
    axis.plot(ends, run.network(ends), "--", color=ORANGE, label="network")
    axis.plot(XS, YS, "o", color=BLUE, label="what it was shown")
    axis.plot(QUESTION, asked, "*", color=BLUE, markersize=12)
    axis.plot(QUESTION, run.answer, "s", color=ORANGE)
    axis.annotate(f"{asked:g}", (QUESTION, asked), (-8, 4), textcoords="offset points", ha="right")
    axis.annotate(f"{run.answer:.2f}", (QUESTION, run.answer), (8, -12), textcoords="offset points")
    axis.set(xlabel="x", ylabel="y", title=f"asked for x = {QUESTION:g}", xlim=(-2.5, 13))
    axis.legend(frameon=False, loc="upper left", fontsize=9)
    axis.grid(alpha=0.3)


def _draw_losses(axis: Any, runs: Sequence[Trained]) -> None:
    for run in reversed(runs):
        first = run is runs[0]
        style = {"color": ORANGE, "linewidth": 2} if first else {"color": GREY, "linewidth": 0.7}
        axis.semilogy(
            np.arange(1, len(run.loss) + 1), run.loss, label=f"seed {run.seed}" if first else None, **style
        )
    axis.set(xlabel="epoch", ylabel="loss (mean squared error)", title="how it learnt")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend(frameon=False)
    axis.grid(alpha=0.3)


def _draw_spread(axis: Any, runs: Sequence[Trained]) -> None:
    asked = float(truth(QUESTION))
    axis.plot([run.seed for run in runs], [run.answer for run in runs], "s", color=ORANGE)
    axis.axhline(asked, color=BLUE)
    axis.annotate(
        f"truth: {asked:g}", (runs[0].seed, asked), (0, -14), textcoords="offset points", color=BLUE
    )
    axis.set(xlabel="seed", ylabel=f"y for x = {QUESTION:g}", title="luck of the start")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
