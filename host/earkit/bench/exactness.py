"""Whether a compiled model computes what the TFLite Micro interpreter computes: the wheel against the
compiled C on this computer and on the simulated board, bit for bit (float32: within one ulp).
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from earkit.bench.board_model import BoardModel
from earkit.compiler.compile import CompiledSource, compile_graph
from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.read import read_model
from earkit.compiler.tflm_arena import measure_arena
from earkit.core.compiled import CompiledModel
from earkit.core.model_folder import Header
from earkit.errors import MissingExtraError, ModelError, SimulatorError, ToolError, require
from earkit.progress import Progress, silent

Array = npt.NDArray[Any]
MACS = 400_000_000
"""How much work the default number of inputs is."""
SEED = 20
STEPS = 60
"""Of a stream: more than any window of a keyword model takes to be renewed."""
CONSTANTS = (-128, 127, 0, -1)
"""Windows of one value come first, and of the tensor's zero point."""


@dataclass(frozen=True)
class Exactness:
    inputs: int
    steps: int
    """Of a stream, compared besides; 0 for a model that cannot be computed step by step."""
    host: int
    """Inputs and steps for which some output differed."""
    board: int | None
    """Likewise on the simulated board; None when it could not run."""
    board_reason: str = ""
    """Why it could not."""

    @property
    def is_exact(self) -> bool:
        return self.host == 0 and not self.board


class Runner(Protocol):
    """Whatever runs a model once."""

    def invoke(self, *inputs: Array) -> list[Array]: ...


class Streamer(Runner, Protocol):
    """A compiled model."""

    header: Header

    def stream(self, rows: Array, restart: bool = True) -> Array: ...


class WheelModel:
    """The TFLite Micro interpreter. Raises MissingExtraError without it, ModelError when it refuses."""

    def __init__(self, graph: Graph, arena_bytes: int) -> None:
        runtime = require("tflite_micro.python.tflite_micro.runtime", "check")
        try:
            self._interpreter = runtime.Interpreter.from_bytes(graph.data, arena_size=arena_bytes)
        except RuntimeError as error:
            raise ModelError(
                f"TFLite Micro cannot run {graph.name}: {error}", "nothing to compare with"
            ) from error
        self._outputs = len(graph.outputs)

    def invoke(self, *inputs: Array) -> list[Array]:
        for index, values in enumerate(inputs):
            self._interpreter.set_input(values, index)
        self._interpreter.invoke()
        return [np.array(self._interpreter.get_output(index)) for index in range(self._outputs)]


def check_model(model: Path, count: int | None = None, progress: Progress = silent) -> Exactness:
    """Compare `count` inputs, by default what takes a few seconds. Raises EarkitError.

    A missing Arm compiler or simulator only leaves the board out.
    """
    require("tflite_micro", "check")
    graph = read_model(model)
    if not measure_arena(model, compile_graph(graph)).is_measured:
        raise ModelError(f"TFLite Micro crashes on {graph.name} or refuses it", "nothing to compare with")
    return check_graph(graph, count, progress)


def check_graph(
    graph: Graph, count: int | None = None, progress: Progress = silent, fast: bool = False
) -> Exactness:
    """As `check_model`, of a model that is read already."""
    compiled = compile_graph(graph, fast)
    wheel = WheelModel(graph, (1 << 20) + 16 * compiled.plan.arena_bytes)
    with tempfile.TemporaryDirectory(prefix="earkit-check-") as folder:
        compiled.write(Path(folder))
        host = CompiledModel(Path(folder))
        board, reason = _board(Path(folder))
    return _compare(compiled, wheel, host, board, reason, count, progress)


def _board(folder: Path) -> tuple[BoardModel | None, str]:
    try:
        return BoardModel(folder), ""
    except (ToolError, MissingExtraError, SimulatorError) as error:
        return None, str(error)


def _compare(
    compiled: CompiledSource,
    wheel: Runner,
    host: Streamer,
    board: Streamer | None,
    reason: str,
    count: int | None,
    progress: Progress,
) -> Exactness:
    total = default_count(compiled) if count is None else count
    wrong = {"host": 0, "board": 0}
    for done, inputs in enumerate(model_inputs(compiled.graph.inputs, total), start=1):
        expected = wheel.invoke(*inputs)
        wrong["host"] += not equal(expected, host.invoke(*inputs))
        if board is not None:
            wrong["board"] += not equal(expected, board.invoke(*inputs))
        progress("check", done, total)
    steps = 0
    if host.header.step_rows:
        rows = moving_rows(compiled.graph.inputs[0], host.header)
        outputs = stream_by_windows(wheel, compiled.graph.inputs[0], host.header, rows)
        steps = len(outputs)
        wrong["host"] += _differing(outputs, host.stream(rows))
        if board is not None:
            wrong["board"] += _differing(outputs, board.stream(rows))
    found = None if board is None else wrong["board"]
    return Exactness(total, steps, wrong["host"], found, reason)


