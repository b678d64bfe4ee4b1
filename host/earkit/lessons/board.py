"""The learnt rule on the board: the same x asked of the network, of its C on the PC and of the board."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.core.compiled import CompiledModel
from earkit.core.model_folder import TensorFacts
from earkit.figure import BLUE, GREEN, GREY, ORANGE, figure
from earkit.lessons.dense import Network
from earkit.lessons.line import Values, truth

TABLE = (-25.0, -20.0, -10.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 25.0)
"""What a table shows: the six points, the question, and beyond where int8 ends."""
SWEEP = np.linspace(-30.0, 30.0, 121)
"""What a picture shows."""


@dataclass(frozen=True)
class Comparison:
    """One entry for each x."""

    kind: str
    """`int8` or `float32`: what host and board ran."""
    x: Values
    network: Values
    """The network's own float32 weights."""
    host: Values
    """The compiled model on this computer."""
    board: Values
    is_beyond: NDArray[np.bool_]
    """Whether x is beyond what the model's int8 input holds."""
    ends: tuple[float, float]
    """The least and the largest x that it holds; infinite for float32."""

    @property
    def equal(self) -> int:
        """For how many x host and board gave the same bits."""
        return int((self.host == self.board).sum())


def compare(
    xs: NDArray[Any], network: Network, model: CompiledModel, infer: Callable[[bytes], bytes]
) -> Comparison:
    """Ask all three for every x. `infer` takes the input tensor's bytes to the board and brings the output's.

    `model` has one input and one output, of one element each.
    """
    (source,), (result,) = model.header.inputs, model.header.outputs
    x = np.asarray(xs, np.float32)
    inputs = to_tensor(x, source)
    host = [model.invoke(value)[0].ravel()[0] for value in inputs]
    board = [np.frombuffer(infer(value.tobytes()), result.dtype)[0] for value in inputs]
    low, high = ends(source)
    step = source.scale / 2
    return Comparison(
        kind=np.dtype(source.dtype).name,
        x=x.astype(np.float64),
        network=network(x).astype(np.float64),
        host=to_real(np.array(host), result),
        board=to_real(np.array(board), result),
        is_beyond=(x < low - step) | (x > high + step),
        ends=(low, high),
    )


def ends(facts: TensorFacts) -> tuple[float, float]:
    """The least and the largest real value that the tensor holds."""
    if facts.dtype == np.float32:
        return -np.inf, np.inf
    low, high = to_real(np.array([-128, 127]), facts)
    return float(low), float(high)


def to_tensor(x: NDArray[np.float32], facts: TensorFacts) -> NDArray[Any]:
    """[n, 1] as the model takes it: float32 as it is, int8 rounded half away from zero, as TFLite does."""
    if facts.dtype == np.float32:
        return np.ascontiguousarray(x[:, None])
    steps = x / np.float32(facts.scale)
    rounded = np.trunc(steps + np.copysign(np.float32(0.5), steps)) + facts.zero_point
    return np.asarray(np.clip(rounded, -128, 127), np.int8)[:, None]


def to_real(values: NDArray[Any], facts: TensorFacts) -> Values:
    """What the tensor's values stand for."""
    real: Values = np.asarray(values, np.float64)
    if facts.dtype == np.int8:
        real = (real - facts.zero_point) * facts.scale
    return real


def draw(made: Comparison, path: Path) -> None:
    """The answers over x, and how far PC and board are from the network's own weights."""
    with figure(path, (10, 4.2)) as drawn:
        answers, errors = drawn.subplots(1, 2)
        answers.plot(made.x, truth(made.x), "-", color=BLUE, label="truth: y = 2x − 1")
        answers.plot(made.x, made.network, "--", color=ORANGE, label="network, float32")
        _draw_answers(answers, made, np.zeros_like(made.x))
        answers.set(xlabel="x", ylabel="y", title="what each says")
        answers.legend(frameon=False, loc="upper left", fontsize=9)
        _draw_answers(errors, made, made.network)
        within = np.abs(made.board - made.network)[~made.is_beyond]
        bound = 2.5 * max(float(within.max(initial=0.0)), 1e-7)
        errors.set(
            xlabel="x", ylabel="y minus the network's", ylim=(-bound, bound), title=f"what {made.kind} costs"
        )


def _draw_answers(axis: Any, made: Comparison, base: Values) -> None:
    axis.plot(made.x, made.host - base, "-", color=GREY, linewidth=2.5, label=f"PC, {made.kind}")
    axis.plot(made.x, made.board - base, ".", color=GREEN, markersize=5, label=f"board, {made.kind}")
    low, high = made.ends
    if np.isfinite(low):
        axis.axvspan(made.x.min(), low, color=GREY, alpha=0.15, linewidth=0, label="beyond int8")
        axis.axvspan(high, made.x.max(), color=GREY, alpha=0.15, linewidth=0)
    axis.grid(alpha=0.3)
