"""What was said against what it was taken for."""

import numpy as np
from numpy.typing import NDArray

Confusion = NDArray[np.int64]
"""int64[labels, labels]: clips by what was said (row) and what it was taken for (column)."""


def count(truth: NDArray[np.int64], taken_for: NDArray[np.int64], labels: int) -> Confusion:
    """Of int64[clips] each."""
    table = np.zeros((labels, labels), np.int64)
    np.add.at(table, (truth, taken_for), 1)
    return table


def recall(table: Confusion) -> NDArray[np.float64]:
    """float[labels]: the share of what was said that was taken for it; NaN for what never was said."""
    return _shares(table.diagonal(), table.sum(axis=1))


def precision(table: Confusion) -> NDArray[np.float64]:
    """float[labels]: the share of what was taken for it that was; NaN where nothing was."""
    return _shares(table.diagonal(), table.sum(axis=0))


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    shares = np.full(len(part), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
