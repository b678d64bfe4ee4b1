"""What a network that has heard thousands of words makes of a sound: 96 numbers every 80 ms.

Google's speech embedding (Lin et al., "Training keyword spotters with limited and synthesized speech data",
ICASSP 2020; Apache-2.0) as two TensorFlow Lite models in the package pyopen-wakeword: from samples to a mel
spectrogram of 32 channels every 10 ms, and from 76 of its rows to an embedding. It was trained on other
recordings than any that are used here, and is far too large for the board; a teacher learns from it.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.errors import require
from earkit.training.backend import quietly
from earkit.training.streams import Index

CONTEXT = 9
"""Embeddings that a window of 49 frames is judged by: from 0.24 s before it to 0.18 s after it."""
_BEFORE, _AFTER = 5120, 6400
"""Samples of a quiet room around each sound, so that a window at its edge has its context too."""
_BATCH = 32


def embed(sounds: NDArray[np.int16]) -> NDArray[np.float16]:
    """float16[n, count, 96] of int16[n, samples] at 16 kHz; three seconds have 37 embeddings.

    Raises MissingExtraError without pyopen-wakeword.
    """
    return np.concatenate([_embed(sounds[i : i + _BATCH]) for i in range(0, len(sounds), _BATCH)])


def first_around(starts: Index) -> Index:
    """The first of the CONTEXT embeddings in whose middle the window is that starts at a frame of 20 ms."""
    return np.rint((20 * starts + 107) / 80).astype(np.int64)


def _embed(sounds: NDArray[np.int16]) -> NDArray[np.float16]:
    room = np.random.default_rng(0).normal(0, 2, _BEFORE + sounds.shape[1] + _AFTER)
    padded = (np.pad(sounds, ((0, 0), (_BEFORE, _AFTER))) + room).astype(np.float32)
    rows = [_run("melspectrogram", row[None]) for row in padded]  # one by one: it looks for the loudest
    mels = np.concatenate(rows).reshape(len(rows), -1, 32, 1)
    return _run("embedding_model", mels / np.float32(10) + np.float32(2))[:, :, 0].astype(np.float16)


def _run(name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    model = _model(name)
    source, target = model.get_input_details()[0], model.get_output_details()[0]
    if tuple(source["shape"]) != values.shape:
        model.resize_tensor_input(source["index"], values.shape)
        model.allocate_tensors()
    model.set_tensor(source["index"], values)
    model.invoke()
    found: NDArray[np.float32] = model.get_tensor(target["index"])
    return found


@cache
def _model(name: str) -> Any:
    require("pyopen_wakeword", "train")
    tensorflow = require("tensorflow", "train")
    content = (files("pyopen_wakeword") / "models" / f"{name}.tflite").read_bytes()

    def load() -> Any:
        model = tensorflow.lite.Interpreter(model_content=content, num_threads=2)
        model.allocate_tensors()
        return model

    return quietly(load)
