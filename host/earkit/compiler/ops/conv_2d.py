"""CONV_2D, int8, weights per channel or per tensor, dilation, groups, any stride and padding.

Recipe: read the window and the weights; choose the kernel: `mono` for an input of depth 1, `packed` for
the rest (`wide` for speed), the plain one where their limits do not hold (dilation, groups, a shift to the
left); lay the weights out for it; emit one call.
"""

from earkit.compiler.channels import Weights, read_weights
from earkit.compiler.check import require_counts, require_rank, require_type, tensor
from earkit.compiler.graph import Array, Operator
from earkit.compiler.layer import Channels, Constant, Layer
from earkit.compiler.layout import pack_mono, pack_pairs_of_channels, pack_wide
from earkit.compiler.quantize import activation_range
from earkit.compiler.window import Window, make_window

MONO_SHORT_ROW = 48
"""EAR_CONV_2D_MONO_SHORT_ROW of firmware/core/kernels/kernels.h."""
MONO_LOOPS = {4: "ear_mono_loop_4", 8: "ear_mono_loop_8"}
"""By the kernel's columns, those that are filled up with zeros included."""


def compile_conv_2d(operator: Operator, fast: bool = False) -> Layer:
    """`fast`: spend flash, twice the weights, for fewer instructions."""
    require_counts(operator, 2, optional=1)
    source, filters, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_type(operator, output, "int8")
    require_rank(operator, source, 4, 4)
    require_rank(operator, filters, 4, 4)
    weights = read_weights(operator, 0)
    require_type(operator, source, "int8")
    depth, height, width, kernel_depth = filters.shape
    window = make_window(
        operator, source, (height, width, kernel_depth), depth, activation_range(operator, output)
    )
    if window.in_depth % kernel_depth or depth % (window.in_depth // kernel_depth):
        raise operator.error(
            "its groups do not divide the channels", "export or copy the model again", filters
        )
    return _emit(operator, window, weights, fast)


def _emit(operator: Operator, window: Window, weights: Weights, fast: bool) -> Layer:
    plain = (
        window.dilation_height == window.dilation_width == 1
        and window.kernel_depth == window.in_depth
        and weights.is_packable(window.in_zero_point)
    )
    if plain and window.in_depth == 1:
        return mono_layer(operator, window, weights, weights.values[..., 0])
    if plain:
        return (_wide if fast else _packed)(operator, window, weights)
    layout = Constant("weights", weights.values.reshape(window.out_depth, -1), "[out][y][x][in]")
    return _layer(operator, window, "ear_conv_2d", layout, weights.table(), 0, weights.matrix.size)


def mono_layer(operator: Operator, window: Window, weights: Weights, filters: Array) -> Layer:
    """The layer of an input of depth 1; `filters` int8 [channel][y][x]."""
    layout = Constant("weights", pack_mono(filters), "doubled, per four channels: [y][two x][channel] pairs")
    width = -(-window.out_width // 2) * 2 * window.stride_width + -(-window.kernel_width // 2) * 2
    channels = weights.packed_table(window.out_zero_point, factor=2)
    row = max(-(-width // 8) * 8, MONO_SHORT_ROW)
    scratch = 2 * row * window.kernel_height
    is_short = row == MONO_SHORT_ROW and window.stride_width == 2
    loop = MONO_LOOPS.get(-(-window.kernel_width // 2) * 2, "NULL") if is_short else "NULL"
    return _layer(operator, window, "ear_conv_2d_mono", layout, channels, scratch, filters.size, f"{loop}, ")


def _packed(operator: Operator, window: Window, weights: Weights) -> Layer:
    layout = Constant(
        "weights", pack_pairs_of_channels(weights.values), "per two channels: [y][x][four in][channel]"
    )
    taps = window.kernel_height * window.kernel_width
    scratch = 6 * taps * (-(-window.in_depth // 4) * 4)
    channels = weights.packed_table(window.out_zero_point)
    return _layer(operator, window, "ear_conv_2d_packed", layout, channels, scratch, weights.matrix.size)


def _wide(operator: Operator, window: Window, weights: Weights) -> Layer:
    layout = Constant(
        "weights", pack_wide(weights.values), "doubled, per two channels: [y][x][four in][pair][channel]"
    )
    taps = window.kernel_height * window.kernel_width
    scratch = 8 * taps * (-(-window.in_depth // 4) * 4)
    channels = weights.packed_table(window.out_zero_point, factor=2)
    return _layer(operator, window, "ear_conv_2d_wide", layout, channels, scratch, weights.matrix.size)


def _layer(
    operator: Operator,
    window: Window,
    kernel: str,
    layout: Constant,
    channels: Channels,
    scratch: int,
    position_macs: int,
    loop: str = "",
) -> Layer:
    last = ", scratch" if scratch else ""

    name = f"layer_{operator.index}_window"

    def body(used: str) -> str:
        return f"{kernel}(&{used}, input, weights, channels, {loop}output{last});"

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
        macs=window.positions * position_macs,
    )
