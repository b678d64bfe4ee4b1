"""What is not supported is one line that names operator and tensor, and says what to do."""

import numpy as np
import pytest
from tflite_writer import Writer

from earkit.compiler.compile import compile_graph
from earkit.compiler.read import parse
from earkit.errors import ModelError


def refuse(w: Writer, inputs: list[int], outputs: list[int], *words: str, subgraphs: int = 1) -> None:
    with pytest.raises(ModelError) as caught:
        compile_graph(parse(w.bytes(inputs, outputs, subgraphs=subgraphs), "m", "m.tflite"))
    assert caught.value.hint
    for word in words:
        assert word in str(caught.value), str(caught.value)


def dense(w: Writer, x: int, y: int, weights: int) -> None:
    w.operator("FULLY_CONNECTED", [x, weights, -1], [y], "FullyConnectedOptions", FusedActivationFunction=0)


def int8_weights(w: Writer, scales: int = 1, zero_point: int = 0, name: str = "kernel") -> int:
    data = np.ones((4, 8), np.int8)
    return w.tensor((4, 8), "int8", [0.1] * scales, [zero_point] * scales, data=data, name=name)


def test_unknown_operator() -> None:
    w = Writer()
    x, y = w.tensor((1, 4), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0], name="wave")
    w.operator("COS", [x], [y])
    refuse(w, [x], [y], "operator 0 COS", "'wave'", "not supported", "CONV_2D")


def test_custom_operator() -> None:
    w = Writer()
    x, y = w.tensor((1, 4), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("SignalRfft", [x], [y])
    refuse(w, [x], [y], "custom SignalRfft")


def test_hybrid() -> None:
    w = Writer()
    x, y = w.tensor((1, 8), "float32"), w.tensor((1, 4), "float32")
    dense(w, x, y, int8_weights(w))
    refuse(w, [x], [y], "FULLY_CONNECTED", "'kernel'", "hybrid", "representative")


@pytest.mark.parametrize("dtype", ["int16", "uint8", "int32"])
def test_input_type(dtype: str) -> None:
    w = Writer()
    x, y = w.tensor((1, 4), dtype, [0.1], [0], name="wave"), w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("QUANTIZE", [x], [y], "QuantizeOptions")
    refuse(w, [x], [y], "'wave'", dtype)


def test_inner_type() -> None:
    w = Writer()
    x, h = w.tensor((1, 4), "int8", [0.1], [0]), w.tensor((1, 4), "int16", [0.1], [0], name="wide")
    y = w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("QUANTIZE", [x], [h], "QuantizeOptions")
    w.operator("QUANTIZE", [h], [y], "QuantizeOptions")
    refuse(w, [x], [y], "QUANTIZE", "'wide'", "int16")


def test_dynamic_shape() -> None:
    w = Writer()
    x, y = w.tensor((-1, 4), "int8", [0.1], [0], name="x"), w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("RELU", [x], [y])
    refuse(w, [x], [y], "'x'", "dynamic", "batch size of 1")


def test_shape_that_is_computed() -> None:
    """What Keras makes of Flatten with an open batch."""
    w = Writer()
    x, shape = w.tensor((1, 4), "int8", [0.1], [0], signature=(-1, 4)), w.tensor((2,), "int32", name="sizes")
    y = w.tensor((2, 2), "int8", [0.1], [0])
    w.operator("SHAPE", [x], [shape])
    w.operator("RESHAPE", [x, shape], [y], "ReshapeOptions")
    refuse(w, [x], [y], "operator 0 SHAPE", "'sizes'", "not supported")


def test_several_subgraphs() -> None:
    w = Writer()
    x, y = w.tensor((1, 4), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("RELU", [x], [y])
    refuse(w, [x], [y], "2 subgraphs", subgraphs=2)


def test_computed_weights() -> None:
    w = Writer()
    x, y = w.tensor((1, 8), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0])
    weights = w.tensor((4, 8), "int8", [0.1], [0], name="kernel")
    dense(w, x, y, weights)
    refuse(w, [x, weights], [y], "'kernel'", "not constant")


def test_asymmetric_weights() -> None:
    w = Writer()
    x, y = w.tensor((1, 8), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0])
    dense(w, x, y, int8_weights(w, zero_point=3))
    refuse(w, [x], [y], "'kernel'", "zero point")


@pytest.mark.parametrize("scale", [0.0, -0.1, 1e-42, 1e38, float("inf"), float("nan")])
def test_scales_that_arithmetic_cannot_bear(scale: float) -> None:
    w = Writer()
    x, y = w.tensor((1, 8), "int8", [scale], [0], name="in"), w.tensor((1, 4), "int8", [0.1], [0])
    dense(w, x, y, int8_weights(w))
    refuse(w, [x], [y], "'in'", "scales")


def test_wrong_number_of_scales() -> None:
    w = Writer()
    x, y = w.tensor((1, 8), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0])
    dense(w, x, y, int8_weights(w, scales=3))
    refuse(w, [x], [y], "'kernel'", "scales")


def test_not_quantised() -> None:
    w = Writer()
    x, y = w.tensor((1, 4), "int8", [0.1], [0]), w.tensor((1, 4), "int8", name="bare")
    w.operator("RELU", [x], [y])
    refuse(w, [x], [y], "'bare'", "no scale")


def pool(w: Writer, x: int, y: int, **changes: int) -> None:
    options = {
        "Padding": 1,
        "StrideH": 2,
        "StrideW": 2,
        "FilterHeight": 2,
        "FilterWidth": 2,
        "FusedActivationFunction": 0,
    } | changes
    w.operator("MAX_POOL_2D", [x], [y], "Pool2DOptions", **options)


@pytest.mark.parametrize("changes", [{"StrideH": 0}, {"FilterWidth": -1}, {"FusedActivationFunction": 4}])
def test_bad_options(changes: dict[str, int]) -> None:
    w = Writer()
    x, y = w.tensor((1, 4, 4, 2), "int8", [0.1], [0]), w.tensor((1, 2, 2, 2), "int8", [0.1], [0])
    pool(w, x, y, **changes)
    refuse(w, [x], [y], "operator 0 MAX_POOL_2D")


def test_wrong_output_shape() -> None:
    w = Writer()
    x, y = w.tensor((1, 4, 4, 2), "int8", [0.1], [0]), w.tensor((1, 3, 2, 2), "int8", [0.1], [0], name="out")
    pool(w, x, y)
    refuse(w, [x], [y], "'out'", "[1, 3, 2, 2]")


def test_written_twice_and_never() -> None:
    w = Writer()
    x, y = w.tensor((1, 4), "int8", [0.1], [0]), w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("RELU", [x], [y])
    w.operator("RELU", [x], [y])
    refuse(w, [x], [y], "written twice")
    v = Writer()
    x, y, z = (v.tensor((1, 4), "int8", [0.1], [0]) for _ in range(3))
    v.operator("RELU", [z], [y])
    refuse(v, [x], [y], "nothing has written")


def test_beyond_any_board() -> None:
    w = Writer()
    x, y = w.tensor((1, 4096, 4096), "int8", [0.1], [0]), w.tensor((1, 4096, 4096), "int8", [0.2], [0])
    z = w.tensor((1, 4096, 4096), "int8", [0.3], [0])
    w.operator("RELU", [x], [y])
    w.operator("ADD", [x, y], [z], "AddOptions", FusedActivationFunction=0)
    refuse(w, [x], [z], "working memory")
