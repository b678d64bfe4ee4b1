"""A compiled model on the simulated Cortex-M4, without the application: outputs and instruction counts."""

import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.core.compiled import kernel_sources, read_header
from earshot.errors import require
from earshot.toolchain.arm import link_probe

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Cost:
    """What one inference takes on the board's core."""

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
        from earshot.simulator.probe import Probe

        self.header = read_header(folder)
        source = folder / "model.c"
        text = source.read_text()
        self._layers = re.findall(r"^LAYER (model_layer_\w+)\(.*;$", text, re.MULTILINE)
        with tempfile.TemporaryDirectory(prefix="earshot-model-") as scratch:
            sources = [source, *kernel_sources(text)]
            elf = link_probe(sources, [folder], Path(scratch) / "model.elf", keep=["model_invoke"])
            self._probe = Probe(elf)
        tensors = (*self.header.inputs, *self.header.outputs)
        sizes = [math.prod(t.shape) * np.dtype(t.dtype).itemsize for t in tensors]
        self._buffers = [self._probe.alloc(size) for size in (*sizes, self.header.arena_bytes)]

    def invoke(self, *inputs: Array) -> list[Array]:
        """Run once; inputs and outputs as in CompiledModel.invoke."""
        self._load(inputs)
        self._probe.call("model_invoke", *self._buffers)
        outputs = zip(self._buffers[len(inputs) : -1], self.header.outputs, strict=True)
        return [
            np.frombuffer(self._probe.read(address, t.count * np.dtype(t.dtype).itemsize), t.dtype).reshape(
                t.shape
            )
            for address, t in outputs
        ]

    def measure(self) -> Cost:
        """Count one inference on an input of zeros; the count does not depend on it but in SOFTMAX."""
        self._load([np.zeros(t.shape, t.dtype) for t in self.header.inputs])
        call = self._probe.call("model_invoke", *self._buffers, marks=self._layers)
        by_layer = {name: sum(counts) for name, counts in call.marks.items()}
        return Cost(call.instructions, by_layer, call.stack_bytes)

    def _load(self, inputs: Any) -> None:
        for address, values, facts in zip(self._buffers, inputs, self.header.inputs, strict=False):
            self._probe.write(address, np.ascontiguousarray(values, facts.dtype).tobytes())
