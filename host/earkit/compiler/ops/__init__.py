"""One file per operator: it reads, checks, folds constants and emits a Layer, in this order."""

from collections.abc import Callable

from earkit.compiler.graph import Operator
from earkit.compiler.layer import Layer
from earkit.compiler.ops.add import compile_add
from earkit.compiler.ops.conv_2d import compile_conv_2d
from earkit.compiler.ops.depthwise_conv_2d import compile_depthwise_conv_2d
from earkit.compiler.ops.fully_connected import compile_fully_connected
from earkit.compiler.ops.lookup import compile_lookup
from earkit.compiler.ops.mean import compile_mean
from earkit.compiler.ops.pad import compile_pad
from earkit.compiler.ops.pool_2d import compile_pool_2d
from earkit.compiler.ops.quantize import compile_dequantize, compile_quantize
from earkit.compiler.ops.reshape import compile_reshape
from earkit.compiler.ops.softmax import compile_softmax

OPERATIONS: dict[str, Callable[[Operator], Layer]] = {
    "ADD": compile_add,
    "AVERAGE_POOL_2D": compile_pool_2d,
    "CONV_2D": compile_conv_2d,
    "DEPTHWISE_CONV_2D": compile_depthwise_conv_2d,
    "DEQUANTIZE": compile_dequantize,
    "EXPAND_DIMS": compile_reshape,
    "FULLY_CONNECTED": compile_fully_connected,
    "LOGISTIC": compile_lookup,
    "MAX_POOL_2D": compile_pool_2d,
    "MEAN": compile_mean,
    "PAD": compile_pad,
    "PADV2": compile_pad,
    "QUANTIZE": compile_quantize,
    "RELU": compile_lookup,
    "RELU6": compile_lookup,
    "RESHAPE": compile_reshape,
    "SOFTMAX": compile_softmax,
    "SQUEEZE": compile_reshape,
}


def compile_operator(operator: Operator, fast: bool) -> Layer:
    """The Layer of one operator. Raises ModelError when it is not supported, saying what is."""
    if operator.name not in OPERATIONS:
        raise operator.error(
            "this operator is not supported", f"build the model from {', '.join(sorted(OPERATIONS))}"
        )
    if operator.name == "CONV_2D":
        return compile_conv_2d(operator, fast)
    return OPERATIONS[operator.name](operator)
