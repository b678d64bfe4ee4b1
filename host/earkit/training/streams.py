"""Three seconds of sound as the board's front end hears them, and the windows in them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit import files, paths
from earkit.audio.clips import SAMPLE_RATE
from earkit.audio.dataset import FIRST_WORD
from earkit.settings import FrontendSettings
from earkit.training.settings import Augmentation

LENGTH = 3 * SAMPLE_RATE
SETTINGS = FrontendSettings()
FRAMES = SETTINGS.frames
TOP = 1 + (LENGTH - SETTINGS.window_samples) // SETTINGS.hop_samples - FRAMES
"""The last frame at which a window can start."""

_LEAST = 6
"""Frames of another word that a window holds at least, to be an example of `unknown`."""
_KEPT = 8
"""Sets of streams that stay in the cache, some 400 MB each; the oldest go."""

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Streams:
    """Three seconds each, as features, and where in them the word is."""

    features: NDArray[np.int8]
    """int8[streams, 149, 40]"""
    embeddings: NDArray[np.float16]
    """float16[streams, 37, 96] of `embedding`; no streams where no teacher wants them."""
    labels: Index
    kinds: Index
    """As `labels`, but other words that come with many clips have numbers of their own beyond the labels'."""
    speakers: NDArray[np.str_]
    """Who speaks; empty where nobody or many do."""
    begin: Index
    end: Index
    """First and last+1 frame of the word; of no meaning in silence."""
    clip: Index
    """The frame at which the clip begins; negative where its beginning is cut off."""

    @property
    def middle(self) -> Index:
        """The first frame of the window in whose middle the word is."""
        middle: Index = np.clip((self.begin + self.end) // 2 - FRAMES // 2, 0, TOP)
        return middle

    @property
    def as_recorded(self) -> Index:
        """The first frame of the window that is the clip as it was recorded, or nearly."""
        return np.clip(self.clip, 0, TOP)

    def windows(self, chosen: Index, starts: Index) -> NDArray[np.int8]:
        """int8[n, 49, 40]: of the `chosen` streams the windows from the frames `starts`."""
        found: NDArray[np.int8] = self.features[chosen[:, None], starts[:, None] + np.arange(FRAMES)]
        return found

    def middle_windows(self) -> NDArray[np.int8]:
        """int8[streams, 49, 40]: of every stream the window in which the word is in the middle."""
        return self.windows(np.arange(len(self.labels)), self.middle)

    def random_starts(self, chosen: Index, rng: np.random.Generator, change: Augmentation) -> Index:
        """Of the `chosen` streams a window each, at most `change.shift` frames off one that has the word in
        the middle or is the clip as it was recorded; a share of the words is cut. Half of the other words are
        anywhere in the window, silence is any window."""
        labels, count = self.labels[chosen], len(chosen)
        is_middle = rng.random(count) >= change.as_recorded
        exact = np.where(is_middle, self.middle[chosen], self.clip[chosen])
        near = exact + rng.integers(-change.shift, change.shift + 1, count)
        first = np.maximum(self.begin[chosen] - FRAMES + _LEAST, 0)
        over = rng.integers(first, np.maximum(self.end[chosen] - _LEAST, first + 1))
        starts = np.where((labels == 1) & (rng.random(count) < 0.5), over, near)
        if change.cut:
            cut, fits = self._cut(chosen, rng, (0.5, 1.0), at_end=0.7)
            starts = np.where((labels >= FIRST_WORD) & fits & (rng.random(count) < change.cut), cut, starts)
        starts = np.where(labels == 0, rng.integers(0, TOP + 1, count), starts)
        return np.clip(starts, 0, TOP)

    def partial_starts(self, chosen: Index, rng: np.random.Generator) -> tuple[Index, NDArray[np.bool_]]:
        """Of the `chosen` streams a window that holds the first or the last tenth to 45 % of the word, and
        whether the stream is long enough for that."""
        return self._cut(chosen, rng, (0.1, 0.45), at_end=0.5)

    def some_partial(
        self, chosen: Index, rng: np.random.Generator, change: Augmentation, share: float
    ) -> tuple[Index, NDArray[np.bool_]]:
        """Random windows, of which a share of those with a word to hear hold less than half of it: their
        starts, and which these are."""
        starts = self.random_starts(chosen, rng, change)
        partial, fits = self.partial_starts(chosen, rng)
        is_partial = fits & (self.labels[chosen] >= FIRST_WORD) & (rng.random(len(chosen)) < share)
        return np.where(is_partial, partial, starts), is_partial

    def _cut(
        self, chosen: Index, rng: np.random.Generator, seen: tuple[float, float], at_end: float
    ) -> tuple[Index, NDArray[np.bool_]]:
        """Windows whose edge cuts the word, so that a share of it between `seen` is in; with the probability
        `at_end` it is the window's end that does."""
        count, begin, end = len(chosen), self.begin[chosen], self.end[chosen]
        inside = np.maximum((rng.uniform(*seen, count) * (end - begin)).astype(np.int64), 1)
        starts = np.where(rng.random(count) < at_end, begin + inside - FRAMES, end - inside)
        clipped = np.clip(starts, 0, TOP)
        return clipped, clipped == starts


def unlabelled(features: NDArray[np.int8], embeddings: NDArray[np.float16]) -> Streams:
    """Streams without a word to hear, of which every window counts."""
    count = len(features)
    ones, nobody = np.ones(count, np.int64), np.full(count, "")
    return Streams(features, embeddings, ones, ones, nobody, 0 * ones, features.shape[1] * ones, 50 * ones)


def cached(name: str, make: Callable[[], dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Arrays from the cache's file `name`, or what `make` makes, which is kept there."""
    folder = paths.cache("streams")
    file = folder / f"{name}.npz"
    if not file.is_file():
        _forget_old(folder)
        made = make()
        with files.replacing(file) as temporary:
            np.savez(temporary, **made)
    with np.load(file) as kept:
        return dict(kept)


def _forget_old(folder: Path) -> None:
    for file in sorted(folder.glob("*.npz"), key=lambda file: -file.stat().st_mtime)[_KEPT - 1 :]:
        file.unlink(missing_ok=True)