def moving_rows(source: Tensor, header: Header) -> Array:
    """int8[rows, row_bytes] for STEPS steps: windows of all kinds one after another."""
    wanted = STEPS * header.step_rows
    windows = model_inputs((source,), -(-wanted * header.row_bytes // source.count) + len(CONSTANTS))
    rows = np.concatenate([window.reshape(-1, header.row_bytes) for (window,) in windows])
    return rows[-wanted:]


def stream_by_windows(model: Runner, source: Tensor, header: Header, rows: Array) -> Array:
    """What `CompiledModel.stream` must give: the model on the whole window after every step."""
    window = np.full((source.count // header.row_bytes, header.row_bytes), -128, np.int8)
    outputs = []
    for first in range(0, len(rows), header.step_rows):
        window = np.concatenate([window, rows[first : first + header.step_rows]])[-len(window) :]
        outputs.append(model.invoke(window.reshape(source.shape))[0].ravel())
    return np.stack(outputs)


def _differing(expected: Array, actual: Array) -> int:
    return int((expected != actual).any(axis=1).sum())


def default_count(compiled: CompiledSource) -> int:
    """As many inputs as take a few seconds: 20 to 1000."""
    macs = sum(layer.macs for layer in compiled.layers)
    return max(20, min(1000, MACS // max(macs, 1)))


def equal(expected: list[Array], actual: list[Array]) -> bool:
    """int8: the same; float32: at most one unit in the last place apart."""
    return all(_equal(e.ravel(), a.ravel()) for e, a in zip(expected, actual, strict=True))


def _equal(expected: Array, actual: Array) -> bool:
    if expected.dtype != actual.dtype or expected.size != actual.size:
        return False
    if expected.dtype != np.float32:
        return bool(np.array_equal(expected, actual))
    nans = np.isnan(expected) & np.isnan(actual)
    return bool(np.all(nans | (np.abs(_order(expected) - _order(actual)) <= 1)))


def _order(values: Array) -> Array:
    """float32 as integers that count the representable values in order."""
    bits = np.ascontiguousarray(values).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def model_inputs(tensors: tuple[Tensor, ...], count: int) -> Iterator[list[Array]]:
    """`count` inputs of a model, always the same: extremes first, then random and sound-like ones."""
    random = np.random.default_rng(SEED)
    for number in range(count):
        yield [_values(tensor, number, random) for tensor in tensors]


def _values(tensor: Tensor, number: int, random: np.random.Generator) -> Array:
    if tensor.dtype == "float32":
        return _floats(tensor.shape, number, random)
    constants = (*CONSTANTS, tensor.zero_point)
    if number < len(constants):
        return np.full(tensor.shape, constants[number], np.int8)
    makers = (_uniform, _spike, _sound_like, _extremes, _narrow)
    return makers[number % len(makers)](tensor, random)


def _floats(shape: tuple[int, ...], number: int, random: np.random.Generator) -> Array:
    if number == 0:
        return np.zeros(shape, np.float32)
    scale = 10.0 ** (number % 9 - 4)
    values = random.normal(0.0, scale, shape)
    return (np.round(values) if number % 2 else values).astype(np.float32)


def _uniform(tensor: Tensor, random: np.random.Generator) -> Array:
    return random.integers(-128, 128, tensor.shape).astype(np.int8)


def _spike(tensor: Tensor, random: np.random.Generator) -> Array:
    values = np.full(tensor.count, random.choice([-128, tensor.zero_point]), np.int8)
    values[random.integers(tensor.count)] = random.choice([-128, 127])
    return values.reshape(tensor.shape)


def _extremes(tensor: Tensor, random: np.random.Generator) -> Array:
    return random.choice(np.array([-128, 127], np.int8), tensor.shape)


def _narrow(tensor: Tensor, random: np.random.Generator) -> Array:
    near = random.integers(-8, 9, tensor.shape) + tensor.zero_point
    return near.clip(-128, 127).astype(np.int8)


def _sound_like(tensor: Tensor, random: np.random.Generator) -> Array:
    """A quiet floor with a few smooth swells, as features of speech have."""
    where = np.linspace(0.0, 1.0, tensor.count)
    levels = random.normal(0.0, 6.0, tensor.count) - 100
    for center, width, height in random.uniform((0, 0.01, 40), (1, 0.1, 220), (4, 3)):
        levels += height * np.exp(-(((where - center) / width) ** 2))
    return levels.clip(-128, 127).astype(np.int8).reshape(tensor.shape)
