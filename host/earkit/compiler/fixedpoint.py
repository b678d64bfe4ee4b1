"""TFLM's int8 logistic, in gemmlowp's fixed point. Qm stands for m integer and 31 - m fractional bits."""

import math

from earkit.compiler.quantize import (
    INT32_MAX,
    Multiplier,
    clamp,
    doubling_high_product,
    requantize,
    rounding_shift,
)

POWERS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""e^-(1/4), e^-(1/2), e^-1 ... e^-16 in Q0."""


def logistic_table(scale: float, zero_point: int) -> list[int]:
    """logistic((x - zero_point) * scale) as int8 with scale 1/256, for x = -128..127."""
    fraction, shift = math.frexp(scale * 2**27)
    multiplier = Multiplier(min(math.floor(fraction * 2**31 + 0.5), INT32_MAX), shift)
    radius = math.floor(15 * 2**27 / 2**shift)
    return [_logistic(x - zero_point, radius, multiplier) for x in range(-128, 128)]


def _logistic(x: int, radius: int, multiplier: Multiplier) -> int:
    if x <= -radius:
        return -128
    if x >= radius:
        return 127
    in_q4 = requantize(x, multiplier)
    return clamp(rounding_shift(_logistic_q4(in_q4), 23) - 128, -128, 127)


def _logistic_q4(x: int) -> int:
    """Q4 to Q0."""
    if x == 0:
        return 1 << 30
    positive = _reciprocal_of_one_plus(_exp(-abs(x)))
    return positive if x > 0 else INT32_MAX - positive


def _exp(x: int) -> int:
    """exp of x < 0 in Q4; the result in Q0."""
    quarter = 1 << 25
    within = (x & (quarter - 1)) - quarter
    quarters = within - x
    result = _exp_within_a_quarter(within << 4)
    for i, power in enumerate(POWERS[:6]):
        if quarters & (quarter << i):
            result = doubling_high_product(result, power)
    return result


def _exp_within_a_quarter(x: int) -> int:
    """exp of x, -1/4 <= x < 0, in Q0: Taylor around -1/8."""
    exp_of_minus_eighth, third = 1895147668, 715827883
    x += 1 << 28
    x2 = doubling_high_product(x, x)
    x3 = doubling_high_product(x2, x)
    x4 = doubling_high_product(x2, x2)
    tail = rounding_shift(doubling_high_product(rounding_shift(x4, 2) + x3, third) + x2, 1)
    return exp_of_minus_eighth + doubling_high_product(exp_of_minus_eighth, x + tail)


def _reciprocal_of_one_plus(x: int) -> int:
    """1 / (1 + x) in Q0 by Newton's method."""
    half = (x + INT32_MAX + 1) // 2
    estimate = 1515870810 + doubling_high_product(half, -1010580540)
    for _ in range(3):
        error = (1 << 29) - doubling_high_product(half, estimate)
        estimate += _saturated(doubling_high_product(estimate, error) << 2)
    return _saturated(estimate << 1)


def _saturated(x: int) -> int:
    return clamp(x, -(2**31), INT32_MAX)
