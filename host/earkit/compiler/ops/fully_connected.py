"""FULLY_CONNECTED, int8 (weights per tensor or per channel) and float32.

Recipe: read sizes and weights; for int8 choose `packed`, or the plain kernel where its limits do not
hold (a shift to the left); lay the weights out; emit one call.
"""

import numpy as np

from earkit.compiler.channels import Weights, read_weights
from earkit.compiler.check import require_counts, require_rank, require_shape, require_type, tensor
from earkit.compiler.graph import Operator, constant
from earkit.compiler.layer import Constant, Layer, Parts, c_float, c_struct
from earkit.compiler.layout import pack_dense
from earkit.compiler.quantize import activation_range, float_activation_range

LARGEST_FLOAT = float(np.finfo(np.float32).max)
LARGEST_IN_PARTS = 16
"""Outputs: their sums lie on the stack."""


def compile_fully_connected(operator: Operator) -> Layer:
    require_counts(operator, 2, optional=1)
    source, filters, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_rank(operator, filters, 2, 2)
    out_count, in_count = filters.shape
    batches = source.count // in_count
    if source.count != batches * in_count or output.count != batches * out_count:
        raise operator.error(
            "its weights do not fit the input and output", "export or copy the model again", filters
        )
    if operator.options["WeightsFormat"] != 0:
        raise operator.error("its weights are shuffled", "convert the model with the default format", filters)
    if output.dtype == "float32" and filters.dtype == "float32":
        require_type(operator, source, "float32")
        return _float_layer(operator, batches)
    require_type(operator, output, "int8", *(["float32"] if filters.dtype == "int8" else []))
    weights = read_weights(operator, 0)
    require_type(operator, source, "int8")
    require_type(operator, output, "int8")
    return _int8_layer(operator, batches, weights)


def _int8_layer(operator: Operator, batches: int, weights: Weights) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    out_count, in_count = weights.values.shape
    out_min, out_max = activation_range(operator, output)
    name = f"layer_{operator.index}_dense"
    dense = c_struct(
        "ear_dense",
        name,
        [("batches", batches), ("in_count", in_count), ("out_count", out_count),
         ("in_zero_point", source.zero_point), ("out_zero_point", output.zero_point),
         ("out_min", out_min), ("out_max", out_max)],
    )  # fmt: skip
    if weights.is_packable(source.zero_point):
        kernel = "ear_fully_connected_packed"
        channels = weights.packed_table(output.zero_point, folded_zero_point=source.zero_point)
        layout = Constant("weights", pack_dense(weights.values), "per four outputs: [four in][out]")
    else:
        kernel, channels = "ear_fully_connected", weights.table()
        layout = Constant("weights", weights.values, "[out][in]")
    body, parts = f"{kernel}(&{name}, input, weights, channels, output);", None
    if batches == 1 and kernel.endswith("packed") and out_count <= LARGEST_IN_PARTS:
        kernel, parts = "ear_fully_connected_part", _parts(name, out_count)
        body = f"int32_t sums[{out_count}];\n{parts.take('input', '0', in_count, 'output')}"
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=body,
        kernel=kernel,
        constants=(layout,),
        channels=channels,
        declaration=dense,
        macs=batches * weights.values.size,
        parts=parts,
    )


def _parts(dense: str, out_count: int) -> Parts:
    def take(part: str, first: str, count: int, output: str) -> str:
        where = f"{part}, {first}, {count}"
        return f"ear_fully_connected_part(&{dense}, {where}, weights, channels, sums, {output});"

    return Parts(out_count, take)


def _float_layer(operator: Operator, batches: int) -> Layer:
    weights = constant(operator, 1, "weights")
    out_count, in_count = weights.shape
    constants = [Constant("weights", weights, "[out][in]")]
    bias = operator.inputs[2] if len(operator.inputs) > 2 else None
    if bias is not None:
        require_type(operator, bias, "float32")
        require_shape(operator, bias, (out_count,))
        constants.append(Constant("bias", constant(operator, 2, "biases"), "[out]"))
    if not all(np.isfinite(c.values).all() for c in constants):
        raise operator.error("its weights are not finite", "train the model again, with a smaller rate")
    low, high = float_activation_range(operator)
    out_min = c_float(-LARGEST_FLOAT if low is None else low)
    out_max = c_float(LARGEST_FLOAT if high is None else high)
    return Layer(
        operator=operator,
        inputs=(("input", tensor(operator, 0)),),
        body=f"ear_fully_connected_float({batches}, {in_count}, {out_count}, input, weights, "
        f"{'bias' if bias else 'NULL'}, {out_min}, {out_max}, output);",
        kernel="ear_fully_connected_float",
        constants=tuple(constants),
        macs=batches * weights.size,
    )
