"""TFLite Micro's fixed-point arithmetic, in Python, for constants that the compiler folds.

Sources: quantization_util.cc, common.h and gemmlowp's fixedpoint.h, checked against the interpreter.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from earkit.compiler.graph import Operator, Refusal, Tensor

INT32_MAX = 2**31 - 1
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)
UNFUSABLE = Refusal("its fused activation (number {kind}) is not supported", "use ReLU or ReLU6, or none")
CLAMPS = {NONE: (None, None), RELU: (0.0, None), RELU_N1_TO_1: (-1.0, 1.0), RELU6: (0.0, 6.0)}


@dataclass(frozen=True)
class Multiplier:
    """value * 2^(shift - 31); the value is 0 or 2^30..2^31 - 1."""

    value: int
    shift: int


def quantize_multiplier(real: float) -> Multiplier:
    """TFLite's QuantizeMultiplier."""
    if real == 0.0:
        return Multiplier(0, 0)
    fraction, shift = math.frexp(real)
    value = round_half_away(fraction * 2**31)
    if value == 2**31:
        value //= 2
        shift += 1
    return Multiplier(0, 0) if shift < -31 else Multiplier(value, shift)


def round_half_away(x: float) -> int:
    """C's round()."""
    return int(math.copysign(math.floor(abs(Fraction(x)) + Fraction(1, 2)), x))


def wrap(x: int) -> int:
    """x modulo 2^32 as a signed 32-bit value."""
    return (x + 2**31) % 2**32 - 2**31


def doubling_high_product(a: int, b: int) -> int:
    """SaturatingRoundingDoublingHighMul."""
    return INT32_MAX if a == b == -(2**31) else (a * b + 2**30) >> 31


def rounding_shift(x: int, bits: int) -> int:
    """RoundingDivideByPOT: half away from zero."""
    if bits == 0:
        return x
    return (x + (1 << (bits - 1)) - (x < 0)) >> bits


def requantize(x: int, multiplier: Multiplier) -> int:
    """MultiplyByQuantizedMultiplier, which rounds twice."""
    shifted = wrap(x << max(multiplier.shift, 0))
    return rounding_shift(doubling_high_product(shifted, multiplier.value), max(-multiplier.shift, 0))


def clamp(x: int, low: int, high: int) -> int:
    """x within low..high."""
    return max(low, min(high, x))


def steps(value: float, scale: float) -> int:
    """How many quantisation steps a real value is, with float32's division."""
    return round_half_away(float(np.float32(value) / np.float32(scale)))


def activation_range(operator: Operator, output: Tensor) -> tuple[int, int]:
    """The clamp of the fused activation, quantised: CalculateActivationRangeQuantized.

    Raises ModelError for an activation that cannot be fused.
    """
    low, high = float_activation_range(operator)
    out_min = -128 if low is None else clamp(output.zero_point + steps(low, output.scale), -128, 127)
    out_max = 127 if high is None else clamp(output.zero_point + steps(high, output.scale), -128, 127)
    return out_min, out_max


def float_activation_range(operator: Operator) -> tuple[float | None, float | None]:
    """The clamp of the fused activation; None where there is no bound. Raises ModelError."""
    kind = operator.options["FusedActivationFunction"]
    if kind not in CLAMPS:
        raise operator.refuse(UNFUSABLE, kind=kind)
    return CLAMPS[kind]
