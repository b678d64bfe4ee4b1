"""model.json: the same facts for programs (described in docs/output-format.md)."""

import json
from typing import Any

from earkit import __version__
from earkit.compiler.graph import Tensor
from earkit.compiler.layer import Layer
from earkit.compiler.motion import STEP_ROWS
from earkit.compiler.place import ALIGNMENT
from earkit.compiler.program import Program, Streaming

FORMAT = 1
"""Raised when a reader of the one before would misunderstand."""
STREAM_KERNELS = ("rows.c",)
"""Of ear_move_rows and ear_repeat_row."""


def manifest(program: Program) -> str:
    """The text of model.json."""
    graph, plan, streaming = program.graph, program.plan, program.streaming
    kernels = {file for layer in program.running for file in layer.kernel.files}
    kernels.update(STREAM_KERNELS if streaming else ())
    facts = {
        "format": FORMAT,
        "compiler": f"earkit {__version__}",
        "name": graph.name,
        "sha256": graph.sha256,
        "inputs": [_tensor(tensor) for tensor in graph.inputs],
        "outputs": [_tensor(tensor) for tensor in graph.outputs],
        "arena_bytes": plan.arena_bytes,
        "arena_alignment": ALIGNMENT,
        "stack_bytes": plan.stack_bytes,
        "stream": _stream(program, streaming) if streaming else None,
        "kernel_files": sorted(kernels),
        "layers": [_layer(program, layer) for layer in program.layers],
    }
    lines = ",\n".join(f" {json.dumps(key)}: {_value(value)}" for key, value in facts.items())
    return f"{{\n{lines}\n}}\n"


def _value(value: object) -> str:
    """JSON; what is in a list of tables has a line of its own."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(map(_value, value)) + "\n ]"
    return json.dumps(value, ensure_ascii=False)


def _stream(program: Program, streaming: Streaming) -> dict[str, int | None]:
    return {
        "rows": STEP_ROWS,
        "row_bytes": streaming.stream.motions[program.graph.inputs[0].index].row_bytes,
        "state_bytes": streaming.plan.arena_bytes,
        "stack_bytes": streaming.plan.stack_bytes,
        "lent_input": streaming.loan.input_bytes if streaming.loan else None,
    }


def _layer(program: Program, layer: Layer) -> dict[str, Any]:
    runs = any(layer is running for running in program.running)
    functions = [layer.function, *(function.name for function in program.row_functions(layer))]
    return {
        "index": layer.operator.index,
        "operator": layer.operator.name,
        "inputs": [_tensor(tensor) for tensor in layer.operator.inputs if tensor is not None],
        "output": _tensor(layer.output),
        "macs": layer.macs,
        "functions": functions if runs else [],
        "kernel": layer.kernel.name if runs else None,
        "kernel_files": list(layer.kernel.files) if runs else [],
        "weight_bytes": layer.weight_bytes if runs else 0,
        "scratch_bytes": layer.scratch_bytes,
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    quantization = tensor.quantization
    facts = {"name": tensor.name, "dtype": tensor.dtype, "shape": list(tensor.shape)}
    if quantization is None:
        return facts | {"scale": None, "zero_point": None}
    if len(quantization.scales) == 1:
        return facts | {"scale": quantization.scales[0], "zero_point": quantization.zero_points[0]}
    return facts | {
        "scale": list(quantization.scales),
        "zero_point": list(quantization.zero_points),
        "dimension": quantization.dimension,
    }
