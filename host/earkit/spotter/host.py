"""A model that listens on this computer: the board's own C from sample to word."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earkit.core.frontend import Samples
from earkit.core.recognizer import Recognizer
from earkit.core.spotter import BLOCK_SAMPLES, Spotter
from earkit.settings import ModelSettings
from earkit.spotter.heard import Heard
from earkit.spotter.model import HOPS, Engine, Window

Scores = NDArray[np.int8]


@dataclass(frozen=True)
class Step:
    """What a listener made of one block of sound."""

    ms: int
    """Sound so far."""
    row: NDArray[np.int8] | None = None
    """int8[40]: the features that the block completed."""
    scores: Scores | None = None
    """int8[labels], score - 128, where the model was run."""
    heard: Heard | None = None


class Listener:
    """Takes sound block by block, as it comes."""

    block_samples = BLOCK_SAMPLES

    def __init__(self, engine: Engine, settings: ModelSettings, hops: int = HOPS) -> None:
        """`hops` between two decisions. Raises ModelError for settings that the C cannot honour."""
        self._labels = settings.labels
        self._spotter = Spotter(settings, hops)
        self._window = Window(engine)

    @property
    def recognizer(self) -> Recognizer:
        """The rule, whose settings may be changed between blocks."""
        return self._spotter.recognizer

    def hear(self, block: Samples, lost: int = 0) -> Step:
        """Take int16[block_samples], before which `lost` blocks were lost."""
        rows = self._spotter.push(block, lost)
        ms, row = self._spotter.ms, self._spotter.row()
        if rows is None:
            return Step(ms, row)
        scores = self._window.slide(rows)
        found = self._spotter.decide(scores)
        heard = Heard(self._labels[found.label], found.score, ms) if found else None
        return Step(ms, row, scores, heard)


@dataclass(frozen=True)
class Scored:
    """What a model says of a whole sound, from which the answers of any rule follow."""

    scores: Scores
    """int8[n, labels], score - 128, of full windows only."""
    ms: NDArray[np.int64]
    """int64[n]: when."""


def score(engine: Engine, samples: Samples, settings: ModelSettings, hops: int = HOPS) -> Scored:
    """Run the model over int16[n] at 16 kHz, all at once."""
    due = Spotter(settings, hops).push_all(samples)
    scores = engine.stream(due.rows.reshape(-1, due.rows.shape[-1]), hops)
    return Scored(scores[due.is_full], due.ms[due.is_full])


def decide(scored: Scored, settings: ModelSettings) -> list[Heard]:
    """What the model's rule reports."""
    found = Spotter(settings).decide_all(scored.scores, scored.ms)
    return [Heard(settings.labels[one.label], one.score, ms) for ms, one in found]


def listen(engine: Engine, samples: Samples, settings: ModelSettings, hops: int = HOPS) -> list[Heard]:
    """What a board with this model reports of a sound, int16[n] at 16 kHz, at the board's times: as a
    Listener does, but all at once."""
    return decide(score(engine, samples, settings, hops), settings)
