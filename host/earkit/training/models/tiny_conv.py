"""tiny_conv, the model of TFLM's micro_speech: 16,652 parameters, 336,000 multiply-accumulates."""

from typing import Any

from keras.layers import BatchNormalization, Dense, DepthwiseConv2D, Dropout, Flatten, ReLU

FIT = {"learning_rate": 0.003}
CHANGE = {"as_recorded": 0.0, "channels": 0, "loudness": 3}
"""So small a model learns less the more its clips vary, and knows a word only near the window's middle."""


def layers(window: Any, labels: int) -> Any:
    """Eight filters of 200 ms by 8 channels, then one dense layer over all of them.

    The normalisation is training's alone, the converter folds it into the filters; without it the same
    training ends four points lower.
    """
    x = DepthwiseConv2D(
        (10, 8), strides=2, padding="same", depth_multiplier=8, use_bias=False, name="filters"
    )(window)
    x = BatchNormalization(momentum=0.97, name="normalise")(x)
    x = ReLU(name="relu")(x)
    x = Flatten(name="flatten")(x)
    x = Dropout(0.2, name="dropout")(x)
    return Dense(labels, activation="softmax", name="scores")(x)
