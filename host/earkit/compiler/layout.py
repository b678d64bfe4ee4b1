"""Weights in the order in which the kernels read them (described in firmware/core/kernels/kernels.h)."""

from typing import Any

import numpy as np

from earkit.compiler.graph import Array


def pack_mono(filters: Any) -> Array:
    """[channel][y][x] int8 to int16 [four channels][y][two x][channel][2], doubled, with zeros after it."""
    channels, height, width = filters.shape
    padded = 2 * _padded(filters, 4, 1, 2).astype(np.int16)
    split = padded.reshape(-1, 4, height, -(-width // 2), 2)
    return split.transpose(0, 2, 3, 1, 4).reshape(-(-channels // 4) * height, -1)


def pack_pairs_of_channels(filters: Array) -> Array:
    """[channel][y][x][in] int8 to [two channels][y][x][four in][channel][4]; an odd last is doubled."""
    channels = filters.shape[0]
    if channels % 2:
        filters = np.concatenate([filters, filters[-1:]])
    padded = _padded(filters, 1, 1, 1, 4)
    split = padded.reshape(len(filters) // 2, 2, -1, 4)
    return split.transpose(0, 2, 1, 3).reshape(len(filters) // 2, -1)


def pack_wide(filters: Array) -> Array:
    """[channel][y][x][in] int8 to int16 [two channels][y][x][four in][in 0 and 2, 1 and 3][channel][2],
    doubled; an odd last channel twice."""
    pairs = pack_pairs_of_channels(filters).astype(np.int16)
    split = 2 * pairs.reshape(len(pairs), -1, 2, 4)[..., [0, 2, 1, 3]].reshape(len(pairs), -1, 2, 2, 2)
    return split.transpose(0, 1, 3, 2, 4).reshape(len(pairs), -1)


def pack_depthwise(filters: Array) -> Array:
    """[y][x][channel] int8 to int16 [four channels][tap][channel 0, 2, 1, 3], doubled; taps in threes."""
    depth = filters.shape[2]
    padded = 2 * _padded(filters.reshape(-1, depth), 3, 1).astype(np.int16)
    taps = padded.reshape(-1, depth // 4, 4)[..., [0, 2, 1, 3]]
    return taps.transpose(1, 0, 2).reshape(depth // 4, -1)


def pack_dense(weights: Array) -> Array:
    """[out][in] int8 to [four out][four in][out][4], then what is left [out][in], flat; zeros after `in`."""
    padded = _padded(weights, 1, 4)
    blocks = len(weights) // 4 * 4
    interleaved = padded[:blocks].reshape(blocks // 4, 4, padded.shape[1] // 4, 4).transpose(0, 2, 1, 3)
    return np.concatenate([interleaved.ravel(), padded[blocks:].ravel()])


def _padded(array: Any, *multiples: int) -> Array:
    """`array` with zeros after it, so that each size is a multiple."""
    sizes = zip(array.shape, multiples, strict=True)
    return np.pad(array, [(0, -size % multiple) for size, multiple in sizes])
