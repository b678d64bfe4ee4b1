"""tiny_conv, the model of TFLM's micro_speech: 16,652 parameters, 336,000 multiply-accumulates."""

from typing import Any

from keras.layers import Dense, DepthwiseConv2D, Dropout, Flatten


def layers(window: Any, labels: int) -> Any:
    """Eight filters of 200 ms by 8 channels, then one dense layer over all of them."""
    x = DepthwiseConv2D(
        (10, 8), strides=2, padding="same", depth_multiplier=8, activation="relu", name="filters"
    )(window)
    x = Dropout(0.3, name="dropout")(x)
    x = Flatten(name="flatten")(x)
    return Dense(labels, activation="softmax", name="scores")(x)
