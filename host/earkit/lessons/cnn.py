"""The network of tiny_conv, layer by layer in float: what the board computes in int8, made visible."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earkit.core import frontend

Floats = NDArray[np.float32]
STRIDE = 2


@dataclass(frozen=True)
class TinyConv:
    """Weights in real units."""

    labels: tuple[str, ...]
    """One per output."""
    input_scale: float
    """One int8 step of a feature; -128 is 0."""
    filters: Floats
    """float32[time, channel, filter]"""
    filter_bias: Floats
    """float32[filter]"""
    dense: Floats
    """float32[labels, steps * channels * filters], over the activations in that order."""
    dense_bias: Floats
    """float32[labels]"""

    def activations(self, window: NDArray[np.int8]) -> Floats:
        """float32[25, 20, filters] of the features int8[49, 40]: how strongly each filter answers where.

        TensorFlow's SAME padding, stride 2, ReLU.
        """
        rows, columns, _ = self.filters.shape
        real = (window.astype(np.float32) + 128) * np.float32(self.input_scale)
        padded = np.pad(
            real, [_padding(size, k) for size, k in zip(real.shape, (rows, columns), strict=True)]
        )
        patches = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns))[::STRIDE, ::STRIDE]
        answers = np.einsum("tcij,ijf->tcf", patches, self.filters) + self.filter_bias
        return np.asarray(np.maximum(answers, 0), np.float32)

    def scores(self, activations: Floats) -> Floats:
        """float32[labels] of the activations: probabilities, which add up to 1."""
        logits = self.dense @ activations.ravel() + self.dense_bias
        grown = np.exp(logits - logits.max())
        return np.asarray(grown / grown.sum(), np.float32)

    def hear(self, samples: NDArray[np.int16]) -> Floats:
        """float32[labels] of a clip of one second, int16[16000]."""
        return self.scores(self.activations(frontend.window_int8(samples)))


def _padding(size: int, kernel: int) -> tuple[int, int]:
    """Zeros before and after."""
    total = max(0, (-(-size // STRIDE) - 1) * STRIDE + kernel - size)
    return total // 2, total - total // 2
