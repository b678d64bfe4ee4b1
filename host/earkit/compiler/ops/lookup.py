"""One int8 in, one int8 out: LOGISTIC, RELU, RELU6, RELU_N1_TO_1, and QUANTIZE from int8 to int8.

Recipe: check; compute the output of each of the 256 inputs with TFLM's arithmetic; emit the table and one
call.
"""

from collections.abc import Callable

import numpy as np

from earkit.compiler.check import require_counts, require_shape, require_type, tensor
from earkit.compiler.fixedpoint import logistic_table
from earkit.compiler.graph import Operator, Tensor
from earkit.compiler.layer import Constant, Layer, elementwise_rows
from earkit.compiler.quantize import clamp, quantize_multiplier, requantize, steps


def compile_lookup(operator: Operator) -> Layer:
    require_counts(operator, 1)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "int8")
    require_type(operator, output, "int8")
    require_shape(operator, output, source.shape)
    table = np.array(TABLES[operator.name](operator, source, output), np.int8)

    def body(count: int) -> str:
        return f"ear_lookup({count}, table, input, output);"

    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=body(output.count),
        rows=elementwise_rows(output, body),
        kernel="ear_lookup",
        constants=(Constant("table", table.reshape(16, 16), "of -128, -127 ... 127"),),
        in_place=frozenset({"input"}),
    )


def _logistic(operator: Operator, source: Tensor, output: Tensor) -> list[int]:
    if output.zero_point != -128 or output.scale != 1 / 256:
        raise operator.error(
            "its output's scale is not 1/256 with zero point -128", "convert the model again"
        )
    return logistic_table(source.scale, source.zero_point)


def _rescaled(source: Tensor, output: Tensor, low: int, high: int) -> list[int]:
    multiplier = quantize_multiplier(source.scale / output.scale)
    return [
        clamp(requantize(x - source.zero_point, multiplier) + output.zero_point, low, high)
        for x in range(-128, 128)
    ]


def _relu(_: Operator, source: Tensor, output: Tensor) -> list[int]:
    return _rescaled(source, output, max(-128, output.zero_point), 127)


def _relu6(operator: Operator, source: Tensor, output: Tensor) -> list[int]:
    """TFLM clamps here without rescaling, with the input's scale."""
    if (source.scale, source.zero_point) != (output.scale, output.zero_point):
        raise operator.error(
            "it changes the scale, which TFLM ignores", "fuse the ReLU6 into the layer before"
        )
    high = clamp(source.zero_point + steps(6.0, source.scale), -128, 127)
    return [clamp(x, source.zero_point, high) for x in range(-128, 128)]


def _quantize(_: Operator, source: Tensor, output: Tensor) -> list[int]:
    return _rescaled(source, output, -128, 127)


TABLES: dict[str, Callable[[Operator, Tensor, Tensor], list[int]]] = {
    "LOGISTIC": _logistic,
    "RELU": _relu,
    "RELU6": _relu6,
    "QUANTIZE": _quantize,
}
