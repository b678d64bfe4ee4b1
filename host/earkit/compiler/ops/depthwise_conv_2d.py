"""DEPTHWISE_CONV_2D, int8, any multiplier, stride, padding and dilation.

Recipe: read the window and the weights; choose the kernel: `mono` for one input channel (it is then an
ordinary convolution), `packed` for multiplier 1 and a depth that is a multiple of 4, the plain one for
the rest; lay the weights out for it; emit one call.
"""

import numpy as np

from earkit.compiler.channels import Weights, read_weights
from earkit.compiler.check import require_counts, require_rank, require_type, tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Constant, Layer
from earkit.compiler.layout import pack_depthwise
from earkit.compiler.ops.conv_2d import mono_layer
from earkit.compiler.quantize import activation_range
from earkit.compiler.window import Window, make_window

POINTER_BYTES = 8
"""Of the computer that checks the model; the board's are half as long."""


def compile_depthwise_conv_2d(operator: Operator) -> Layer:
    require_counts(operator, 2, optional=1)
    if len(operator.inputs) < 3 or operator.inputs[2] is None:
        raise operator.error("it has no bias, which crashes TFLite Micro", "give the layer a bias")
    source, filters, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_type(operator, output, "int8")
    require_rank(operator, source, 4, 4)
    require_rank(operator, filters, 4, 4)
    weights = read_weights(operator, 3)
    require_type(operator, source, "int8")
    one, height, width, depth = filters.shape
    if one != 1 or depth % source.shape[3]:
        raise operator.error("its weights do not fit the input", "export or copy the model again", filters)
    clamp = activation_range(operator, output)
    window = make_window(operator, source, (height, width, 1), depth, clamp)
    return _emit(operator, window, weights)


def _emit(operator: Operator, window: Window, weights: Weights) -> Layer:
    is_packable = weights.is_packable(window.in_zero_point)
    filters = weights.values[0]
    if is_packable and window.in_depth == 1 and window.dilation_height == window.dilation_width == 1:
        return mono_layer(operator, window, weights, np.moveaxis(filters, 2, 0))
    taps = window.kernel_height * window.kernel_width
    if is_packable and window.in_depth == window.out_depth and window.in_depth % 4 == 0:
        layout = Constant(
            "weights", pack_depthwise(filters), "doubled, per four channels: [tap][channel 0, 2, 1, 3]"
        )
        scratch = POINTER_BYTES * (-(-taps // 3) * 3) + window.in_depth
        kernel = "ear_depthwise_conv_2d_packed"
        channels = weights.packed_table(
            window.out_zero_point, folded_zero_point=window.in_zero_point, factor=2
        )
    else:
        layout = Constant("weights", filters.reshape(taps, -1), "[y][x][channel]")
        scratch, kernel, channels = 0, "ear_depthwise_conv_2d", weights.table()
    last = ", scratch" if scratch else ""

    name = f"layer_{operator.index}_window"

    def body(used: str) -> str:
        return f"{kernel}(&{used}, input, weights, channels, output{last});"

    return Layer(
        operator=operator,
        inputs=(("input", tensor(operator, 0)),),
        body=body(name),
        declaration=window.c_struct(name),
        rows=window.row_wise(name, body),
        kernel=kernel,
        constants=(layout,),
        channels=channels,
        scratch_bytes=scratch,
        macs=window.positions * weights.matrix.size,
    )
