"""The part of model.c that computes layers: for each, what it is, its constants and its functions."""

from collections.abc import Iterator

from earkit.compiler.ctext import array, c_float, channels, comment, struct
from earkit.compiler.emit.body import statement
from earkit.compiler.graph import Quantization, Tensor
from earkit.compiler.layer import CTYPES, Call, Layer
from earkit.compiler.motion import RowFunction
from earkit.compiler.place import constant_name
from earkit.compiler.program import Program

LONGEST_NAME = 60
"""Of a tensor, in a comment; converters join names."""


def constant_parts(program: Program) -> Iterator[str]:
    """Of every constant that is read like any tensor."""
    for tensor in program.constants:
        assert tensor.data is not None
        yield array(constant_name(tensor), tensor.data.ravel(), "a constant of the model")


def layer_parts(program: Program) -> Iterator[str]:
    """Of every layer that runs, in order."""
    for layer in program.running:
        whole = _function(layer, layer.function, layer.call)
        first, *others = [*_constants(layer), whole]
        yield f"{_heading(layer)}\n{first}"
        yield from others
        for function in program.row_functions(layer):
            yield _row_function(layer, function)


def _heading(layer: Layer) -> str:
    operator = layer.operator
    constants = [t for t in operator.inputs[1:] if t and t.data is not None and t.quantization]
    shapes = " + ".join(_shape(tensor) for _, tensor in layer.inputs)
    lines = [
        f"Layer {operator.index}: {operator.name}, {shapes} -> {_shape(layer.output)}; {layer.macs:,} MACs",
        *(f"{name}: {_describe(tensor)}" for name, tensor in layer.inputs),
        *(f"constant: {_shape(t)}, {_describe(t)}" for t in constants),
        f"output: {_describe(layer.output)}",
    ]
    return "/* " + "\n * ".join(lines) + " */"


def _shape(tensor: Tensor) -> str:
    return f"{tensor.dtype}[{', '.join(map(str, tensor.shape))}]"


def _describe(tensor: Tensor) -> str:
    name = comment(tensor.name)
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."
    return f"{short}, {_quantization(tensor.quantization)}"


def _quantization(quantization: Quantization | None) -> str:
    if quantization is None:
        return "not quantised"
    scales, zero_points = quantization.scales, set(quantization.zero_points)
    zeros = f"zero point {zero_points.pop()}" if len(zero_points) == 1 else "zero points that differ"
    if len(scales) == 1:
        return f"scale {c_float(scales[0])[:-1]}, {zeros}"
    between = f"{c_float(min(scales))[:-1]} to {c_float(max(scales))[:-1]}"
    return f"{len(scales)} scales along dimension {quantization.dimension}, {between}, {zeros}"


def _constants(layer: Layer) -> list[str]:
    own = layer.operator.own
    parts = [array(own(c.name), c.values, c.note) for c in layer.constants if c.values.size]
    if layer.channels:
        parts.append(channels(own("channels"), layer.channels))
    if layer.struct:
        parts.append(struct(layer.struct))
    return parts


def _function(layer: Layer, name: str, call: Call) -> str:
    parameters = [f"const {CTYPES[tensor.dtype]} *{parameter}" for parameter, tensor in layer.inputs]
    parameters.append(f"{CTYPES[layer.output.dtype]} *output")
    if layer.scratch_bytes:
        parameters.append("void *scratch")
    prototype = f"LAYER {name}({', '.join(parameters)})"
    lines = "\n".join(f"  {line}" for line in (*call.before, statement(call)))
    return f"{prototype};\n{prototype} {{\n{lines}\n}}"


def _row_function(layer: Layer, function: RowFunction) -> str:
    rows = function.rows
    text = _function(layer, function.name, function.call)
    return f"/* Rows {rows.first} to {rows.last - 1} of the output. */\n{text}"
