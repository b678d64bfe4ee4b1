"""temporal: a small residual network over time. 30,000 parameters, 29,000 multiply-accumulates a step.

The 40 channels of a frame are the depth of the first layer, which moves by two frames, so that what follows
is one-dimensional: a row of 60 numbers for each 40 ms. No layer pads in time and only the first strides: a
window that moves on by two frames makes one new row in each layer and keeps the others.
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
    Reshape,
)

FIT = {"epochs": 50, "passes": 5, "unknown": 0.5, "speech": 0.2}
CHANGE = {"noise": 42.0, "tempo": 0.15, "reverb": 0.25, "equaliser": 3.0, "mask": 4}


def layers(window: Any, labels: int) -> Any:
    """49 frames, then 24 rows of 60, then 22, 20, 16, 12, 8: the mean of these, which each saw 0.7 s."""
    return network(window, labels, width=60, first=3, kernels=(3, 3, 5, 5, 5), dropout=0.3)


def network(
    window: Any, labels: int, width: int, first: int, kernels: tuple[int, ...], dropout: float
) -> Any:
    """`first` frames make a row of `width`; each of `kernels` is a block's reach in rows."""
    x = Reshape((49, 1, 40), name="frames")(window)
    x = Conv2D(width, (first, 1), strides=(2, 1), use_bias=False, name="rows")(x)
    x = ReLU(name="rows_relu")(BatchNormalization(momentum=0.97, name="rows_normal")(x))
    for number, kernel in enumerate(kernels):
        x = _block(x, width, kernel, f"block{number}")
    x = GlobalAveragePooling2D(name="mean")(x)
    x = Dropout(dropout, name="dropout")(x)
    return Dense(labels, activation="softmax", name="scores")(x)


def _block(x: Any, width: int, kernel: int, name: str) -> Any:
    """A mixture of rows within each channel, plus a mixture of the channels of that."""
    x = DepthwiseConv2D((kernel, 1), use_bias=False, name=f"{name}_time")(x)
    x = BatchNormalization(momentum=0.97, name=f"{name}_time_normal")(x)
    y = Conv2D(width, 1, use_bias=False, name=f"{name}_channels")(x)
    y = ReLU(name=f"{name}_relu")(BatchNormalization(momentum=0.97, name=f"{name}_normal")(y))
    return Add(name=f"{name}_sum")([x, y])
