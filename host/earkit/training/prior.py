"""Give `unknown` the weight of one label among others.

Training draws other words far more often than any word to hear, so that a model has met all that it must not
answer to; it comes to expect them. One number, taken off the logit of `unknown`, takes that back.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.training.epoch import real
from earkit.training.streams import Streams

_SHIFTS = np.arange(0.0, 3.0, 0.05)
_LEAST = 1e-9


def even_out(model: Any, validation: Streams) -> float:
    """Lower the last bias of `unknown` in a keras.Model that ends in a dense softmax, and say by how much
    (nats, 0 to 3): so much that the cross-entropy over the validation speakers' clips, in the middle of the
    window and as they were recorded, is least when each label counts alike."""
    every = np.arange(len(validation.labels))
    windows = [validation.middle_windows(), validation.windows(every, validation.as_recorded)]
    found = model.predict(real(np.concatenate(windows)), batch_size=256, verbose=0)
    shift = best_shift(found, np.tile(validation.labels, len(windows)))
    last = model.layers[-1]
    kernel, bias = last.get_weights()
    bias[1] -= shift
    last.set_weights([kernel, bias])
    return shift


def best_shift(found: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Nats after which probabilities[n, labels] have the least cross-entropy, each label counting alike."""
    weight = 1.0 / np.bincount(labels, minlength=found.shape[1])[labels]
    logits = np.log(found.astype(np.float64) + _LEAST)

    def cross_entropy(shift: float) -> float:
        moved = logits - shift * np.eye(found.shape[1])[1]
        right = moved[np.arange(len(labels)), labels] - np.log(np.exp(moved).sum(axis=1))
        return float(-(weight * right).sum())

    return float(min(_SHIFTS, key=cross_entropy))
