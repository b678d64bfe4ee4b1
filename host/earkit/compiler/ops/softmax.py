"""SOFTMAX, int8, over the last dimension.

Recipe: turn the input's scale times beta into TFLM's fixed point (PreprocessSoftmaxScaling, 5 integer
bits); differences that would underflow are cut off; emit one call.
"""

import tflite

from earkit.compiler.check import tensor
from earkit.compiler.graph import Operator, Refusal
from earkit.compiler.layer import Call, Kernel, Layer
from earkit.compiler.operation import PROBABILITIES, Operation
from earkit.compiler.quantize import quantize_multiplier

KERNEL = Kernel("ear_softmax", ("softmax.c",))
INTEGER_BITS = 5
LARGEST_DEPTH = 4095
"""The sum of the exponentials has 12 integer bits."""
TOO_LONG = Refusal("a row of {depth} is too long", f"use at most {LARGEST_DEPTH}")
TOO_SMALL = Refusal("its input's scale times beta is too small", "convert the model with better data")


def compile_softmax(operator: Operator) -> Layer:
    source = tensor(operator, 0)
    depth = source.shape[-1]
    if depth > LARGEST_DEPTH:
        raise operator.refuse(TOO_LONG, depth=depth)
    real = min(operator.options["Beta"] * source.scale * 2 ** (31 - INTEGER_BITS), 2.0**31 - 1.0)
    if not real > 1.0:
        raise operator.refuse(TOO_SMALL)
    multiplier = quantize_multiplier(real)
    minimum = -(((2**INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS)) // 2**multiplier.shift)
    numbers = source.count // depth, depth, multiplier.value, multiplier.shift, minimum
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=Call(KERNEL, (*map(str, numbers), "input", "output")),
        in_place=frozenset({"input"}),
    )


OPERATIONS = {
    "SOFTMAX": Operation(
        compile=compile_softmax,
        resolver="Softmax",
        types=(("int8", "int8"),),
        ranks=(1, 8),
        options=(tflite.SoftmaxOptions, ("Beta",)),
        is_elementwise=True,
        output_scale=PROBABILITIES,
        refuses=(TOO_LONG, TOO_SMALL),
    ),
}
