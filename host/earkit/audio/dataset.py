"""Folders in the layout of Google's Speech Commands: `<word>/<speaker>_nohash_<n>.wav`."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.audio import clips, noise
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.errors import AudioError, DataError
from earkit.progress import Progress, silent
from earkit.settings import SILENCE, UNKNOWN, is_word

FIRST_WORD = 2
"""Index of the first word to hear in `labels_of`."""
SPLITS = ("training", "validation", "testing")
NOISE_FOLDER = "_background_noise_"
FEWEST_CLIPS = 10
"""A word with fewer recordings than this cannot be learnt or judged."""
_LISTS = {"validation_list.txt": "validation", "testing_list.txt": "testing"}
ENDINGS = (".wav", ".flac")
_SPEAKER_ENDS = "_nohash_"
_MAX_NUM_WAVS = 2**27 - 1


@dataclass(frozen=True)
class Split:
    """The recordings of some speakers, all of one length, and the background noise kept for them."""

    names: tuple[str, ...]
    """`word/speaker_nohash_n.ending`, in the order of the arrays."""
    samples: NDArray[np.int16]
    """int16[clips, 16000]"""
    labels: NDArray[np.int64]
    """int64[clips], indices into Dataset.labels; never silence."""
    noise: tuple[Samples, ...]
    """Each int16[n]; no sound of one split is in another."""

    def words(self) -> tuple[str, ...]:
        """What is said in each clip; several words share the label `unknown`."""
        return tuple(word_of(name) for name in self.names)

    def is_word(self) -> NDArray[np.bool_]:
        """bool[clips]: whether a word to hear is said, rather than another word."""
        return self.labels >= FIRST_WORD

    def some(self, chosen: NDArray[np.int64]) -> "Split":
        """The clips of these indices, in their order; one may come up twice."""
        names = tuple(self.names[clip] for clip in chosen)
        return replace(self, names=names, samples=self.samples[chosen], labels=self.labels[chosen])


@dataclass(frozen=True)
class Dataset:
    labels: tuple[str, ...]
    """silence, unknown, then the words to hear."""
    training: Split
    validation: Split
    testing: Split
    skipped: tuple[str, ...]
    """One line for each file that could not be read."""
    nameless: int = 0
    """Files whose name does not say who speaks: each counts as a speaker of its own."""


def labels_of(words: Sequence[str]) -> tuple[str, ...]:
    """Of a model that hears `words`."""
    return (SILENCE, UNKNOWN, *words)


def word_of(name: str) -> str:
    return PurePosixPath(name).parts[0]


def speaker_of(name: str) -> str:
    """Who speaks: the file's name before `_nohash_`."""
    return PurePosixPath(name).stem.partition(_SPEAKER_ENDS)[0]


def speaker_id(name: str) -> str:
    """Eight hex digits for a speaker of any name, as Speech Commands writes them."""
    return hashlib.sha1(name.encode()).hexdigest()[:8]


def split_by_hash(name: str) -> str:
    """Speech Commands' own rule: 10 % of the speakers for validation, 10 % for testing, by SHA-1."""
    digest = int(hashlib.sha1(speaker_of(name).encode()).hexdigest(), 16)
    percent = (digest % (_MAX_NUM_WAVS + 1)) * (100.0 / _MAX_NUM_WAVS)
    return "validation" if percent < 10 else "testing" if percent < 20 else "training"


def split_of(speaker: str) -> str:
    """The same rule for a speaker of any name."""
    return split_by_hash(f"word/{speaker_id(speaker)}_nohash_0.wav")


def read(folder: Path, words: Sequence[str], progress: Progress = silent) -> Dataset:
    """Read a data set in which `words` are to be told from every other word.

    The folder's `validation_list.txt` and `testing_list.txt` say who is held out; without them the
    speakers' hash does. Every clip becomes one second, of a longer one the loudest. Files that cannot be
    read are skipped and named. Without `_background_noise_` generated noise takes its place. Raises
    DataError when the folder, a word, other words or a split is missing, or a speaker is in two splits.
    """
    names = recordings_in(folder)
    _check_words(folder, names, words)
    held_out = _lists(folder)
    labels = labels_of(words)
    waves, skipped = read_clips(folder, names, progress)
    noises = _noises(folder, skipped)
    members: dict[str, list[str]] = {split: [] for split in SPLITS}
    for name in waves:
        members[_split_of(name, held_out)].append(name)
    _check_splits(folder, members, words)
    _check_speakers(folder, members)
    splits = {split: split_from(members[split], waves, labels, noises[split]) for split in SPLITS}
    nameless = 0 if held_out else sum(_SPEAKER_ENDS not in name for name in waves)
    return Dataset(labels, **splits, skipped=tuple(skipped), nameless=nameless)


def shared_speakers(groups: Iterable[set[str]]) -> list[str]:
    """Those in more than one group, in order."""
    found = Counter(speaker for group in groups for speaker in group)
    return sorted(speaker for speaker, count in found.items() if count > 1)


def extended(main: Dataset, extra: Dataset, splits: Sequence[str] = SPLITS[:1]) -> Dataset:
    """`main` with the speakers of `extra` beside its own in `splits`, by default in training alone."""
    if main.labels != extra.labels:
        raise DataError(
            "two data sets with different words cannot be joined", "read both with the same words"
        )
    joined: dict[str, Any] = {split: _joined(getattr(main, split), getattr(extra, split)) for split in splits}
    return replace(main, skipped=main.skipped + extra.skipped, **joined)


def thinned(data: Dataset, share: float) -> Dataset:
    """The same with a share of the training speakers, 0..1, chosen by their hash: for learning curves."""
    kept = np.array([_place(name) < share for name in data.training.names])
    return replace(data, training=data.training.some(np.flatnonzero(kept)))


