"""What the first four lessons learn: y = 2x - 1, from six points."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

XS = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
YS = np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0])
QUESTION = 10.0
"""The x that a model is asked for, far from what it has seen."""


def truth(x: Values | float) -> Values | float:
    """2x - 1."""
    return 2.0 * x - 1.0


def linear_rule(x: float) -> float:
    """What the straight line through the six points says, found by least squares instead of by steps."""
    w, b = np.polyfit(XS, YS, 1)
    return float(w * x + b)


def mean_squared_error(w: Values, b: Values) -> Values:
    """The loss of y = w x + b over the six points, for every pair of w and b (they broadcast)."""
    w, b = np.broadcast_arrays(np.asarray(w, np.float64), np.asarray(b, np.float64))
    errors = w[..., None] * XS + b[..., None] - YS
    loss: Values = (errors**2).mean(axis=-1)
    return loss


def rule(w: float, b: float) -> str:
    """The line as a person writes it: `y = 2x − 1`."""
    sign = "−" if b < 0 else "+"
    return f"y = {w:.4g}x {sign} {abs(b):.4g}"
