"""DEPTHWISE_CONV_2D, int8, any multiplier, stride, padding and dilation.

Recipe: read the window and the weights; choose the kernel: `mono` for one input channel (it is then an
ordinary convolution), `packed` for multiplier 1 and a depth that is a multiple of 4, the plain one for
the rest; lay the weights out for it; emit one call.
"""

import numpy as np
import tflite

from earkit.compiler import channels
from earkit.compiler.channels import Weights, read_weights
from earkit.compiler.check import require_rank, tensor
from earkit.compiler.graph import Operator, Refusal
from earkit.compiler.layer import Constant, Kernel, Layer
from earkit.compiler.layout import pack_depthwise
from earkit.compiler.operation import Operation
from earkit.compiler.ops.conv_2d import mono_layer, window_layer
from earkit.compiler.quantize import UNFUSABLE, activation_range
from earkit.compiler.window import WINDOW_FIELDS, Window, make_window

PLAIN = Kernel("ear_depthwise_conv_2d", ("depthwise_conv_2d.c",))
PACKED = Kernel("ear_depthwise_conv_2d_packed", ("depthwise_conv_2d_packed.c",))
NO_BIAS = Refusal("it has no bias, which crashes TFLite Micro", "give the layer a bias")
POINTER_BYTES = 8
"""Of the computer that checks the model; the board's are half as long."""


def compile_depthwise_conv_2d(operator: Operator) -> Layer:
    if len(operator.inputs) < 3 or operator.inputs[2] is None:
        raise operator.refuse(NO_BIAS)
    source, filters, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_rank(operator, filters, 4, 4)
    weights = read_weights(operator, 3)
    one, height, width, depth = filters.shape
    if one != 1 or depth % source.shape[3]:
        raise operator.damaged("its weights do not fit the input", filters)
    clamp = activation_range(operator, output)
    window = make_window(operator, source, (height, width, 1), depth, clamp)
    return _choose(operator, window, weights)


def _choose(operator: Operator, window: Window, weights: Weights) -> Layer:
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
        kernel = PACKED
        table = weights.packed_table(window.out_zero_point, folded_zero_point=window.in_zero_point, factor=2)
    else:
        layout = Constant("weights", filters.reshape(taps, -1), "[y][x][channel]")
        scratch, kernel, table = 0, PLAIN, weights.table()
    return window_layer(operator, window, kernel, layout, table, scratch, weights.matrix.size)


OPERATIONS = {
    "DEPTHWISE_CONV_2D": Operation(
        compile=compile_depthwise_conv_2d,
        resolver="DepthwiseConv2D",
        types=(("int8", "int8"),),
        inputs=2,
        optional=1,
        ranks=(4, 4),
        options=(
            tflite.DepthwiseConv2DOptions,
            (*WINDOW_FIELDS, "FusedActivationFunction"),
        ),
        refuses=(NO_BIAS, *channels.REFUSES, UNFUSABLE),
    ),
}
