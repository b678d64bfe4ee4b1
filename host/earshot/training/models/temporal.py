"""temporal: a small residual network over time. 42,000 parameters; 36,000 multiply-accumulates a step.

The first layer looks at all 40 channels of five frames at once and moves by two, so that what comes after
is one-dimensional: rows of 64 numbers, one for each 40 ms. No layer pads in time and only the first strides,
so that a window that moves on by two frames makes one new row in each layer and keeps the others.
"""

from typing import Any

from keras.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    ReLU,
)

FIT = {"epochs": 50, "passes": 5}
CHANGE = {"noise": 42.0, "tempo": 0.15, "reverb": 0.25, "equaliser": 3.0, "mask": 4}
WIDTH, BLOCKS, DROPOUT = 64, 6, 0.3


def layers(window: Any, labels: int) -> Any:
    """49 frames, then 23 rows of `WIDTH`, then `BLOCKS` blocks which each take two rows off; their mean."""
    return network(window, labels, WIDTH, BLOCKS, DROPOUT)


def network(window: Any, labels: int, width: int, blocks: int, dropout: float) -> Any:
    x = Conv2D(width, (5, 40), strides=(2, 1), use_bias=False, name="rows")(window)
    x = ReLU(name="rows_relu")(BatchNormalization(momentum=0.97, name="rows_normal")(x))
    for number in range(blocks):
        x = _block(x, width, f"block{number}")
    x = GlobalAveragePooling2D(name="mean")(x)
    x = Dropout(dropout, name="dropout")(x)
    return Dense(labels, activation="softmax", name="scores")(x)


def _block(x: Any, width: int, name: str) -> Any:
    """A mixture of three rows within each channel, plus a mixture of the channels of that."""
    x = DepthwiseConv2D((3, 1), use_bias=False, name=f"{name}_time")(x)
    x = BatchNormalization(momentum=0.97, name=f"{name}_time_normal")(x)
    y = Conv2D(width, 1, use_bias=False, name=f"{name}_channels")(x)
    y = ReLU(name=f"{name}_relu")(BatchNormalization(momentum=0.97, name=f"{name}_normal")(y))
    return Add(name=f"{name}_sum")([x, y])
