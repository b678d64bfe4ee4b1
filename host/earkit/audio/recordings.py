"""A person's own recordings: a folder for each word, of any number of takes and speakers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from earkit.audio import dataset
from earkit.audio.dataset import Dataset, Split
from earkit.errors import DataError
from earkit.progress import Progress, silent
from earkit.settings import words_of

_KEPT_BACK = 5
"""One take in so many of each word is kept from training."""


@dataclass(frozen=True)
class Recordings:
    takes: Split
    """With generated noise: a room has its own."""
    skipped: tuple[str, ...]
    """One line for each file that could not be read."""


def read(folder: Path, labels: Sequence[str], progress: Progress = silent) -> Recordings:
    """All recordings in `folder`. Raises DataError when none of them is of a word in `labels`."""
    waves, skipped = dataset.read_clips(folder, dataset.recordings_in(folder), progress)
    words = words_of(labels)
    if not set(map(dataset.word_of, waves)) & set(words):
        raise DataError(f"{folder} holds no recording of {', '.join(words)}", "make a folder for each word")
    sounds = tuple(dataset.generated_noise().values())
    return Recordings(dataset.split_from(list(waves), waves, labels, sounds), tuple(skipped))


def kept_back(takes: Split) -> tuple[Split, Split]:
    """The takes to learn from, and one in five of each word, by the hash of their names, to judge by."""
    places = np.array([hashlib.sha1(name.encode()).hexdigest() for name in takes.names])
    words, kept = np.array(takes.words()), np.zeros(len(places), bool)
    for word in np.unique(words):
        members = np.flatnonzero(words == word)
        kept[members[np.argsort(places[members])][: len(members) // _KEPT_BACK]] = True
    return takes.some(np.flatnonzero(~kept)), takes.some(np.flatnonzero(kept))


def beside(main: Dataset, takes: Split) -> Dataset:
    """`main` and `takes` to learn from, repeated so that of each word a fifth at least is the person's."""
    counts = np.bincount(main.training.labels, minlength=len(main.labels))
    mine = np.bincount(takes.labels, minlength=len(main.labels))
    times = np.maximum(1, -(-counts[takes.labels] // (4 * mine[takes.labels])))
    repeated = replace(takes.some(np.repeat(np.arange(len(takes.names)), times)), noise=())
    extra = Dataset(main.labels, repeated, main.validation, main.testing, ())
    return dataset.extended(main, extra)
