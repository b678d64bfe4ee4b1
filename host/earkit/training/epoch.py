"""What a model hears in one epoch: windows drawn anew, and what it should say to them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earkit.training import examples, teacher
from earkit.training.settings import FitSettings
from earkit.training.streams import TOP, Index, Streams
from earkit.training.teacher import Answers, Teacher

INPUT_SCALE = 26.0 / 255.0
"""One int8 step of a feature in the model's real units; -128 is 0."""
_HARDER = 5
"""As many windows of running speech are looked at for each one that is taken."""

Windows = NDArray[np.float32]
"""float32[n, 49, 40, 1] in 0..26"""
Targets = NDArray[np.float32]
"""float32[n, kinds], probabilities"""
Model = Callable[[Windows], NDArray[np.float32]]


@dataclass(frozen=True)
class Source:
    """Streams, and what a teacher says to them, where there is one."""

    streams: Streams
    answers: Answers | None


@dataclass(frozen=True)
class Material:
    """All that a training can draw from."""

    clips: Source
    speech: Source | None
    medleys: Source | None
    labels: int
    apart: tuple[str, ...]
    """Other words that are kinds of their own."""
    teacher: Teacher | None

    @property
    def kinds(self) -> int:
        return self.labels + len(self.apart)

    def said(self, kinds: Index) -> Targets:
        """The truth, as targets."""
        return np.eye(self.kinds, dtype=np.float32)[kinds]

    def epoch(self, model: Model, settings: FitSettings, rng: np.random.Generator) -> tuple[Windows, Targets]:
        """Windows and targets in random order; running speech, and some other words, are what the model most
        takes for words to hear."""
        windows, targets = self._clips(settings, rng)
        others = rng.permutation(np.flatnonzero(folded(targets, self.labels)[:, 1] > 0.5))
        spoken, hard = (round(share * settings.windows) for share in (settings.speech, settings.hard))
        if self.speech is not None:
            places = others[:spoken]
            anywhere = self._anywhere(self.speech, _HARDER * len(places), settings, rng)
            windows[places], targets[places] = _hardest(model, *anywhere, len(places))
        if settings.hard:
            places = others[spoken : spoken + hard]
            more, wanted = self._clips(settings, rng)
            unknown = folded(wanted, self.labels)[:, 1] > 0.5
            windows[places], targets[places] = _hardest(model, more[unknown], wanted[unknown], len(places))
        if self.medleys is not None:
            places = rng.permutation(settings.windows)[: round(settings.medley * settings.windows)]
            windows[places], targets[places] = self._anywhere(self.medleys, len(places), settings, rng)
        return windows, targets

    def _clips(self, settings: FitSettings, rng: np.random.Generator) -> tuple[Windows, Targets]:
        streams = self.clips.streams
        chosen = settings.draw(streams.labels, self.labels, settings.windows, rng)
        starts, is_partial = streams.some_partial(chosen, rng, settings.augmentation, settings.partial)
        truth = self.said(np.where(is_partial, 1, streams.kinds[chosen]))
        targets = truth
        if self.clips.answers is not None:
            taught = teacher.weighed(teacher.at(self.clips.answers, chosen, starts), truth, settings.doubt)
            targets = np.where(is_partial[:, None], truth, taught)  # a teacher hears beyond the window
        return real(examples.varied(streams.windows(chosen, starts), rng, settings.augmentation)), targets

    def _anywhere(
        self, source: Source, count: int, settings: FitSettings, rng: np.random.Generator
    ) -> tuple[Windows, Targets]:
        chosen, starts = rng.integers(0, len(source.streams.labels), count), rng.integers(0, TOP + 1, count)
        truth = self.said(source.streams.kinds[chosen])
        windows = real(examples.varied(source.streams.windows(chosen, starts), rng, settings.augmentation))
        if source.answers is None:
            return windows, truth
        said: Targets = teacher.at(source.answers, chosen, starts)
        share = np.float32(settings.teacher)
        return windows, share * said + (1 - share) * truth


def _hardest(model: Model, windows: Windows, targets: Targets, count: int) -> tuple[Windows, Targets]:
    """The `count` windows that the model most takes for words."""
    taken_for_words = model(windows)[:, 2:].max(axis=1)
    hardest = np.argsort(-taken_for_words, kind="stable")[:count]
    return windows[hardest], targets[hardest]


def folded(targets: Targets, labels: int) -> Targets:
    """float32[n, labels]: other words that are kinds of their own are `unknown`."""
    out = targets[:, :labels].copy()
    out[:, 1] += targets[:, labels:].sum(axis=1)
    return out


def real(windows: NDArray[np.int8]) -> Windows:
    """What the model computes with, of int8[n, 49, 40]."""
    return ((windows.astype(np.float32) + 128) * np.float32(INPUT_SCALE))[..., None]
