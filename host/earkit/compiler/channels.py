"""Bias, multiplier and shift of each output channel of a convolution or dense layer."""

from dataclasses import dataclass

import numpy as np

from earkit.compiler.check import require_shape, require_type
from earkit.compiler.graph import NOT_CONSTANT, Array, Operator, Refusal, Tensor, constant
from earkit.compiler.layer import Channels
from earkit.compiler.quantize import Multiplier, quantize_multiplier, wrap

LARGEST_SUM = 2**30 - 1
LARGEST_SHIFT = 22

HYBRID = Refusal(
    "it is hybrid: int8 weights, float32 activations",
    "convert the model with full int8 quantisation (a representative data set)",
)
ASYMMETRIC = Refusal("its weights have a zero point", "convert the model again: int8 weights are symmetric")
ACROSS = Refusal("its weights are quantised along dimension {given}, not {wanted}", "convert the model again")
REFUSES = (HYBRID, ASYMMETRIC, ACROSS, NOT_CONSTANT)
"""What read_weights refuses."""


@dataclass(frozen=True)
class Weights:
    """The constants of a convolution or dense layer."""

    values: Array
    """int8, as in the file."""
    matrix: Array
    """int64, [channel][weight]: the weights of each output channel."""
    bias: Array
    """int64, one per output channel."""
    multipliers: tuple[Multiplier, ...]

    def table(self) -> Channels:
        """`ear_channel`s."""
        rows = zip(self.bias, self.multipliers, strict=True)
        return Channels("ear_channel", tuple((int(b), m.value, m.shift) for b, m in rows))

    def packed_table(self, out_zero_point: int, folded_zero_point: int = 0, factor: int = 1) -> Channels:
        """`ear_packed_channel`s, with the input's zero point folded into the bias, times `factor`."""
        biases = factor * (self.bias - folded_zero_point * self.matrix.sum(axis=1))
        rows = []
        for bias, multiplier in zip(biases, self.multipliers, strict=True):
            shift = -multiplier.shift - 1
            rows.append((multiplier.value, shift, (2 * out_zero_point + 1) << shift, wrap(int(bias))))
        return Channels("ear_packed_channel", tuple(rows))

    def is_packable(self, zero_point: int) -> bool:
        """Whether the limits of `ear_packed_channel` hold."""
        reach = max(127 - zero_point, zero_point + 128)
        largest = np.abs(self.matrix).sum(axis=1) * reach + np.abs(self.bias)
        shifts = all(m.value > 0 and -LARGEST_SHIFT <= m.shift <= -1 for m in self.multipliers)
        return shifts and int(largest.max()) <= LARGEST_SUM


def read_weights(operator: Operator, dimension: int) -> Weights:
    """Check and read filter (input 1) and bias (input 2); `dimension` counts the output channels.

    Raises ModelError for hybrid or asymmetric quantisation and weights that are not constant.
    """
    source, output = operator.inputs[0], operator.outputs[0]
    filters = operator.inputs[1]
    assert source is not None and filters is not None
    if filters.dtype == "int8" and source.dtype == "float32":
        raise operator.refuse(HYBRID, filters)
    require_type(operator, filters, "int8")
    values = constant(operator, 1, "weights")
    matrix = np.moveaxis(values, dimension, 0).reshape(values.shape[dimension], -1).astype(np.int64)
    return Weights(
        values,
        matrix,
        _bias(operator, len(matrix)),
        _multipliers(operator, filters, source, output, dimension),
    )


def _bias(operator: Operator, channels: int) -> Array:
    tensor = operator.inputs[2] if len(operator.inputs) > 2 else None
    if tensor is None:
        return np.zeros(channels, np.int64)
    require_type(operator, tensor, "int32")
    require_shape(operator, tensor, (channels,))
    return constant(operator, 2, "biases").astype(np.int64)


def _multipliers(
    operator: Operator, filters: Tensor, source: Tensor, output: Tensor, dimension: int
) -> tuple[Multiplier, ...]:
    quantization = filters.quantization
    channels = filters.shape[dimension]
    if quantization is None or len(quantization.scales) not in (1, channels):
        raise operator.damaged("its weights have no fitting scales", filters)
    if any(quantization.zero_points):
        raise operator.refuse(ASYMMETRIC, filters)
    if len(quantization.scales) > 1 and quantization.dimension != dimension:
        raise operator.refuse(ACROSS, filters, given=quantization.dimension, wanted=dimension)
    scales = quantization.scales if len(quantization.scales) > 1 else quantization.scales * channels
    return tuple(quantize_multiplier(source.scale * scale / output.scale) for scale in scales)
