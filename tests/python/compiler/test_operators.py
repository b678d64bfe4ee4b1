"""Single operators against the TFLite Micro interpreter, where random models seldom go."""

import numpy as np
import pytest
from tflite_writer import Writer

from earkit.bench.exactness import WheelModel, check_graph
from earkit.compiler.compile import compile_graph
from earkit.compiler.fixedpoint import logistic_table
from earkit.compiler.quantize import quantize_multiplier, requantize
from earkit.compiler.read import parse

pytest.importorskip("tflite_micro")


def assert_exact(data: bytes, inputs: int = 40) -> None:
    result = check_graph(parse(data, "m", "m.tflite"), inputs)
    assert (result.host, result.board or 0) == (0, 0), result


@pytest.mark.parametrize("seed", range(40))
def test_logistic_on_all_inputs(seed: int) -> None:
    random = np.random.default_rng(seed)
    scale = float(np.float32(2.0 ** random.uniform(-12, 3)))
    zero_point = int(random.integers(-128, 128))
    w = Writer()
    x, y = w.tensor((1, 256), "int8", [scale], [zero_point]), w.tensor((1, 256), "int8", [1 / 256], [-128])
    w.operator("LOGISTIC", [x], [y])
    wheel = WheelModel(parse(w.bytes([x], [y]), "m", "m"), 1 << 16)
    expected = wheel.invoke(np.arange(-128, 128, dtype=np.int8).reshape(1, 256))[0].ravel()
    assert logistic_table(scale, zero_point) == expected.tolist()


def test_softmax_of_every_difference() -> None:
    """256 rows of two whose difference is 0..255, at several scales in one model."""
    w = Writer()
    ends = []
    for scale in (0.0002, 0.003, 0.0117, 0.05, 0.0917, 0.3, 1.7, 21.0):
        x, y = w.tensor((256, 2), "int8", [scale], [3]), w.tensor((256, 2), "int8", [1 / 256], [-128])
        w.operator("SOFTMAX", [x], [y], "SoftmaxOptions", Beta=1.0)
        ends.append((x, y))
    data = w.bytes([x for x, _ in ends], [y for _, y in ends])
    graph = parse(data, "m", "m")
    rows = np.stack([np.full(256, -128), np.arange(-128, 128)], axis=1).astype(np.int8)
    wheel = WheelModel(graph, 1 << 18)
    expected = wheel.invoke(*[rows] * len(ends))
    assert all(len(np.unique(e)) > 1 for e in expected)
    assert_exact(data)


def told_apart(seed: int) -> tuple[float, float, float, list[int]]:
    """Scales of input, weights and output for which the products in float32 and in double give different
    multipliers, and accumulators that the two round to different int8."""
    random = np.random.default_rng(seed)
    while True:
        x, weights = (float(np.float32(scale)) for scale in random.uniform(0.01, 0.05, 2))
        y = float(np.float32(x * weights * random.uniform(300, 1500)))
        exact, single = (
            quantize_multiplier(product / y) for product in (x * weights, float(np.float32(x * weights)))
        )
        near = [round((k + 0.5) * y / (x * weights)) for k in range(-120, 120)]
        found = [a for a in near if requantize(a, exact) != requantize(a, single)]
        if found:
            return x, weights, y, found


@pytest.mark.parametrize("seed", range(5))
def test_multiplier_of_a_dense_layer_with_one_scale(seed: int) -> None:
    """The product of the two scales is exact, as in the pinned wheel. The biases are the accumulators."""
    x_scale, weight_scale, y_scale, sums = told_apart(seed)
    w = Writer()
    x = w.tensor((1, 8), "int8", [x_scale], [-128])
    weights = w.tensor((len(sums), 8), "int8", [weight_scale], [0], 0, np.zeros((len(sums), 8), np.int8))
    bias = w.tensor((len(sums),), "int32", [x_scale * weight_scale], [0], data=np.array(sums, np.int32))
    y = w.tensor((1, len(sums)), "int8", [y_scale], [0])
    w.operator("FULLY_CONNECTED", [x, weights, bias], [y], "FullyConnectedOptions", FusedActivationFunction=0)
    assert_exact(w.bytes([x], [y]), 5)


def test_open_batch() -> None:
    """Keras leaves the batch open in shape_signature; `shape` is what runs."""
    random = np.random.default_rng(0)
    w = Writer()
    x = w.tensor((1, 8), "int8", [0.1], [3], signature=(-1, 8))
    weights = w.tensor((4, 8), "int8", [0.05], [0], data=random.integers(-127, 128, (4, 8)).astype(np.int8))
    y = w.tensor((1, 4), "int8", [0.2], [-5], signature=(-1, 4))
    w.operator("FULLY_CONNECTED", [x, weights, -1], [y], "FullyConnectedOptions", FusedActivationFunction=0)
    assert_exact(w.bytes([x], [y]))


@pytest.mark.parametrize("activation", [0, 1, 3])
def test_float_dense(activation: int) -> None:
    """As in the lessons: two dense layers in float32, the second without bias."""
    random = np.random.default_rng(activation)
    w = Writer()
    x, h, y = w.tensor((1, 5), "float32"), w.tensor((1, 7), "float32"), w.tensor((1, 2), "float32")
    first = w.constant(random.normal(size=(7, 5)), "float32")
    second = w.constant(random.normal(size=(2, 7)), "float32")
    bias = w.constant(random.normal(size=7), "float32")
    w.operator(
        "FULLY_CONNECTED", [x, first, bias], [h], "FullyConnectedOptions", FusedActivationFunction=activation
    )
    w.operator("FULLY_CONNECTED", [h, second, -1], [y], "FullyConnectedOptions", FusedActivationFunction=0)
    assert_exact(w.bytes([x], [y]), 200)


