"""SOFTMAX, int8, over the last dimension.

Recipe: turn the input's scale times beta into TFLM's fixed point (PreprocessSoftmaxScaling, 5 integer
bits); differences that would underflow are cut off; emit one call.
"""

from earkit.compiler.check import require_counts, require_rank, require_shape, require_type, tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Layer
from earkit.compiler.quantize import quantize_multiplier

INTEGER_BITS = 5
LARGEST_DEPTH = 4095
"""The sum of the exponentials has 12 integer bits."""


def compile_softmax(operator: Operator) -> Layer:
    require_counts(operator, 1)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "int8")
    require_type(operator, output, "int8")
    require_rank(operator, source, 1, 8)
    require_shape(operator, output, source.shape)
    if output.zero_point != -128 or output.scale != 1 / 256:
        raise operator.error(
            "its output's scale is not 1/256 with zero point -128", "convert the model again"
        )
    depth = source.shape[-1]
    if depth > LARGEST_DEPTH:
        raise operator.error(f"a row of {depth} is too long", f"use at most {LARGEST_DEPTH}")
    real = min(operator.options["Beta"] * source.scale * 2 ** (31 - INTEGER_BITS), 2.0**31 - 1.0)
    if not real > 1.0:
        raise operator.error(
            "its input's scale times beta is too small", "convert the model with better data"
        )
    multiplier = quantize_multiplier(real)
    minimum = -(((2**INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS)) // 2**multiplier.shift)
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=f"ear_softmax({source.count // depth}, {depth}, {multiplier.value}, {multiplier.shift}, "
        f"{minimum}, input, output);",
        kernel="ear_softmax",
        in_place=frozenset({"input"}),
    )
