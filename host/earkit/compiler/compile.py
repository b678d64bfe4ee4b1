"""From a graph to a CompiledSource: layers, stream, memory plan, texts, one after another."""

from dataclasses import dataclass
from pathlib import Path

from earkit import files
from earkit.compiler import emit
from earkit.compiler.graph import Graph
from earkit.compiler.loan import find_loan
from earkit.compiler.ops import compile_operator
from earkit.compiler.plan import plan_memory
from earkit.compiler.program import Program, Streaming
from earkit.compiler.stream import find_stream
from earkit.errors import ModelError


@dataclass(frozen=True)
class CompiledSource(Program):
    """A program with its texts."""

    header: str
    """model.h"""
    source: str
    """model.c"""
    manifest: str
    """model.json"""

    @property
    def files(self) -> dict[str, str]:
        """By name, what `earkit.core.compiled` runs."""
        return {"model.h": self.header, "model.c": self.source, "model.json": self.manifest}

    def write(self, folder: Path) -> None:
        """Write `files` into the folder, which is made when missing."""
        for name, text in self.files.items():
            files.write_text(folder / name, text)


def compile_graph(graph: Graph, fast: bool = False) -> CompiledSource:
    """Compile a model; `fast`: convolutions take twice the flash and fewer instructions.

    Raises ModelError, naming operator and tensor, for what is not supported.
    """
    _check_ends(graph)
    layers = tuple(compile_operator(operator, fast) for operator in graph.operators)
    stream = find_stream(graph, layers)
    plan, step = plan_memory(graph, layers, stream)
    streaming = None
    if stream and step:
        streaming = Streaming(stream, step, find_loan(graph, layers, stream, step))
    program = Program(graph, layers, plan, streaming)
    return CompiledSource(
        **vars(program),
        header=emit.header(program),
        source=emit.source(program),
        manifest=emit.manifest(program),
    )


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
