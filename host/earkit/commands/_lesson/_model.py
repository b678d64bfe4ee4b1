"""A trained tiny_conv's weights, out of its .tflite."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.compiler import info
from earkit.compiler.graph import Graph, Operator, Refusal, Tensor
from earkit.compiler.read import read_model
from earkit.errors import ModelError
from earkit.lessons.cnn import TinyConv

SHIPPED = "micro_speech"
NOT_QUANTISED = Refusal("it is not quantised", "convert the model with full int8 quantisation")
"""The tiny_conv that ships, whichever model the board runs by default."""
SHAPE = (1, 10, 8, 8)
"""Of the filters."""


def read_tiny_conv(path: Path) -> TinyConv:
    """Raises ModelError when the file is no model, or one of another shape."""
    graph = read_model(path)
    filters, dense = _only(graph, "DEPTHWISE_CONV_2D"), _only(graph, "FULLY_CONNECTED")
    settings = info.find_settings(graph, None).settings
    shapes = [part.shape for part in (filters.inputs[1], dense.inputs[1]) if part is not None]
    if settings is None or shapes != [SHAPE, (len(settings.labels), 4000)]:
        raise _other(graph)
    return TinyConv(
        labels=settings.labels,
        input_scale=graph.inputs[0].scale,
        filters=_real(filters, 1)[0],
        filter_bias=_real(filters, 2),
        dense=_real(dense, 1),
        dense_bias=_real(dense, 2),
    )


def _only(graph: Graph, name: str) -> Operator:
    found = [operator for operator in graph.operators if operator.name == name]
    if len(found) != 1 or len(found[0].inputs) != 3:
        raise _other(graph)
    return found[0]


def _other(graph: Graph) -> ModelError:
    return ModelError(f"{graph.name} is no tiny_conv", f"choose one, such as {SHIPPED}")


def _real(operator: Operator, position: int) -> NDArray[np.float32]:
    """A constant's values in real units."""
    tensor: Tensor | None = operator.inputs[position]
    if tensor is None or tensor.data is None or tensor.quantization is None:
        raise operator.refuse(NOT_QUANTISED, tensor)
    shape = [1] * len(tensor.shape)
    if len(tensor.quantization.scales) > 1:
        shape[tensor.quantization.dimension] = -1
    scales = np.reshape(tensor.quantization.scales, shape)
    zeros = np.reshape(tensor.quantization.zero_points, shape)
    return np.asarray((tensor.data.astype(np.float64) - zeros) * scales, np.float32)
