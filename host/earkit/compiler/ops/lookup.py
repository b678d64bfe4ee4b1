"""One int8 in, one int8 out: LOGISTIC, RELU and RELU6; quantize.py takes the table from here, too.

Recipe: compute the output of each of the 256 inputs with TFLM's arithmetic; emit the table and one
call.
"""

from collections.abc import Sequence

import numpy as np

from earkit.compiler.check import tensor
from earkit.compiler.fixedpoint import logistic_table
from earkit.compiler.graph import Operator, Tensor
from earkit.compiler.layer import Call, Constant, Kernel, Layer, elementwise_rows
from earkit.compiler.operation import PROBABILITIES, Operation
from earkit.compiler.quantize import clamp, quantize_multiplier, requantize, steps

KERNEL = Kernel("ear_lookup", ("lookup.c",))


def lookup(operator: Operator, table: Sequence[int]) -> Layer:
    """The layer of an operator whose output for -128, -127 ... 127 is `table`."""
    source, output = tensor(operator, 0), operator.outputs[0]
    values = np.array(table, np.int8).reshape(16, 16)

    def call(count: int) -> Call:
        return Call(KERNEL, (str(count), operator.own("table"), "input", "output"))

    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=call(output.count),
        rows=elementwise_rows(output, call),
        constants=(Constant("table", values, "of -128, -127 ... 127"),),
        in_place=frozenset({"input"}),
    )


def rescaled(source: Tensor, output: Tensor, low: int = -128) -> list[int]:
    """The table that brings one scale to another, as TFLM does; results below `low` become it."""
    multiplier = quantize_multiplier(source.scale / output.scale)
    return [
        clamp(requantize(x - source.zero_point, multiplier) + output.zero_point, low, 127)
        for x in range(-128, 128)
    ]


def compile_logistic(operator: Operator) -> Layer:
    source = tensor(operator, 0)
    return lookup(operator, logistic_table(source.scale, source.zero_point))


def compile_relu(operator: Operator) -> Layer:
    output = operator.outputs[0]
    return lookup(operator, rescaled(tensor(operator, 0), output, max(-128, output.zero_point)))


def compile_relu6(operator: Operator) -> Layer:
    source = tensor(operator, 0)
    high = clamp(source.zero_point + steps(6.0, source.scale), -128, 127)
    return lookup(operator, [clamp(x, source.zero_point, high) for x in range(-128, 128)])


INT8 = (("int8", "int8"),)
OPERATIONS = {
    "LOGISTIC": Operation(
        compile=compile_logistic,
        resolver="Logistic",
        types=INT8,
        is_elementwise=True,
        output_scale=PROBABILITIES,
    ),
    "RELU": Operation(compile=compile_relu, resolver="Relu", types=INT8, is_elementwise=True),
    "RELU6": Operation(
        compile=compile_relu6, resolver="Relu6", types=INT8, is_elementwise=True, keeps_scale=True
    ),
}
