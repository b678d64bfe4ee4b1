"""From a .tflite to a CompiledSource: the layers, the memory plan and the C text."""

from dataclasses import dataclass

from earkit.compiler import emit, emit_loan, emit_stream
from earkit.compiler.emit_stream import StepEmitter
from earkit.compiler.graph import Graph
from earkit.compiler.layer import Layer
from earkit.compiler.loan import find_loan
from earkit.compiler.ops import compile_operator
from earkit.compiler.plan import Held, Plan, plan_memory
from earkit.compiler.stream import Stream, find_stream
from earkit.errors import ModelError


@dataclass(frozen=True)
class CompiledSource:
    graph: Graph
    layers: tuple[Layer, ...]
    plan: Plan
    """Of a whole inference."""
    stream: Stream | None
    step_plan: Plan | None
    """Of a step, for a model that streams."""
    header: str
    """model.h"""
    source: str
    """model.c"""

    @property
    def running(self) -> tuple[Layer, ...]:
        """The layers that have a function in model.c, in order."""
        return tuple(layer for i, layer in enumerate(self.layers) if i not in self.plan.done_by_sharing)


def compile_graph(graph: Graph, fast: bool = False) -> CompiledSource:
    """Compile a model; `fast`: convolutions take twice the flash and fewer instructions.

    Raises ModelError, naming operator and tensor, for what is not supported.
    """
    _check_ends(graph)
    layers = tuple(compile_operator(operator, fast) for operator in graph.operators)
    ends = emit.names("input", len(graph.inputs)), emit.names("output", len(graph.outputs))
    plan = plan_memory(graph, layers, *ends)
    stream = find_stream(graph, layers)
    step_plan = plan_memory(graph, layers, *ends, held=_held(stream)) if stream else None
    steps = StepEmitter(graph, layers, stream, step_plan) if stream and step_plan else None
    loan = find_loan(graph, layers, stream, step_plan) if stream and step_plan else None
    return CompiledSource(
        graph,
        layers,
        plan,
        stream,
        step_plan,
        emit.header(graph, plan, emit_stream.header(graph, stream, step_plan, emit_loan.header(loan))),
        emit.source(graph, layers, plan, steps, loan),
    )


def _held(stream: Stream) -> dict[int, Held]:
    return {index: Held(m.bytes, m.kept.count > 0) for index, m in stream.motions.items()}


def _check_ends(graph: Graph) -> None:
    if not graph.inputs or not graph.outputs:
        raise ModelError("the model has no input or no output", "export or copy the model again")
    if len({t.index for t in graph.inputs}) != len(graph.inputs):
        raise ModelError("the model names one input twice", "export or copy the model again")
    for kind, tensors in (("input", graph.inputs), ("output", graph.outputs)):
        for tensor in tensors:
            if tensor.dtype not in ("int8", "float32"):
                raise ModelError(
                    f"the {kind} '{tensor.name}' is {tensor.dtype}, not int8 or float32",
                    "convert the model with full int8 quantisation, inputs and outputs included",
                )
            if tensor.dtype == "int8":
                _ = tensor.scale, tensor.zero_point
            if kind == "input" and tensor.data is not None:
                raise ModelError(f"the input '{tensor.name}' is a constant", "export or copy the model again")
