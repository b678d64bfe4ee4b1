"""A model as the board runs it: its compiled C, on this computer."""

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.compiler.compile import compile_graph
from earkit.compiler.motion import STEP_ROWS
from earkit.compiler.read import read_model
from earkit.core.compiled import CompiledModel
from earkit.errors import ModelError
from earkit.settings import TFLM_SETTINGS, FrontendSettings, ModelSettings

ROWS = STEP_ROWS
"""Hops between two inferences, as in firmware/app/spotter."""
FRAMES = FrontendSettings().frames

Scores = Callable[[NDArray[np.int8]], NDArray[np.int8]]


@dataclass(frozen=True)
class Engine:
    """A model that hears words. A score is an output's value + 128."""

    classify: Scores
    """Whole windows, int8[n, 49, 40] in, int8[n, labels] out."""
    stepped: Scores | None = None
    """The same as `stream`, at the cost of what is new in each step; None where a model cannot."""

    def stream(self, rows: NDArray[np.int8]) -> NDArray[np.int8]:
        """int8[n // 2, labels]: the scores after every two of int8[n, 40] rows. The window is -128
        throughout before the first."""
        if self.stepped:
            return self.stepped(rows)
        before = np.full((FRAMES - ROWS, rows.shape[1]), -128, np.int8)
        heard = np.concatenate([before, rows[: len(rows) // ROWS * ROWS]])
        windows = np.lib.stride_tricks.sliding_window_view(heard, FRAMES, axis=0)[::ROWS]
        return self.classify(np.ascontiguousarray(windows.transpose(0, 2, 1)))


def load(model: Path) -> Engine:
    """The compiled C of a .tflite, whose outputs are the board's bit for bit (`earkit check`).

    Raises ModelError when the file is broken or hears no sound, ToolError without gcc.
    """
    graph = read_model(model)
    expected = FRAMES * FrontendSettings().channels
    ends = (*graph.inputs, *graph.outputs)
    fits = len(ends) == 2 and math.prod(ends[0].shape) == expected and {e.dtype for e in ends} == {"int8"}
    if not fits:
        raise ModelError(f"{model} does not take {expected} int8 features", "give a model that hears words")
    compiled = compile_graph(graph)
    with tempfile.TemporaryDirectory(prefix="earkit-engine-") as folder:
        compiled.write(Path(folder))
        compiled_model = CompiledModel(Path(folder))
    steps = compiled_model.header.step_rows == ROWS
    return Engine(compiled_model.invoke_all, compiled_model.stream if steps else None)


def settings_of(model: Path) -> ModelSettings:
    """What travels inside a .tflite; TFLM's own where nothing does. Raises ModelError for a model whose
    labels name no word, or do not fit its outputs."""
    graph = read_model(model)
    settings = ModelSettings.from_metadata(graph.metadata) or TFLM_SETTINGS
    if len(settings.labels) < 3:
        raise ModelError(f"{model} hears no words", "evaluate a model that `earkit train` made")
    outputs = math.prod(graph.outputs[0].shape)
    if outputs != len(settings.labels):
        raise ModelError(
            f"{model} has {outputs} outputs and {len(settings.labels)} labels",
            "export it with --labels, or train it again",
        )
    return settings
