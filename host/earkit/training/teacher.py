"""A teacher: small networks on the speech embedding, whose answers are targets for the model that ships.

It knows words by far better than a model of the board's size can learn them from a few hundred clips, and
names sounds that carry no label. Its answer to a clip comes from networks that never heard that speaker, so
that it is what it hears and not what it remembers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.progress import Progress, silent
from earkit.training import backend, embedding
from earkit.training.settings import FitSettings
from earkit.training.streams import TOP, Index, Streams

STEP = 4
"""An answer for every fourth frame at which a window can start: every embedding."""
_FOLDS = 4
"""Groups of speakers; each network leaves one out."""
_EPOCHS, _BATCH = 25, 256
_RATE = 2e-3
_PARTIAL = 0.05
_AT_ONCE = 2000
_LEAST = 1e-9

Answers = NDArray[np.float16]
"""float16[streams, 26, kinds]: probabilities for the windows at the frames 0, 4, ... 100."""


@dataclass(frozen=True)
class Teacher:
    networks: tuple[Any, ...]
    folds: dict[str, int]
    """The network that has not heard a speaker."""

    def answers(self, streams: Streams) -> Answers:
        """Of the network that has not heard the speaker; the mean of all to strangers."""
        count, kinds = len(streams.labels), self.networks[0].output_shape[-1]
        found = np.zeros((count, TOP // STEP + 1, kinds), np.float32)
        asked = np.zeros((count, 1, 1), np.float32)
        fold = np.array([self.folds.get(speaker, -1) for speaker in streams.speakers])
        for number, network in enumerate(self.networks):
            whose = np.flatnonzero((fold == number) | (fold == -1))
            for some in np.split(whose, range(_AT_ONCE, len(whose), _AT_ONCE)):
                found[some] += _ask(network, streams, some)
            asked[whose] += 1
        return (found / asked).astype(np.float16)


def at(answers: Answers, chosen: Index, starts: Index) -> NDArray[np.float32]:
    """float32[n, kinds]: to the windows from the frames `starts`, or up to 40 ms beside them."""
    return answers[chosen, np.minimum((starts + STEP // 2) // STEP, TOP // STEP)].astype(np.float32)


def weighed(answers: NDArray[np.float32], truth: NDArray[np.float32], doubt: float) -> NDArray[np.float32]:
    """Answers to clips with a label, float32[n, kinds], in its light: what speaks for anything but `truth`
    counts `doubt` times."""
    odds = answers * np.where(truth > 0, 1.0, doubt) + _LEAST
    found: NDArray[np.float32] = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return found


def teach(clips: Streams, labels: int, settings: FitSettings, progress: Progress = silent) -> Teacher:
    """Train it on clips with embeddings, to tell their kinds apart."""
    rng = np.random.default_rng([settings.seed, 3])
    speakers = np.setdiff1d(np.unique(clips.speakers), [""])
    folds = dict(zip(speakers.tolist(), rng.permutation(len(speakers)) % _FOLDS, strict=True))
    fold = np.array([folds.get(speaker, -1) for speaker in clips.speakers])
    networks = []
    for number in range(_FOLDS):
        heard = fold != number
        lost = ~np.isin(clips.labels, clips.labels[heard])  # a word that only speakers left out say
        networks.append(_train(clips, np.flatnonzero(heard | lost), labels, settings, number))
        progress("teaching the teacher", number + 1, _FOLDS)
    return Teacher(tuple(networks), folds)


def _train(clips: Streams, heard: Index, labels: int, settings: FitSettings, number: int) -> Any:
    keras = backend.keras()
    keras.utils.set_random_seed(10 * settings.seed + number)
    kinds = int(clips.kinds.max()) + 1
    network = _network(keras, kinds)
    steps = _EPOCHS * -(-settings.windows // _BATCH)
    network.compile(backend.optimiser(_RATE, steps, 1e-3), keras.losses.CategoricalCrossentropy())
    for epoch in range(_EPOCHS):
        rng = np.random.default_rng([settings.seed, number, epoch])
        network.fit(*_epoch(clips, heard, labels, settings, rng), batch_size=_BATCH, verbose=0)
    return network


def _network(keras: Any, kinds: int) -> Any:
    layers = keras.layers
    heard = keras.Input((embedding.CONTEXT, 96))
    x = layers.Dropout(0.2)(layers.BatchNormalization()(heard))
    for layer in (layers.Conv1D(128, 3, use_bias=False), layers.Dense(96, use_bias=False)):
        x = layers.ReLU()(layers.BatchNormalization()(layer(x)))
        x = layers.Flatten()(layers.Dropout(0.4)(x))
    return keras.Model(heard, layers.Dense(kinds, activation="softmax")(x))


def _epoch(
    clips: Streams, heard: Index, labels: int, settings: FitSettings, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    chosen = heard[settings.draw(clips.labels[heard], labels, settings.windows, rng)]
    starts, is_partial = clips.some_partial(chosen, rng, settings.augmentation, _PARTIAL)
    kinds = np.where(is_partial, 1, clips.kinds[chosen])
    return _around(clips, chosen, starts), np.eye(int(clips.kinds.max()) + 1, dtype=np.float32)[kinds]


def _around(streams: Streams, chosen: Index, starts: Index) -> NDArray[np.float32]:
    """float32[n, CONTEXT, 96]: the embeddings around windows."""
    places = embedding.first_around(starts)[:, None] + np.arange(embedding.CONTEXT)
    found: NDArray[np.float32] = streams.embeddings[chosen[:, None], places].astype(np.float32)
    return found


def _ask(network: Any, streams: Streams, some: Index) -> NDArray[Any]:
    starts = np.arange(0, TOP + 1, STEP)
    sounds = _around(streams, np.repeat(some, len(starts)), np.tile(starts, len(some)))
    found = network.predict(sounds, batch_size=8192, verbose=0)
    return np.asarray(found, np.float32).reshape(len(some), len(starts), -1)
