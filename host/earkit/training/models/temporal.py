"""temporal: first over time and frequency, then a residual network over time. 26,000 parameters.

No layer pads in time and only the first strides in it: a window that moves on by two frames makes one new row
in each layer and keeps the others. Two-dimensional filters share their weights over the channels, so that few
of them learn from few clips what a voice an octave higher sounds like.
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

FIT = {
    "epochs": 140,
    "watched": "val_loss",
    "patience": 70,
    "weight_decay": 1e-4,
    "windows": 16384,
    "passes": 5,
    "unknown": 0.5,
    "speech": 0.12,
    "hard": 0.12,
    "medley": 0.25,
    "teacher": 0.9,
    "kinds": 1.0,
    "even": True,
}
CHANGE = {"noise": 42.0, "tempo": 0.15, "reverb": 0.25, "equaliser": 3.0, "mask": 4, "cut": 0.15}


def layers(window: Any, labels: int) -> Any:
    return network(window, labels, places=(20, 32, 40, 56), width=64)


def network(window: Any, labels: int, places: tuple[int, ...], width: int) -> Any:
    """23 rows of 18 places, then 21x8, 19x6, 17x4, each place as deep as `places` says; then 17 rows
    of `width`, 13, 9, 5; their mean."""
    first, *others = places
    x = _normal(Conv2D(first, 5, strides=2, use_bias=False, name="first")(window), "first")
    for number, depth in enumerate(others):
        stride = 2 if number == 0 else 1
        x = _depthwise(x, (3, 3), f"place{number}")
        x = Conv2D(depth, (1, stride), strides=(1, stride), use_bias=False, name=f"mix{number}")(x)
        x = _normal(x, f"mix{number}")
    x = _depthwise(x, (1, 4), "row")
    x = _normal(Conv2D(width, 1, use_bias=False, name="row_mix")(x), "row_mix")
    for number in range(3):
        x = _block(x, width, f"block{number}")
    x = GlobalAveragePooling2D(name="mean")(x)
    x = Dropout(0.2, name="dropout")(x)
    return Dense(labels, activation="softmax", name="scores")(x)


def _block(x: Any, width: int, name: str) -> Any:
    """Five rows mixed within each channel, plus a mixture of the channels of that."""
    x = _depthwise(x, (5, 1), f"{name}_time")
    y = _normal(Conv2D(width, 1, use_bias=False, name=f"{name}_mix")(x), name)
    return Add(name=f"{name}_sum")([x, y])


def _depthwise(x: Any, reach: tuple[int, int], name: str) -> Any:
    x = DepthwiseConv2D(reach, use_bias=False, name=name)(x)
    return BatchNormalization(momentum=0.97, name=f"{name}_normal")(x)


def _normal(x: Any, name: str) -> Any:
    return ReLU(name=f"{name}_relu")(BatchNormalization(momentum=0.97, name=f"{name}_normal")(x))
