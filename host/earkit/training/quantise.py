"""From float weights to a full int8 .tflite that carries its settings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.errors import require
from earkit.settings import METADATA_NAME, OLD_METADATA_NAME, ModelSettings
from earkit.training import models
from earkit.training.backend import quietly
from earkit.training.epoch import real
from earkit.training.fit import Trained


def quantise(trained: Trained, settings: ModelSettings, representative: NDArray[np.int8]) -> bytes:
    """The .tflite of a trained model, the same bytes each time.

    representative: int8[n, 49, 40], a few hundred windows as the model will hear them; they set the
    ranges of what lies between the layers. The input is pinned to 0..26, so that a feature's int8 value
    is the model's input as it stands.
    """
    tensorflow = require("tensorflow", "train")
    fixed = models.build(
        trained.name, len(trained.labels), batch_size=1
    )  # no SHAPE and PACK for a free batch
    fixed.set_weights(trained.model.get_weights())
    pin = np.where(np.arange(1960).reshape(1, 49, 40) % 2, 127, -128).astype(np.int8)
    samples = real(np.concatenate([pin, representative]))
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(fixed)
    make_int8(converter, samples)
    return with_settings(bytes(quietly(converter.convert)), settings)


def make_int8(converter: Any, samples: NDArray[np.float32]) -> None:
    """Have a TFLiteConverter quantise everything, input and output too, on the ranges of `samples`.

    Each sample is an input without its batch dimension. Convolutions are quantised per channel, dense layers
    per tensor, because older TensorFlow Lite Micro (the Arduino port) reads no other.
    """
    tensorflow = require("tensorflow", "train")
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tensorflow.int8
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True


def with_settings(model: bytes, settings: ModelSettings) -> bytes:
    """The same model with `settings` as its metadata entry `earkit`, in place of any it had."""
    utils = require("tensorflow.lite.tools.flatbuffer_utils", "train")
    schema = require("tensorflow.lite.python.schema_py_generated", "train")
    tree = utils.convert_bytearray_to_object(bytearray(model))
    ours = METADATA_NAME.encode(), OLD_METADATA_NAME.encode()
    entry = next((old for old in tree.metadata or [] if old.name in ours), None)
    if entry is None:
        entry = schema.MetadataT()
        entry.buffer = len(tree.buffers)
        tree.metadata = [*(tree.metadata or []), entry]
        tree.buffers.append(schema.BufferT())
    entry.name = METADATA_NAME.encode()
    tree.buffers[entry.buffer].data = np.frombuffer(settings.to_json().encode(), np.uint8)
    return bytes(utils.convert_object_to_bytearray(tree))
