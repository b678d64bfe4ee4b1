"""A compiled model on the simulated Cortex-M4, without the application: outputs and instruction counts."""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earkit.bench.cycles import disassemble, estimate
from earkit.core.model_folder import read_header
from earkit.errors import require
from earkit.toolchain.arm import link_probe

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Cost:
    """What one call of the model takes on the board's core."""

    instructions: int
    by_layer: dict[str, int]
    """By the names of model.c's functions; each with what it calls, and the few instructions around it."""
    stack_bytes: int


class BoardModel:
    """The C of a model's folder, linked for the board and called on the simulated core.

    Raises ToolError without the Arm compiler, MissingExtraError without unicorn, SimulatorError when the
    model's buffers exceed the board's RAM.
    """

    def __init__(self, folder: Path) -> None:
        require("unicorn", "sim")
        from earkit.simulator.probe import Probe

        self.header = read_header(folder)
        with tempfile.TemporaryDirectory(prefix="earkit-model-") as scratch:
            sources = [folder / "model.c", *self.header.kernels]
            keep = ["model_invoke", *(["model_start", "model_step"] if self.header.step_rows else [])]
            elf = link_probe(sources, [folder], Path(scratch) / "model.elf", keep=keep)
            self._probe, self._code = Probe(elf), disassemble(elf)
        tensors = (*self.header.inputs, *self.header.outputs)
        sizes = [math.prod(t.shape) * np.dtype(t.dtype).itemsize for t in tensors]
        self._buffers = [self._probe.alloc(size) for size in (*sizes, self.header.arena_bytes)]
        self._state = self._probe.alloc(self.header.state_bytes)

    def invoke(self, *inputs: Array) -> list[Array]:
        """Run once; inputs and outputs as in CompiledModel.invoke."""
        self._load(inputs)
        self._probe.call("model_invoke", *self._buffers)
        return self._outputs()

    def stream(self, rows: Array, restart: bool = True) -> Array:
        """As CompiledModel.stream, of a model that can be computed step by step."""
        if restart:
            self._probe.call("model_start", self._state)
        steps = rows.reshape(-1, self.header.step_rows * self.header.row_bytes)
        return np.stack([self._step(step) for step in steps])

    def _step(self, rows: Array) -> Array:
        self._probe.write(self._buffers[0], rows.tobytes())
        self._probe.call("model_step", *self._buffers[:2], self._state)
        return self._outputs()[0].ravel()

    def _outputs(self) -> list[Array]:
        outputs = zip(self._buffers[len(self.header.inputs) : -1], self.header.outputs, strict=True)
        return [
            np.frombuffer(self._probe.read(address, t.count * np.dtype(t.dtype).itemsize), t.dtype).reshape(
                t.shape
            )
            for address, t in outputs
        ]

    def cycles(self, function: str) -> int:
        """An estimate of the cycles of `model_invoke` or `model_step`, on zeros."""
        self._load([np.zeros(t.shape, t.dtype) for t in self.header.inputs])
        if function == "model_invoke":
            return estimate(self._probe.profile(function, *self._buffers), self._code)
        return estimate(self._probe.profile(function, *self._buffers[:2], self._state), self._code)

    def measure(self) -> Cost:
        """Count one inference on an input of zeros; the count does not depend on it but in SOFTMAX."""
        self._load([np.zeros(t.shape, t.dtype) for t in self.header.inputs])
        return self._cost("model_invoke", *self._buffers)

    def measure_start(self) -> Cost | None:
        """Count the start of a stream; None when the model cannot be computed step by step."""
        return self._cost("model_start", self._state) if self.header.step_rows else None

    def measure_step(self) -> Cost | None:
        """Count one step on rows of zeros; None likewise."""
        if not self.header.step_rows:
            return None
        self._probe.call("model_start", self._state)
        self._load([np.zeros(t.shape, t.dtype) for t in self.header.inputs])
        return self._cost("model_step", *self._buffers[:2], self._state)

    def _cost(self, function: str, *arguments: int) -> Cost:
        call = self._probe.call(function, *arguments, marks=self.header.functions)
        by_layer = {name: sum(counts) for name, counts in call.marks.items()}
        return Cost(call.instructions, by_layer, call.stack_bytes)

    def _load(self, inputs: Any) -> None:
        for address, values, facts in zip(self._buffers, inputs, self.header.inputs, strict=False):
            self._probe.write(address, np.ascontiguousarray(values, facts.dtype).tobytes())
