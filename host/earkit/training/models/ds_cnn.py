"""ds_cnn: depthwise-separable convolutions over time and frequency (Zhang et al., "Hello Edge", 2017)."""

from typing import Any

from keras.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    ReLU,
)

FIT = {"epochs": 30}
CHANGE = {"noise": 42.0, "tempo": 0.15, "reverb": 0.25, "equaliser": 3.0, "mask": 4}


def layers(window: Any, labels: int) -> Any:
    """A convolution of 5 frames by 5 channels, stride 2 by 4, then four separable blocks of 48."""
    x = _normal(Conv2D(48, 5, strides=(2, 4), use_bias=False, name="first")(window), "first")
    for number in range(4):
        x = DepthwiseConv2D(3, use_bias=False, name=f"depth{number}")(x)
        x = _normal(x, f"depth{number}")
        x = _normal(Conv2D(48, 1, use_bias=False, name=f"point{number}")(x), f"point{number}")
    x = GlobalAveragePooling2D(name="mean")(x)
    x = Dropout(0.3, name="dropout")(x)
    return Dense(labels, activation="softmax", name="scores")(x)


def _normal(x: Any, name: str) -> Any:
    return ReLU(name=f"{name}_relu")(BatchNormalization(momentum=0.97, name=f"{name}_normal")(x))
