"""The board's path on the PC: front end, sliding window, model, recogniser, over a long sound."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earkit.audio.dataset import UNKNOWN, Split, speaker_of
from earkit.core import frontend
from earkit.core.recognizer import Recognizer
from earkit.evaluation import listening
from earkit.evaluation.engine import ROWS, Engine
from earkit.evaluation.listening import NOT_WORDS, Heard, Playlist, Samples
from earkit.settings import ModelSettings, RecognizerSettings

QUIET_MS = 1000
"""Results before this are not used: the window is not full yet."""
PAUSE = 1.5
"""Seconds between the clips of a playlist."""


def playlist(
    split: Split, labels: Sequence[str], per_word: int | None = None, others: int | None = None, seed: int = 0
) -> Playlist:
    """Clips of one split in random order, words to hear and other words mixed, over its quietest noise.

    `per_word` clips of each word (all by default), of as many speakers as there are, and `others` of other
    words (by default as many as of all words together). The background is one of the split's noises at an
    RMS of 66, -54 dB of full scale.
    """
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for label in range(len(labels) - 1, 0, -1):
        members = _by_turns(split, rng.permutation(np.flatnonzero(split.labels == label)))
        chosen += members[
            : (len(chosen) if others is None else others) if labels[label] == UNKNOWN else per_word
        ].tolist()
    noise = np.concatenate(split.noise).astype(np.float64)
    background = (noise * (66.0 / max(1.0, float(np.sqrt(np.mean(noise**2)))))).astype(np.int16)
    words = split.words()
    mixed = (chosen[i] for i in rng.permutation(len(chosen)))
    return listening.arrange(
        ((words[i], split.names[i], split.samples[i]) for i in mixed), background, pause=PAUSE
    )


def _by_turns(split: Split, clips: NDArray[np.int64]) -> NDArray[np.int64]:
    """The clips in an order in which each speaker has one turn before any has a second."""
    turns: dict[str, int] = {}
    rounds = []
    for clip in clips:
        speaker = speaker_of(split.names[clip])
        turns[speaker] = turns.get(speaker, -1) + 1
        rounds.append(turns[speaker])
    return clips[np.argsort(rounds, kind="stable")]


def listen(engine: Engine, samples: Samples, settings: ModelSettings) -> list[Heard]:
    """What a board with this model reports of a sound, int16[n] at 16 kHz, at the board's times."""
    return recognise(*scores(engine, samples), settings.labels, settings.recognizer)


def scores(engine: Engine, samples: Samples) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """The results that the spotter uses, int8[n, labels], and their times in ms."""
    found = engine.stream(frontend.to_int8(frontend.features(samples)))
    times = 20 * (ROWS * np.arange(len(found)) + ROWS + 1)
    used = times >= QUIET_MS
    return found[used], times[used]


def recognise(
    scores: NDArray[np.int8], times: NDArray[np.int64], labels: Sequence[str], settings: RecognizerSettings
) -> list[Heard]:
    """What the recogniser reports of int8[n, labels] at `times` in ms."""
    found = Recognizer(settings, len(labels)).update_all(scores, times)
    return [Heard(labels[r.label], r.score, ms) for ms, r in found if labels[r.label] not in NOT_WORDS]