def test_quantize_and_dequantize() -> None:
    w = Writer()
    x, q = w.tensor((1, 64), "float32"), w.tensor((1, 64), "int8", [0.037], [11])
    y = w.tensor((1, 64), "float32")
    w.operator("QUANTIZE", [x], [q], "QuantizeOptions")
    w.operator("DEQUANTIZE", [q], [y], "DequantizeOptions")
    assert_exact(w.bytes([x], [y]), 100)
    assert_exact(w.bytes([x], [q, y]), 30)


def test_several_inputs_and_outputs() -> None:
    """Outputs that are also read on, are inputs, constants, reshapes of both, or one tensor twice."""
    w = Writer()
    a, b = w.tensor((1, 4, 4, 2), "int8", [0.1], [3]), w.tensor((1, 4, 4, 2), "int8", [0.2], [-7])
    total = w.tensor((1, 4, 4, 2), "int8", [0.3], [1])
    w.operator("ADD", [a, b], [total], "AddOptions", FusedActivationFunction=1)
    flat_input, flat_total = w.tensor((1, 32), "int8", [0.1], [3]), w.tensor((1, 32), "int8", [0.3], [1])
    shape = w.constant([1, 32])
    w.operator("RESHAPE", [a, shape], [flat_input], "ReshapeOptions")
    w.operator("RESHAPE", [total, shape], [flat_total], "ReshapeOptions")
    clipped = w.tensor((1, 32), "int8", [0.3], [1])
    w.operator("RELU6", [flat_total], [clipped])
    assert_exact(w.bytes([a, b], [total, clipped]))
    assert_exact(w.bytes([a, b], [flat_input, flat_total]))
    assert_exact(w.bytes([a, b], [total, flat_total, clipped]))


def test_in_place_keeps_what_is_read_later() -> None:
    """x is overwritten in place only after its last reader."""
    w = Writer()
    x = w.tensor((1, 3, 3, 4), "int8", [0.1], [3])
    h, i, j, y = (
        w.tensor((1, 3, 3, 4), "int8", [s], [z]) for s, z in ((0.2, 5), (0.1, -9), (0.3, 0), (0.4, 2))
    )
    w.operator("RELU", [x], [h])
    w.operator("RELU", [h], [i])
    w.operator("ADD", [h, i], [j], "AddOptions", FusedActivationFunction=0)
    w.operator("ADD", [j, h], [y], "AddOptions", FusedActivationFunction=0)
    assert_exact(w.bytes([x], [y]))


def test_groups() -> None:
    random = np.random.default_rng(4)
    w = Writer()
    x = w.tensor((1, 5, 5, 6), "int8", [0.1], [-20])
    data = random.integers(-127, 128, (4, 3, 3, 3)).astype(np.int8)
    weights = w.tensor((4, 3, 3, 3), "int8", [0.01], [0], 0, data)
    bias = w.tensor((4,), "int32", [0.001], [0], data=random.integers(-99, 99, 4).astype(np.int32))
    y = w.tensor((1, 5, 5, 4), "int8", [0.5], [4])
    w.operator(
        "CONV_2D", [x, weights, bias], [y], "Conv2DOptions", Padding=0, StrideH=1, StrideW=1,
        DilationHFactor=1, DilationWFactor=1, FusedActivationFunction=0,
    )  # fmt: skip
    assert_exact(w.bytes([x], [y]))


@pytest.mark.parametrize(("kernel", "width"), [(8, 40), (8, 39), (4, 10), (4, 9), (7, 40), (3, 13), (8, 60)])
@pytest.mark.parametrize("depth", [8, 6])
def test_mono_loops(kernel: int, width: int, depth: int) -> None:
    """The shapes that choose among the loops of ear_conv_2d_mono, at stride 2, odd and even widths."""
    random = np.random.default_rng(kernel * width)
    w = Writer()
    x = w.tensor((2, 9, width, 1), "int8", [0.1], [-128])
    data = random.integers(-127, 128, (depth, 5, kernel, 1)).astype(np.int8)
    scales = [float(s) for s in random.uniform(0.001, 0.01, depth).astype(np.float32)]
    weights = w.tensor(data.shape, "int8", scales, [0] * depth, 0, data)
    products = [float(np.float32(0.1) * np.float32(s)) for s in scales]
    bias = w.tensor(
        (depth,), "int32", products, [0] * depth, data=random.integers(-999, 999, depth).astype(np.int32)
    )
    y = w.tensor((2, 5, -(-width // 2), depth), "int8", [0.4], [-100])
    w.operator(
        "CONV_2D", [x, weights, bias], [y], "Conv2DOptions", Padding=0, StrideH=2, StrideW=2,
        DilationHFactor=1, DilationWFactor=1, FusedActivationFunction=1,
    )  # fmt: skip
    data_bytes = w.bytes([x], [y])
    assert "ear_conv_2d_mono" in compile_graph(parse(data_bytes, "m", "m")).source
    assert_exact(data_bytes, 20)
