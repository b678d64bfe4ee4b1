"""FULLY_CONNECTED, int8 (weights per tensor or per channel) and float32.

Recipe: read sizes and weights; for int8 choose `packed`, or the plain kernel where its limits do not
hold (a shift to the left); lay the weights out; emit one call.
"""

from dataclasses import replace

import numpy as np
import tflite

from earkit.compiler import channels
from earkit.compiler.channels import Weights, read_weights
from earkit.compiler.check import require_rank, require_shape, require_type, tensor
from earkit.compiler.ctext import c_float
from earkit.compiler.graph import Operator, Refusal, constant
from earkit.compiler.layer import Call, Constant, Kernel, Layer, Parts, Struct
from earkit.compiler.layout import pack_dense
from earkit.compiler.operation import Operation
from earkit.compiler.quantize import UNFUSABLE, activation_range, float_activation_range

PLAIN = Kernel("ear_fully_connected", ("fully_connected.c",))
PACKED = Kernel("ear_fully_connected_packed", ("fully_connected_packed.c",))
PART = Kernel("ear_fully_connected_part", ("fully_connected_part.c", "fully_connected_packed.c"))
FLOAT = Kernel("ear_fully_connected_float", ("fully_connected_float.c",))
SHUFFLED = Refusal("its weights are shuffled", "convert the model with the default format")
NOT_FINITE = Refusal("its weights are not finite", "train the model again, with a smaller rate")
LARGEST_FLOAT = float(np.finfo(np.float32).max)
LARGEST_IN_PARTS = 16
"""Outputs: their sums lie on the stack."""


def compile_fully_connected(operator: Operator) -> Layer:
    source, filters, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_rank(operator, filters, 2, 2)
    out_count, in_count = filters.shape
    batches = source.count // in_count
    if source.count != batches * in_count or output.count != batches * out_count:
        raise operator.damaged("its weights do not fit the input and output", filters)
    if operator.options["WeightsFormat"] != 0:
        raise operator.refuse(SHUFFLED, filters)
    if source.dtype == filters.dtype == "float32":
        return _float_layer(operator, batches)
    return _int8_layer(operator, batches, read_weights(operator, 0))


def _int8_layer(operator: Operator, batches: int, weights: Weights) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    out_count, in_count = weights.values.shape
    out_min, out_max = activation_range(operator, output)
    name = operator.own("dense")
    dense = Struct(
        "ear_dense",
        name,
        (("batches", batches), ("in_count", in_count), ("out_count", out_count),
         ("in_zero_point", source.zero_point), ("out_zero_point", output.zero_point),
         ("out_min", out_min), ("out_max", out_max)),
    )  # fmt: skip
    if weights.is_packable(source.zero_point):
        kernel = PACKED
        table = weights.packed_table(output.zero_point, folded_zero_point=source.zero_point)
        layout = Constant("weights", pack_dense(weights.values), "per four outputs: [four in][out]")
    else:
        kernel, table = PLAIN, weights.table()
        layout = Constant("weights", weights.values, "[out][in]")
    tables = operator.own("weights"), operator.own("channels")
    call, parts = Call(kernel, (f"&{name}", "input", *tables, "output")), None
    if batches == 1 and kernel is PACKED and out_count <= LARGEST_IN_PARTS:
        parts = _parts(name, tables, out_count)
        whole = parts.take("input", "0", in_count, "output")
        call = replace(whole, before=(f"int32_t sums[{out_count}];",))
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=call,
        constants=(layout,),
        channels=table,
        struct=dense,
        macs=batches * weights.values.size,
        parts=parts,
    )


def _parts(dense: str, tables: tuple[str, str], out_count: int) -> Parts:
    def take(part: str, first: str, count: int, output: str) -> Call:
        return Call(PART, (f"&{dense}", part, first, str(count), *tables, "sums", output))

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
        raise operator.refuse(NOT_FINITE)
    low, high = float_activation_range(operator)
    limits = c_float(-LARGEST_FLOAT if low is None else low), c_float(LARGEST_FLOAT if high is None else high)
    sizes = str(batches), str(in_count), str(out_count)
    tables = operator.own("weights"), operator.own("bias") if bias else "NULL"
    return Layer(
        operator=operator,
        inputs=(("input", tensor(operator, 0)),),
        call=Call(FLOAT, (*sizes, "input", *tables, *limits, "output")),
        constants=tuple(constants),
        macs=batches * weights.size,
    )


OPERATIONS = {
    "FULLY_CONNECTED": Operation(
        compile=compile_fully_connected,
        resolver="FullyConnected",
        types=(("int8", "int8"), ("float32", "float32")),
        inputs=2,
        optional=1,
        options=(tflite.FullyConnectedOptions, ("FusedActivationFunction", "WeightsFormat")),
        refuses=(SHUFFLED, NOT_FINITE, *channels.REFUSES, UNFUSABLE),
    ),
}
