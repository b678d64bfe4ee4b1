# ruff: noqa: N999
"""ELU: the start of a new operator, which is not compiled until it is copied.

Copy this file to ops/NAME.py and say here what it does:
read and check the operator; fold what is constant into constants; return a Layer with one call.

Then write the kernel, if no kernel of firmware/core/kernels does it yet: one file there that bears its name,
and its contract in kernels.h. Run `python -m earkit.compiler.operators docs/operators.md`. The tests find the
rest: random models use an operator of one input and no options by themselves, others need a method of their
name in tests/python/compiler/random_models.py. TFLite Micro is the oracle, bit for bit.
"""

import math

import numpy as np

from earkit.compiler.check import tensor
from earkit.compiler.graph import Operator, Refusal
from earkit.compiler.layer import Call, Constant, Kernel, Layer, elementwise_rows
from earkit.compiler.operation import Operation
from earkit.compiler.quantize import clamp

KERNEL = Kernel("ear_lookup", ("lookup.c",))
TOO_FINE = Refusal("its output's scale {scale} is below 1/512", "convert the model with better data")


def compile_elu(operator: Operator) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    if output.scale < 1 / 512:
        raise operator.refuse(TOO_FINE, scale=output.scale)
    real = [(x - source.zero_point) * source.scale for x in range(-128, 128)]
    curve = (x if x > 0 else math.expm1(x) for x in real)
    values = [clamp(round(y / output.scale) + output.zero_point, -128, 127) for y in curve]

    def call(count: int) -> Call:
        return Call(KERNEL, (str(count), operator.own("table"), "input", "output"))

    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=call(output.count),
        constants=(Constant("table", np.array(values, np.int8).reshape(16, 16), "of -128, -127 ... 127"),),
        in_place=frozenset({"input"}),
        rows=elementwise_rows(output, call),
    )


OPERATIONS = {
    "ELU": Operation(
        compile=compile_elu,
        resolver="Elu",
        types=(("int8", "int8"),),
        is_elementwise=True,
        refuses=(TOO_FINE,),
    ),
}
