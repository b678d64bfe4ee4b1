"""CONV_2D, int8, weights per channel or per tensor, dilation, groups, any stride and padding.

Recipe: read the window and the weights; choose the kernel: `mono` for an input of depth 1, `packed` for
the rest (`wide` for speed), the plain one where their limits do not hold (dilation, groups, a shift to the
left); lay the weights out for it; emit one call.
"""

from collections.abc import Callable

import tflite

from earkit.compiler import channels
from earkit.compiler.channels import Weights, read_weights
from earkit.compiler.check import require_rank, tensor
from earkit.compiler.graph import Array, Operator
from earkit.compiler.layer import Call, Channels, Constant, Kernel, Layer
from earkit.compiler.layout import pack_mono, pack_pairs_of_channels, pack_wide
from earkit.compiler.operation import Operation
from earkit.compiler.quantize import UNFUSABLE, activation_range
from earkit.compiler.window import WINDOW_FIELDS, Window, make_window

PLAIN = Kernel("ear_conv_2d", ("conv_2d.c",))
PACKED = Kernel("ear_conv_2d_packed", ("conv_2d_packed.c",))
WIDE = Kernel("ear_conv_2d_wide", ("conv_2d_wide.c",))
MONO = Kernel("ear_conv_2d_mono", ("conv_2d_mono.c", "rows.c"))
MONO_4 = Kernel(MONO.name, (*MONO.files, "conv_2d_mono_loop_4.c"))
MONO_8 = Kernel(MONO.name, (*MONO.files, "conv_2d_mono_loop_8.c"))
Pack = Callable[[Operator, Window, Weights], Layer]
MONO_SHORT_ROW = 48
"""EAR_CONV_2D_MONO_SHORT_ROW of firmware/core/kernels/kernels.h."""
MONO_LOOPS = {4: ("ear_mono_loop_4", MONO_4), 8: ("ear_mono_loop_8", MONO_8)}
"""By the kernel's columns, those that are filled up with zeros included."""


def compile_conv_2d(operator: Operator) -> Layer:
    return _compile(operator, _packed)


def compile_conv_2d_fast(operator: Operator) -> Layer:
    return _compile(operator, _wide)


def _compile(operator: Operator, pack: Pack) -> Layer:
    source, filters, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_rank(operator, filters, 4, 4)
    weights = read_weights(operator, 0)
    depth, height, width, kernel_depth = filters.shape
    window = make_window(
        operator, source, (height, width, kernel_depth), depth, activation_range(operator, output)
    )
    if window.in_depth % kernel_depth or depth % (window.in_depth // kernel_depth):
        raise operator.damaged("its groups do not divide the channels", filters)
    return _choose(operator, window, weights, pack)


def _choose(operator: Operator, window: Window, weights: Weights, pack: Pack) -> Layer:
    plain = (
        window.dilation_height == window.dilation_width == 1
        and window.kernel_depth == window.in_depth
        and weights.is_packable(window.in_zero_point)
    )
    if plain and window.in_depth == 1:
        return mono_layer(operator, window, weights, weights.values[..., 0])
    if plain:
        return pack(operator, window, weights)
    layout = Constant("weights", weights.values.reshape(window.out_depth, -1), "[out][y][x][in]")
    return window_layer(operator, window, PLAIN, layout, weights.table(), 0, weights.matrix.size)


def mono_layer(operator: Operator, window: Window, weights: Weights, filters: Array) -> Layer:
    """The layer of an input of depth 1; `filters` int8 [channel][y][x]."""
    layout = Constant("weights", pack_mono(filters), "doubled, per four channels: [y][two x][channel] pairs")
    width = -(-window.out_width // 2) * 2 * window.stride_width + -(-window.kernel_width // 2) * 2
    table = weights.packed_table(window.out_zero_point, factor=2)
    row = max(-(-width // 8) * 8, MONO_SHORT_ROW)
    scratch = 2 * row * window.kernel_height
    is_short = row == MONO_SHORT_ROW and window.stride_width == 2
    columns = -(-window.kernel_width // 2) * 2 if is_short else 0
    loop, kernel = MONO_LOOPS.get(columns, ("NULL", MONO))
    return window_layer(operator, window, kernel, layout, table, scratch, filters.size, (loop,))


def _packed(operator: Operator, window: Window, weights: Weights) -> Layer:
    layout = Constant(
        "weights", pack_pairs_of_channels(weights.values), "per two channels: [y][x][four in][channel]"
    )
    taps = window.kernel_height * window.kernel_width
    scratch = 6 * taps * (-(-window.in_depth // 4) * 4)
    table = weights.packed_table(window.out_zero_point)
    return window_layer(operator, window, PACKED, layout, table, scratch, weights.matrix.size)


def _wide(operator: Operator, window: Window, weights: Weights) -> Layer:
    layout = Constant(
        "weights", pack_wide(weights.values), "doubled, per two channels: [y][x][four in][pair][channel]"
    )
    taps = window.kernel_height * window.kernel_width
    scratch = 8 * taps * (-(-window.in_depth // 4) * 4)
    table = weights.packed_table(window.out_zero_point, factor=2)
    return window_layer(operator, window, WIDE, layout, table, scratch, weights.matrix.size)


def window_layer(
    operator: Operator,
    window: Window,
    kernel: Kernel,
    layout: Constant,
    table: Channels,
    scratch: int,
    position_macs: int,
    loop: tuple[str, ...] = (),
) -> Layer:
    """The call of a kernel that takes a window, its layout of the weights and its table of channels."""
    name = operator.own("window")
    tables = operator.own("weights"), operator.own("channels")
    last = ("scratch",) if scratch else ()

    def call(used: str) -> Call:
        return Call(kernel, (f"&{used}", "input", *tables, *loop, "output", *last))

    return Layer(
        operator=operator,
        inputs=(("input", tensor(operator, 0)),),
        call=call(name),
        struct=window.struct(name),
        rows=window.row_wise(name, call),
        constants=(layout,),
        channels=table,
        scratch_bytes=scratch,
        macs=window.positions * position_macs,
    )


OPERATIONS = {
    "CONV_2D": Operation(
        compile=compile_conv_2d,
        fast=compile_conv_2d_fast,
        resolver="Conv2D",
        types=(("int8", "int8"),),
        inputs=2,
        optional=1,
        ranks=(4, 4),
        options=(
            tflite.Conv2DOptions,
            (*WINDOW_FIELDS, "FusedActivationFunction"),
        ),
        refuses=(*channels.REFUSES, UNFUSABLE),
    ),
}
