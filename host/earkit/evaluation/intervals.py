"""How far a figure may be from the truth, with 95 % confidence, for want of more recordings."""

import numpy as np
from numpy.typing import NDArray

from earkit.errors import require

LEVEL = 0.95
RESAMPLES = 10_000

Interval = tuple[float, float]
Flags = NDArray[np.bool_]


def balanced(truth: NDArray[np.int64], right: Flags, seed: int = 0) -> Interval:
    """Of the mean over labels of the share that is right: the percentile bootstrap, which draws the clips of
    each label anew (Efron 1979).

    truth: what was said in each clip; right: whether it was taken for that.
    """
    shares = _resampled(truth, [right], seed)[0]
    return _percentiles(shares)


def difference(truth: NDArray[np.int64], first: Flags, second: Flags, seed: int = 0) -> Interval:
    """Of the balanced share of `first` less that of `second`, on the same clips: a paired bootstrap."""
    one, other = _resampled(truth, [first, second], seed)
    return _percentiles(one - other)


def poisson(count: int) -> Interval:
    """Of the mean number of events when `count` were seen: the exact interval (Garwood 1936)."""
    stats = require("scipy.stats", "train")
    tail = (1 - LEVEL) / 2
    low = 0.0 if count == 0 else float(stats.chi2.ppf(tail, 2 * count)) / 2
    return low, float(stats.chi2.ppf(1 - tail, 2 * count + 2)) / 2


def share(part: int, whole: int) -> Interval:
    """Of a share of which `part` of `whole` were seen (Wilson 1927)."""
    found = require("scipy.stats", "train").binomtest(part, whole).proportion_ci(LEVEL, method="wilson")
    return float(found.low), float(found.high)


def _resampled(truth: NDArray[np.int64], flags: list[Flags], seed: int) -> list[NDArray[np.float64]]:
    """For each of `flags` float[RESAMPLES]: its balanced share in clips drawn anew, the same for all."""
    rng = np.random.default_rng(seed)
    totals = [np.zeros(RESAMPLES) for _ in flags]
    labels = np.unique(truth)
    for label in labels:
        members = np.flatnonzero(truth == label)
        drawn = members[rng.integers(len(members), size=(RESAMPLES, len(members)))]
        for total, flag in zip(totals, flags, strict=True):
            total += flag[drawn].mean(axis=1)
    return [total / len(labels) for total in totals]


def _percentiles(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, [100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2])
    return float(low), float(high)
