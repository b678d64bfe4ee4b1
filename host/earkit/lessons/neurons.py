"""Lessons 3 and 4: one neuron, then three, trained by Keras on six points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from earkit.errors import require
from earkit.lessons.dense import Network, of_keras
from earkit.lessons.line import QUESTION, XS, YS, Values
from earkit.progress import Progress, silent

EPOCHS = 50
ONE, THREE = (1,), (2, 1)
"""Neurons per layer."""


@dataclass(frozen=True)
class Trained:
    seed: int
    network: Network
    loss: Values
    """Mean squared error of each epoch, before its step."""
    answer: float
    """What the network says for x = QUESTION."""


def train(
    neurons: Sequence[int], seeds: Sequence[int], epochs: int = EPOCHS, progress: Progress = silent
) -> list[Trained]:
    """Train Dense layers of these many neurons from new weights for each seed: SGD at Keras's rate, 0.01.

    The same seed gives the same network on one machine.
    """
    model = _model(neurons)
    model.compile(optimizer="sgd", loss="mean_squared_error")
    runs = []
    for done, seed in enumerate(seeds):
        runs.append(_train_once(model, neurons, seed, epochs))
        progress("training", done + 1, len(seeds))
    return runs


def _model(neurons: Sequence[int]) -> Any:
    keras = require("keras", "train")
    return keras.Sequential([keras.Input((1,)), *(keras.layers.Dense(count) for count in neurons)])


def _train_once(model: Any, neurons: Sequence[int], seed: int, epochs: int) -> Trained:
    require("keras", "train").utils.set_random_seed(seed)
    model.set_weights(_model(neurons).get_weights())
    xs, ys = XS[:, None].astype(np.float32), YS[:, None].astype(np.float32)
    loss = [float(model.train_on_batch(xs, ys)) for _ in range(epochs)]  # six points are one batch
    network = of_keras(model)
    return Trained(seed, network, np.array(loss), float(network(np.array([QUESTION]))[0]))
