"""Random valid models over the supported operators: shapes, strides, padding, scales, branches.

A model is a chain of random operators, with side branches joined by ADD, and sometimes a second output.
Output scales are chosen from what the operator can reach, so that outputs are rarely all clamped.

The operators are those of the compiler's table. One with one input and no options is found by itself; others
have a method of ModelMaker that bears their name.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from tflite_writer import Writer

from earkit.compiler.ops import OPERATIONS

SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)
ELEMENTWISE = [
    name
    for name, operation in OPERATIONS.items()
    if operation.is_elementwise and operation.options is None and ("int8", "int8") in operation.types
]
RANKS = {"EXPAND_DIMS": (1, 3), "MEAN": (4, 4)}
"""Of operators that take more than the models here give them."""


@dataclass(frozen=True)
class Value:
    """An int8 tensor of the model under construction."""

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


class ModelMaker:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.writer = Writer()
        self.random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        self.row_strides: tuple[int, ...] = (1, 2, 3)

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def choice(self, *values: object) -> object:
        return self.draw(st.sampled_from(values))

    def scale(self, low: float = -7.0, high: float = 1.0) -> float:
        return float(np.float32(2.0 ** self.random.uniform(low, high)))

    def value(
        self, shape: tuple[int, ...], scale: float | None = None, zero_point: int | None = None
    ) -> Value:
        scale = self.scale() if scale is None else float(np.float32(scale))
        if zero_point is None:
            zero_point = int(self.choice(-128, 0, 127, int(self.random.integers(-128, 128))))
        index = self.writer.tensor(shape, "int8", [scale], [zero_point])
        return Value(index, shape, scale, zero_point)

    def reach(self, x: Value, weights: int, scale: float) -> float:
        """An output scale that some results exceed and most do not."""
        spread = 70 * 70 * np.sqrt(weights) * x.scale * scale
        return float(spread / 127 * 2.0 ** self.random.uniform(-2, 3))

    def filters(
        self, x: Value, shape: tuple[int, ...], dimension: int, fan_in: int, may_lack_bias: bool = True
    ) -> tuple[int, int, float]:
        """Weights and biases, per channel or per tensor, and an output scale for them."""
        channels = shape[dimension]
        per_channel = bool(self.choice(True, False))
        scales = [self.scale(-10, -3) for _ in range(channels if per_channel else 1)]
        weights = self.random.integers(-127, 128, shape).astype(np.int8)
        if self.number(0, 9) == 0:
            weights[...] = 127
        w = self.writer.tensor(shape, "int8", scales, [0] * len(scales), dimension, weights)
        limit = int(2 ** self.random.uniform(1, 16))
        bias = self.random.integers(-limit, limit + 1, channels).astype(np.int32)
        products = [float(np.float32(x.scale) * np.float32(s)) for s in scales]
        b = -1
        if not may_lack_bias or self.number(0, 4):
            b = self.writer.tensor((channels,), "int32", products, [0] * len(products), 0, bias)
        return w, b, self.reach(x, fan_in, float(np.median(scales)))

    def activation(self) -> int:
        return int(self.choice(NONE, NONE, RELU, RELU6, RELU_N1_TO_1))

    def extent(self, size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
        reach = (kernel - 1) * dilation + 1
        return -(-size // stride) if padding == SAME else -(-(size - reach + 1) // stride)

    def window(self, x: Value, largest: int) -> tuple[int, int, int, int, int, int, int, tuple[int, int]]:
        _, height, width, _ = x.shape
        padding = int(self.choice(SAME, VALID))
        dilation = self.number(1, 2) if self.number(0, 4) == 0 else 1
        limit = [size if padding == VALID else size + 2 for size in (height, width)]
        kernels = [self.number(1, max(1, min(largest, (size - 1) // dilation + 1))) for size in limit]
        strides = [int(self.choice(*self.row_strides)), self.number(1, 3)]
        out = tuple(
            self.extent(*args, dilation, padding)
            for args in zip((height, width), kernels, strides, strict=True)
        )
        return padding, *kernels, *strides, dilation, dilation, (out[0], out[1])

    def can(self, name: str, x: Value) -> bool:
        """Whether the operator, by the schema's name, may follow `x`."""
        low, high = RANKS.get(name) or OPERATIONS[name].ranks or (0, 8)
        return low <= len(x.shape) <= high and (name in ELEMENTWISE or hasattr(self, name.lower()))

    def follow(self, name: str, x: Value) -> Value:
        """Add the operator after `x` and return its output."""
        return self.elementwise(name, x) if name in ELEMENTWISE else getattr(self, name.lower())(x)

    def elementwise(self, name: str, x: Value) -> Value:
        operation = OPERATIONS[name]
        if operation.output_scale:
            y = self.value(x.shape, *operation.output_scale)
        elif operation.keeps_scale:
            y = self.value(x.shape, x.scale, x.zero_point)
        else:
            y = self.value(x.shape, x.scale * 2.0 ** self.random.uniform(-2, 2))
        self.writer.operator(name, [x.index], [y.index])
        return y

    def lookup(self, x: Value) -> Value:
        return self.elementwise(str(self.choice(*ELEMENTWISE)), x)

    # Each of these adds one operator after `x` and returns its output.

    def conv_2d(self, x: Value) -> Value:
        padding, kh, kw, sh, sw, dh, dw, out = self.window(x, 10 if x.shape[3] == 1 else 4)
        depth = self.number(1, 13)
        w, b, scale = self.filters(x, (depth, kh, kw, x.shape[3]), 0, kh * kw * x.shape[3])
        y = self.value((x.shape[0], *out, depth), scale)
        self.writer.operator(
            "CONV_2D", [x.index, w, b], [y.index], "Conv2DOptions", Padding=padding, StrideH=sh, StrideW=sw,
            DilationHFactor=dh, DilationWFactor=dw, FusedActivationFunction=self.activation(),
        )  # fmt: skip
        return y

    def depthwise_conv_2d(self, x: Value) -> Value:
        padding, kh, kw, sh, sw, dh, dw, out = self.window(x, 10 if x.shape[3] == 1 else 5)
        multiplier = int(self.choice(1, 1, 2, 3, 8))
        depth = x.shape[3] * multiplier
        w, b, scale = self.filters(x, (1, kh, kw, depth), 3, kh * kw, may_lack_bias=False)
        y = self.value((x.shape[0], *out, depth), scale)
        self.writer.operator(
            "DEPTHWISE_CONV_2D", [x.index, w, b], [y.index], "DepthwiseConv2DOptions", Padding=padding,
            StrideH=sh, StrideW=sw, DilationHFactor=dh, DilationWFactor=dw, DepthMultiplier=multiplier,
            FusedActivationFunction=self.activation(),
        )  # fmt: skip
        return y

    def fully_connected(self, x: Value) -> Value:
        flat = int(np.prod(x.shape)) // x.shape[0]
        out = self.number(1, 13)
        w, b, scale = self.filters(x, (out, flat), 0, flat)
        y = self.value((x.shape[0], out), scale)
        self.writer.operator(
            "FULLY_CONNECTED", [x.index, w, b], [y.index], "FullyConnectedOptions",
            FusedActivationFunction=self.activation(),
        )  # fmt: skip
        return y

    def average_pool_2d(self, x: Value) -> Value:
        return self.pool("AVERAGE_POOL_2D", x)

    def max_pool_2d(self, x: Value) -> Value:
        return self.pool("MAX_POOL_2D", x)

    def pool(self, name: str, x: Value) -> Value:
        padding, kh, kw, sh, sw, _, _, out = self.window(x, 5)
        if padding == VALID:
            out = (self.extent(x.shape[1], kh, sh, 1, VALID), self.extent(x.shape[2], kw, sw, 1, VALID))
        y = self.value((x.shape[0], *out, x.shape[3]), x.scale, x.zero_point)
        self.writer.operator(
            name, [x.index], [y.index], "Pool2DOptions", Padding=padding, StrideH=sh, StrideW=sw,
            FilterHeight=kh, FilterWidth=kw, FusedActivationFunction=self.activation(),
        )  # fmt: skip
        return y

    def mean(self, x: Value) -> Value:
        axes = self.choice((1, 2), (2, 1), (1,), (2,), (3,), (-1,), (1, 2, 3), (1, 3))
        keep = bool(self.choice(True, False))
        dropped = {axis % 4 for axis in axes}
        shape = tuple(1 if i in dropped else s for i, s in enumerate(x.shape) if keep or i not in dropped)
        y = self.value(shape, x.scale * 2.0 ** self.random.uniform(-2, 1))
        self.writer.operator(
            "MEAN", [x.index, self.writer.constant(list(axes))], [y.index], "ReducerOptions", KeepDims=keep
        )
        return y

    def pad(self, x: Value) -> Value:
        y, paddings = self.padded(x)
        self.writer.operator("PAD", [x.index, paddings], [y.index], "PadOptions")
        return y

    def padv2(self, x: Value) -> Value:
        y, paddings = self.padded(x)
        data = self.random.integers(-128, 128, 1).astype(np.int8)
        value = self.writer.tensor((1,), "int8", [x.scale], [x.zero_point], data=data)
        self.writer.operator("PADV2", [x.index, paddings, value], [y.index])
        return y

    def padded(self, x: Value) -> tuple[Value, int]:
        paddings = [[0, 0], *([self.number(0, 3), self.number(0, 3)] for _ in range(len(x.shape) - 1))]
        shape = tuple(s + sum(p) for s, p in zip(x.shape, paddings, strict=True))
        return self.value(shape, x.scale, x.zero_point), self.writer.constant(paddings)

    def softmax(self, x: Value) -> Value:
        y = self.value(x.shape, 1 / 256, -128)
        beta = float(self.choice(1.0, 1.0, 0.5, 3.0))
        self.writer.operator("SOFTMAX", [x.index], [y.index], "SoftmaxOptions", Beta=beta)
        return y

    def reshape(self, x: Value) -> Value:
        size = int(np.prod(x.shape[1:]))
        divisors = [d for d in range(1, size + 1) if size % d == 0]
        a = int(self.draw(st.sampled_from(divisors)))
        b = int(self.draw(st.sampled_from([d for d in divisors if (size // a) % d == 0])))
        shape = (x.shape[0], a, b, size // a // b)
        y = self.value(shape, x.scale, x.zero_point)
        self.writer.operator(
            "RESHAPE", [x.index, self.writer.constant(list(shape))], [y.index], "ReshapeOptions"
        )
        return y

    def expand_dims(self, x: Value) -> Value:
        axis = self.number(1, len(x.shape))
        y = self.value((*x.shape[:axis], 1, *x.shape[axis:]), x.scale, x.zero_point)
        self.writer.operator("EXPAND_DIMS", [x.index, self.writer.constant([axis])], [y.index])
        return y

    def squeeze(self, x: Value) -> Value:
        """Of every dimension of 1, the batch's too."""
        shape = tuple(size for size in x.shape if size > 1)
        if not shape:
            return self.reshape(x)
        y = self.value(shape, x.scale, x.zero_point)
        self.writer.operator("SQUEEZE", [x.index], [y.index])
        return y

    def add(self, x: Value) -> Value:
        return self.add_constant(x) if self.choice(True, False) else self.residual(x)

    def add_both(self, x: Value, z: Value) -> Value:
        y = self.value(x.shape, max(x.scale, z.scale) * 2.0 ** self.random.uniform(-1, 2))
        inputs = [x.index, z.index] if self.choice(True, False) else [z.index, x.index]
        self.writer.operator(
            "ADD", inputs, [y.index], "AddOptions", FusedActivationFunction=self.activation()
        )
        return y

    def add_constant(self, x: Value) -> Value:
        shape = self.choice(x.shape, (x.shape[-1],), (1,) * len(x.shape))
        scale, zero_point = self.scale(), int(self.random.integers(-128, 128))
        data = self.random.integers(-128, 128, shape).astype(np.int8)
        index = self.writer.tensor(shape, "int8", [scale], [zero_point], data=data)
        return self.add_both(x, Value(index, tuple(shape), scale, zero_point))

    def residual(self, x: Value) -> Value:
        return self.add_both(x, self.lookup(x))


@st.composite
def models(draw: st.DrawFn) -> bytes:
    """A .tflite of one to six operators over an int8 image, with one or two outputs."""
    m = ModelMaker(draw)
    batches = 2 if m.number(0, 5) == 0 else 1
    depth = int(m.choice(1, 1, 2, 3, 4, 8, 12))
    first = x = m.value((batches, m.number(1, 14), m.number(1, 14), depth))
    seen = []
    for _ in range(m.number(1, 6)):
        usable = [name for name in (*OPERATIONS, "CONV_2D", "DEPTHWISE_CONV_2D", "ADD") if m.can(name, x)]
        name = draw(st.sampled_from(usable))
        if int(np.prod(x.shape)) > 4000:
            name = "FULLY_CONNECTED"
        x = m.follow(name, x)
        seen.append(x)
    outputs = [x.index]
    if len(seen) > 1 and m.number(0, 3) == 0:
        outputs.append(seen[m.number(0, len(seen) - 2)].index)
    return m.writer.bytes([first.index], outputs)


@st.composite
def lending_models(draw: st.DrawFn) -> bytes:
    """A .tflite like micro_speech: one layer over time, then a dense one. Most have something to lend."""
    m = ModelMaker(draw)
    first = x = m.value((1, m.number(16, 40), 4 * m.number(1, 3), 1))
    m.row_strides = (1, 2)
    for layer in (m.choice(m.conv_2d, m.depthwise_conv_2d), m.fully_connected, m.softmax):
        x = layer(x)
    return m.writer.bytes([first.index], [x.index])


@st.composite
def moving_models(draw: st.DrawFn) -> bytes:
    """A .tflite that streams: layers over time (any padding, stride 1 or 2, side branches), then a head."""
    m = ModelMaker(draw)
    rows, width = m.number(12, 30), m.number(1, 8)
    first = x = m.value((1, rows, width, int(m.choice(1, 1, 2, 4, 8))))
    m.row_strides = (1, 2, 2)
    for _ in range(m.number(1, 5)):
        if x.shape[1] < 6:
            break
        pools = m.average_pool_2d, m.max_pool_2d
        layer = m.choice(m.conv_2d, m.depthwise_conv_2d, m.conv_2d, m.choice(*pools), m.lookup, m.residual)
        x = layer(x)
        m.row_strides = (1,)
    heads = {"flat": (m.fully_connected, m.softmax), "mean": (m.mean, m.fully_connected), "none": ()}
    for layer in heads[str(m.choice(*heads))]:
        x = layer(x)
    return m.writer.bytes([first.index], [x.index])
