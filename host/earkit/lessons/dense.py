"""Small dense networks of plain weights: what they compute, and their .tflite."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit import files, paths
from earkit.errors import ModelError, require
from earkit.training.backend import quietly
from earkit.training.quantise import make_int8

Weights = NDArray[np.float32]
REACH = 20.0
"""An int8 model is calibrated on x from -REACH to REACH: beyond, its input ends."""


@dataclass(frozen=True)
class Dense:
    kernel: Weights
    """float32[inputs, neurons]"""
    bias: Weights
    """float32[neurons]"""


@dataclass(frozen=True)
class Network:
    """Dense layers one after another, from one number to one number, without activations between."""

    layers: tuple[Dense, ...]

    def __call__(self, x: NDArray[Any]) -> Weights:
        """float32[n] of the outputs for [n] inputs, computed in float32."""
        values = np.asarray(x, np.float32)[:, None]
        for layer in self.layers:
            values = values @ layer.kernel + layer.bias
        return np.asarray(values[:, 0], np.float32)


def line(w: float, b: float) -> Network:
    """y = w x + b as a network of one neuron."""
    with np.errstate(over="ignore"):  # to_tflite refuses what does not fit
        return Network((Dense(np.array([[w]], np.float32), np.array([b], np.float32)),))


def of_keras(model: Any) -> Network:
    """The weights of a keras.Model of Dense layers."""
    return Network(tuple(Dense(*(np.array(part) for part in layer.get_weights())) for layer in model.layers))


def to_keras(network: Network) -> Any:
    """The keras.Model with these weights, for batches of one."""
    keras = require("keras", "train")
    model = keras.Sequential([keras.Input((1,), batch_size=1, name="x")], name="network")
    for number, layer in enumerate(network.layers):
        model.add(keras.layers.Dense(layer.kernel.shape[1], name=f"layer_{number}"))
        model.layers[-1].set_weights([layer.kernel, layer.bias])
    return model


def to_tflite(network: Network, is_int8: bool, reach: float = REACH) -> bytes:
    """The .tflite, float32 throughout or int8 throughout (input and output too); the same bytes each time.

    int8 ranges are those of x from -reach to reach. Raises ModelError for weights that are no numbers or
    do not fit float32.
    """
    tensorflow = require("tensorflow", "train")
    if not all(np.isfinite(part).all() for layer in network.layers for part in (layer.kernel, layer.bias)):
        raise ModelError("the weights are no finite numbers", "train again, with a smaller learning rate")
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(to_keras(network))
    if is_int8:
        make_int8(converter, np.linspace(-reach, reach, 401, dtype=np.float32)[:, None])
    return bytes(quietly(converter.convert))


def cached(network: Network, lesson: str, is_int8: bool) -> Path:
    """The network's .tflite in the cache; its name is what the board calls the model."""
    data = to_tflite(network, is_int8)
    folder = paths.cache("lessons", hashlib.sha256(data).hexdigest()[:16])
    path = folder / f"{lesson}_{'int8' if is_int8 else 'float32'}.tflite"
    files.write_bytes(path, data)
    return path
