"""QUANTIZE (from float32 or int8) and DEQUANTIZE (to float32).

Recipe: int8 to int8 is a table (lookup.py); else emit one call with scale and zero point.
"""

from earkit.compiler.check import tensor
from earkit.compiler.ctext import c_float
from earkit.compiler.graph import Operator, Tensor
from earkit.compiler.layer import Call, Kernel, Layer
from earkit.compiler.operation import Operation
from earkit.compiler.ops.lookup import lookup, rescaled

QUANTIZE = Kernel("ear_quantize", ("quantize.c",))
DEQUANTIZE = Kernel("ear_dequantize", ("quantize.c",))


def compile_quantize(operator: Operator) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    if source.dtype == "int8":
        return lookup(operator, rescaled(source, output))
    return _layer(operator, QUANTIZE, output)


def compile_dequantize(operator: Operator) -> Layer:
    return _layer(operator, DEQUANTIZE, tensor(operator, 0))


def _layer(operator: Operator, kernel: Kernel, quantised: Tensor) -> Layer:
    scale = c_float(quantised.scale), str(quantised.zero_point)
    return Layer(
        operator=operator,
        inputs=(("input", tensor(operator, 0)),),
        call=Call(kernel, (str(quantised.count), *scale, "input", "output")),
    )


OPERATIONS = {
    "QUANTIZE": Operation(
        compile=compile_quantize,
        resolver="Quantize",
        types=(("float32", "int8"), ("int8", "int8")),
        is_elementwise=True,
    ),
    "DEQUANTIZE": Operation(
        compile=compile_dequantize,
        resolver="Dequantize",
        types=(("int8", "float32"),),
        is_elementwise=True,
    ),
}
