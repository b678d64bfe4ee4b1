"""AVERAGE_POOL_2D and MAX_POOL_2D, int8.

Recipe: read the window; check that neither scale nor zero point changes, since TFLM does not rescale
here; emit one call.
"""

from earkit.compiler.check import require_counts, require_type, tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Layer
from earkit.compiler.quantize import activation_range
from earkit.compiler.window import make_window


def compile_pool_2d(operator: Operator) -> Layer:
    require_counts(operator, 1)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "int8")
    require_type(operator, output, "int8")
    kernel = (operator.options["FilterHeight"], operator.options["FilterWidth"], 1)
    depth = source.shape[3] if len(source.shape) == 4 else 0
    window = make_window(operator, source, kernel, depth, activation_range(operator, output))
    function = f"ear_{operator.name.lower()}"

    name = f"layer_{operator.index}_window"

    def body(used: str) -> str:
        return f"{function}(&{used}, input, output);"

    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=body(name),
        declaration=window.c_struct(name),
        rows=window.row_wise(name, body),
        kernel=function,
    )
