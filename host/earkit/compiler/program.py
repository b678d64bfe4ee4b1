"""A compiled model as data: what the texts of emit/ say in C, in JSON and to people."""

from dataclasses import dataclass

from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.layer import Layer
from earkit.compiler.motion import RowFunction, Stream
from earkit.compiler.place import Block, Place, Plan


@dataclass(frozen=True)
class Loan:
    mover: int
    """The layer that is computed row by row."""
    taker: int
    """The layer that takes its rows in parts."""
    input: Place
    """Where in the state the input lies: in the block of the mover's output, and so do the rows."""
    rows: Place
    """Where the rows of the moment lie meanwhile."""

    @property
    def input_bytes(self) -> int:
        """Where the input lies, from the beginning of the state."""
        assert isinstance(self.input.base, Block)
        return self.input.base.offset + self.input.offset


@dataclass(frozen=True)
class Streaming:
    """What a model that streams has besides."""

    stream: Stream
    plan: Plan
    """Of a step; its arena is the state."""
    loan: Loan | None
    """What the state lends, where it has room."""

    def row_place(self, tensor: int, row: int) -> Place:
        """Where a row of a tensor that moves lies in the state."""
        return self.plan.places[tensor].plus(self.stream.motions[tensor].offset(row))


@dataclass(frozen=True)
class Program:
    graph: Graph
    layers: tuple[Layer, ...]
    plan: Plan
    """Of a whole inference."""
    streaming: Streaming | None

    @property
    def running(self) -> list[Layer]:
        """The layers that have functions in model.c, in order."""
        step = self.streaming.plan if self.streaming else self.plan
        skipped = self.plan.done_by_sharing & step.done_by_sharing
        return [layer for i, layer in enumerate(self.layers) if i not in skipped]

    @property
    def constants(self) -> list[Tensor]:
        """Those that are read like any tensor, by layers that run or as outputs."""
        read = [t for layer in self.running for _, t in layer.inputs] + list(self.graph.outputs)
        return list({tensor.index: tensor for tensor in read if tensor.data is not None}.values())

    def row_functions(self, layer: Layer) -> list[RowFunction]:
        """Those that compute some rows of the layer's output, each once."""
        found = self.streaming.stream.functions.get(layer.operator.index, {}) if self.streaming else {}
        return list({function.name: function for function in found.values()}.values())
