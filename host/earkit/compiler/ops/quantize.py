"""QUANTIZE (from float32 or int8) and DEQUANTIZE (to float32).

Recipe: check; int8 to int8 is a table (lookup.py); emit one call with scale and zero point.
"""

from earkit.compiler.check import require_counts, require_shape, require_type, tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Layer, c_float
from earkit.compiler.ops.lookup import compile_lookup


def compile_quantize(operator: Operator) -> Layer:
    require_counts(operator, 1)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "float32", "int8")
    require_type(operator, output, "int8")
    if source.dtype == "int8":
        return compile_lookup(operator)
    require_shape(operator, output, source.shape)
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=f"ear_quantize({output.count}, {c_float(output.scale)}, {output.zero_point}, input, output);",
        kernel="ear_quantize",
    )


def compile_dequantize(operator: Operator) -> Layer:
    require_counts(operator, 1)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "int8")
    require_type(operator, output, "float32")
    require_shape(operator, output, source.shape)
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=f"ear_dequantize({output.count}, {c_float(source.scale)}, {source.zero_point}, input, output);",
        kernel="ear_dequantize",
    )
