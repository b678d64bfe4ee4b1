"""A model that hears words: where it lies, what travels inside it, and its compiled C on this computer."""

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit import files, paths
from earkit.compiler.compile import compile_graph
from earkit.compiler.motion import STEP_ROWS
from earkit.compiler.read import read_model
from earkit.core.compiled import CompiledModel
from earkit.core.spotter import ABLE, require_able, require_window
from earkit.errors import ModelError
from earkit.progress import Progress
from earkit.settings import TFLM_SETTINGS, ModelSettings

DEFAULT_MODEL = "micro_speech"
HOPS = STEP_ROWS
"""Between two decisions of the compiled engine."""

Scores = Callable[[NDArray[np.int8]], NDArray[np.int8]]


@dataclass(frozen=True)
class Engine:
    """What runs a model. A score is an output's value + 128."""

    classify: Scores
    """Whole windows, int8[n, frames, 40] in, int8[n, labels] out."""
    frames: int = ABLE.frames
    """Rows of the window."""
    stepped: Scores | None = None
    """The same as `stream` by HOPS, at the cost of what is new in each step; None where a model cannot."""

    def stream(self, rows: NDArray[np.int8], hops: int = HOPS) -> NDArray[np.int8]:
        """int8[n // hops, labels]: the scores after every `hops` of int8[n, 40] rows. The window is -128
        throughout before the first."""
        if self.stepped and hops == HOPS:
            return self.stepped(rows)
        before = np.full((self.frames - hops, rows.shape[1]), -128, np.int8)
        heard = np.concatenate([before, rows[: len(rows) // hops * hops]])
        windows = np.lib.stride_tricks.sliding_window_view(heard, self.frames, axis=0)[::hops]
        return self.classify(np.ascontiguousarray(windows.transpose(0, 2, 1)))


class Window:
    """The newest rows of features, -128 throughout at first, and what the model says of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows = np.full((engine.frames, ABLE.channels), -128, np.int8)

    def slide(self, rows: NDArray[np.int8]) -> NDArray[np.int8]:
        """Push int8[n, 40] in and the oldest out; int8[labels]."""
        self._rows = np.concatenate([self._rows, rows])[-self._engine.frames :]
        return self._engine.classify(self._rows[np.newaxis]).ravel()


def one_by_one(
    invoke: Callable[[NDArray[np.int8]], NDArray[np.int8]], windows: NDArray[np.int8], progress: Progress
) -> NDArray[np.int8]:
    """Windows through a board, which takes them one after another."""
    found = []
    for window in windows:
        found.append(invoke(window))
        if len(found) % 20 == 0 or len(found) == len(windows):
            progress("asking the board", len(found), len(windows))
    return np.stack(found)


def shipped() -> dict[str, Path]:
    """The models that ship with Earkit, by name."""
    return {file.stem: file for file in sorted((paths.kit() / "models").glob("*/*.tflite"))}


def find_model(model: str | Path) -> Path:
    """A .tflite file, or the name of a model that ships with Earkit. Raises ModelError."""
    if files.exists(Path(model)) and Path(model).is_file():
        return Path(model)
    known = shipped()
    if str(model) in known:
        return known[str(model)]
    names = ", ".join(sorted(known))
    raise ModelError(
        f"no model {str(model)[:80]}", f"give a .tflite file{' or one of: ' if names else ''}{names}"
    )


def load(model: Path) -> Engine:
    """The compiled C of a .tflite, whose outputs are the board's bit for bit (`earkit check`).

    Raises ModelError when the file is broken or hears no sound, ToolError without gcc.
    """
    graph = read_model(model)
    ends = (*graph.inputs, *graph.outputs)
    count = math.prod(ends[0].shape) if len(ends) == 2 else 0
    if not count or count % ABLE.channels or {end.dtype for end in ends} != {"int8"}:
        raise ModelError(
            f"{model} does not take int8 rows of {ABLE.channels} features", "give a model that hears words"
        )
    compiled = compile_graph(graph)
    with tempfile.TemporaryDirectory(prefix="earkit-engine-") as folder:
        compiled.write(Path(folder))
        compiled_model = CompiledModel(Path(folder))
    steps = compiled_model.header.step_rows == HOPS
    frames = count // ABLE.channels
    return Engine(compiled_model.invoke_all, frames, compiled_model.stream if steps else None)


def settings_of(model: Path) -> ModelSettings:
    """What travels inside a .tflite; TFLM's own where nothing does. Raises ModelError for a model whose
    labels name no word or do not fit its outputs, and for settings that the C cannot honour."""
    graph = read_model(model)
    settings = ModelSettings.from_metadata(graph.metadata) or TFLM_SETTINGS
    outputs = math.prod(graph.outputs[0].shape)
    if outputs != len(settings.labels):
        raise ModelError(
            f"{model} has {outputs} outputs and {len(settings.labels)} labels",
            "export it with --labels, or train it again",
        )
    require_able(settings)
    require_window(settings, math.prod(graph.inputs[0].shape))
    return settings