def _place(name: str) -> float:
    return int(hashlib.sha1(b"thinned " + speaker_of(name).encode()).hexdigest()[:8], 16) / 2**32


def held_out(data: Dataset) -> Split:
    """The validation and the testing speakers."""
    return _joined(data.validation, data.testing)


def _joined(*parts: Split) -> Split:
    return Split(
        names=sum((part.names for part in parts), ()),
        samples=np.concatenate([part.samples for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        noise=sum((part.noise for part in parts), ()),
    )


def split_names(folder: Path) -> dict[str, str]:
    """The split of every recording in a folder, by its name. Raises DataError when there is none."""
    held_out = _lists(folder)
    return {name: _split_of(name, held_out) for name in recordings_in(folder)}


def recordings_in(folder: Path) -> list[str]:
    """The names of all of a folder's recordings but noise, in order. Raises DataError when there is none."""
    if not folder.is_dir():
        raise DataError(f"no data set at {folder}", "give a folder with one folder of recordings per word")
    found = (path for path in folder.glob("*/*") if path.suffix.lower() in ENDINGS)
    names = sorted(path.relative_to(folder).as_posix() for path in found)
    names = [name for name in names if word_of(name) != NOISE_FOLDER]
    if not names:
        raise DataError(
            f"{folder} holds no recordings", "it needs one folder of .wav or .flac files per word"
        )
    return names


def read_clips(
    folder: Path, names: Sequence[str], progress: Progress = silent
) -> tuple[dict[str, Samples], list[str]]:
    """Recordings of `folder` by name, each int16[16000], and a line for each that cannot be read."""
    waves, skipped = dict[str, Samples](), list[str]()
    for done, name in enumerate(names):
        try:
            waves[name] = clips.fit(clips.read(folder / name).samples, SAMPLE_RATE)
        except AudioError as error:
            skipped.append(error.message)
        progress("reading clips", done + 1, len(names))
    return waves, skipped


def split_from(
    names: Sequence[str], waves: Mapping[str, Samples], labels: Sequence[str], noises: tuple[Samples, ...]
) -> Split:
    """Some of the recordings that `read_clips` read. Every word that is no label is `unknown`."""
    index = [labels.index(word_of(name)) if word_of(name) in labels else 1 for name in names]
    samples = np.stack([waves[name] for name in names])
    return Split(tuple(names), samples, np.array(index, np.int64), noises)


def _check_words(folder: Path, names: Iterable[str], words: Sequence[str]) -> None:
    if not words or len(set(words)) < len(words) or not all(map(is_word, words)):
        raise DataError(f"cannot learn the words {', '.join(words) or '(none)'}", "name each word once")
    counts: dict[str, int] = {}
    for name in names:
        counts[word_of(name)] = counts.get(word_of(name), 0) + 1
    enough = sorted(word for word, count in counts.items() if count >= FEWEST_CLIPS)
    for word in words:
        if word not in enough:
            raise DataError(
                f"{folder} holds {counts.get(word, 0)} recordings of '{word}', {FEWEST_CLIPS} are the least",
                "record more" + (f", or choose among: {', '.join(enough)}" if enough else ""),
            )
    if not set(counts) - set(words):
        raise DataError(
            f"{folder} holds no words but {', '.join(words)}", "add folders of other words, for 'unknown'"
        )


def _check_splits(folder: Path, members: dict[str, list[str]], words: Sequence[str]) -> None:
    for split, names in members.items():
        missing = [word for word in words if word not in map(word_of, names)]
        if missing or not set(map(word_of, names)) - set(words):
            raise DataError(
                f"{folder} has no readable {split} clip of {', '.join(missing) or 'other words'}",
                "record more speakers, or mend the split lists",
            )


def _check_speakers(folder: Path, members: dict[str, list[str]]) -> None:
    shared = shared_speakers(set(map(speaker_of, names)) for names in members.values())
    if shared:
        raise DataError(
            f"{folder} has speakers in more than one split: {', '.join(shared[:5])}",
            "mend validation_list.txt and testing_list.txt",
        )


def _lists(folder: Path) -> dict[str, str] | None:
    """Split by name without its ending (the lists say .wav even where the files are .flac)."""
    found = {folder / file: split for file, split in _LISTS.items() if (folder / file).is_file()}
    if not found:
        return None
    lines = ((line, split) for path, split in found.items() for line in path.read_text().split())
    return {line.rpartition(".")[0]: split for line, split in lines}


def _split_of(name: str, held_out: dict[str, str] | None) -> str:
    return split_by_hash(name) if held_out is None else held_out.get(name.rpartition(".")[0], "training")


def _noises(folder: Path, skipped: list[str]) -> dict[str, tuple[Samples, ...]]:
    """The first 80 % of each noise for training, the last two tenths for the others."""
    waves: dict[str, Samples] = {}
    for path in sorted((folder / NOISE_FOLDER).glob("*")):
        if path.suffix.lower() in ENDINGS:
            _read_noise(path, waves, skipped)
    waves = waves or generated_noise()
    cuts = {"training": (0.0, 0.8), "validation": (0.8, 0.9), "testing": (0.9, 1.0)}
    return {
        split: tuple(wave[int(start * len(wave)) : int(end * len(wave))] for wave in waves.values())
        for split, (start, end) in cuts.items()
    }


def generated_noise() -> dict[str, Samples]:
    """What takes the place of recorded noise, always the same."""
    return noise.every_kind(np.random.default_rng(0), seconds=30)


def _read_noise(path: Path, waves: dict[str, Samples], skipped: list[str]) -> None:
    try:
        waves[path.name] = clips.read(path).samples
    except AudioError as error:
        skipped.append(error.message)
