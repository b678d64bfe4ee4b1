"""A whole training: from recordings or synthetic voices to a folder, in which it can go on after Ctrl-C."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from earkit import __version__, files
from earkit.audio import dataset, recordings, speaking, synthetic
from earkit.audio.dataset import Dataset, Split
from earkit.progress import Progress, silent
from earkit.settings import RecognizerSettings
from earkit.training import pictures, quantise, recipe
from earkit.training.checkpoint import Checkpoint
from earkit.training.recipe import Made
from earkit.training.settings import FitSettings

Recommend = Callable[[Path, Dataset], RecognizerSettings]
"""Chooses the recogniser's settings of a trained .tflite on the validation speakers, as
`evaluation.recommend` does."""


@dataclass(frozen=True)
class Sources:
    """What a model learns from."""

    data: Path | None = None
    """A folder in the Speech Commands layout; None for synthetic voices."""
    with_synthetic: bool = False
    """Synthetic voices beside `data`."""
    neural: bool = False
    """Neural voices beside the synthetic ones."""
    recordings: Path | None = None
    """A person's own takes, a folder for each word."""
    speakers: float = 1.0
    """The share of the training speakers that is taken."""


@dataclass(frozen=True)
class Collected:
    clips: Dataset
    kept_back: Split | None = None
    """One in five of a person's own takes, to judge by."""
    skipped: tuple[str, ...] = ()
    """One line for each of their files that could not be read."""


@dataclass(frozen=True)
class Run:
    """What a training has left."""

    tflite: Path
    made: Made
    recognizer: RecognizerSettings
    lacks_teacher: bool
    """Whether a teacher was wanted that is not installed."""


def collect(sources: Sources, words: tuple[str, ...], progress: Progress = silent) -> Collected:
    """Read and speak what a model is to learn `words` from. Raises DataError."""
    labels = dataset.labels_of(words)
    own = recordings.read(sources.recordings, labels, progress) if sources.recordings else None
    clips = dataset.thinned(_read(sources, words, progress), sources.speakers)
    if own is None:
        return Collected(clips)
    taught, kept = recordings.kept_back(own.takes)
    return Collected(recordings.beside(clips, taught), kept, own.skipped)


def speakers(data: Path | None, words: tuple[str, ...], progress: Progress = silent) -> Dataset:
    """The data set at `data`, or synthetic voices by rule."""
    return dataset.read(data or synthetic.cached(speaking.Settings(words), progress), words, progress)


def train(
    clips: Dataset,
    architecture: str,
    settings: FitSettings,
    folder: Path,
    name: str,
    recommend: Recommend,
    progress: Progress = silent,
    asked: Mapping[str, object] = {},
) -> Run:
    """Train, quantise, put the recommended settings inside; write `folder`/`name`.tflite.

    Besides: settings.json (with what was `asked` for), history.json, metrics.json, model.keras (float
    weights) and pictures. Stopped, the same call goes on after the last whole epoch.
    """
    lacks_teacher = bool(settings.teacher) and find_spec("pyopen_wakeword") is None
    if lacks_teacher:
        settings = replace(settings, teacher=0.0)
    facts = {
        "earkit": __version__,
        "architecture": architecture,
        "labels": clips.labels,
        "settings": asdict(settings),
        "clips": {part: len(getattr(clips, part).names) for part in ("training", "validation")},
    }
    about = json.dumps(
        facts | {"data": _digest(clips.training.samples.tobytes(), clips.validation.samples.tobytes())}
    )
    checkpoint = Checkpoint(folder / "checkpoint.npz", about)
    files.write_text(folder / "settings.json", json.dumps({"asked": asked} | facts, indent=2) + "\n")
    made = recipe.train(clips, architecture, settings, progress, checkpoint)
    tflite = folder / f"{name}.tflite"
    files.write_bytes(tflite, made.tflite)
    progress("choosing threshold", 0, 1)
    recognizer = recommend(tflite, clips)
    progress("choosing threshold", 1, 1)
    carried = replace(made.settings, recognizer=recognizer)
    files.write_bytes(tflite, quantise.with_settings(made.tflite, carried))
    _write_results(made, recognizer, folder)
    checkpoint.remove()
    return Run(tflite, made, recognizer, lacks_teacher)


def _read(sources: Sources, words: tuple[str, ...], progress: Progress) -> Dataset:
    if sources.data is None:
        return _spoken(words, sources.neural, progress)
    clips = dataset.read(sources.data, words, progress)
    if not sources.with_synthetic:
        return clips
    return dataset.extended(clips, _spoken(words, sources.neural, progress))


def _spoken(words: tuple[str, ...], neural: bool, progress: Progress) -> Dataset:
    clips = speakers(None, words, progress)
    if not neural:
        return clips
    more = dataset.read(synthetic.cached(speaking.neural(words), progress), words, progress)
    return dataset.extended(clips, more, dataset.SPLITS)


def _write_results(made: Made, recognizer: RecognizerSettings, folder: Path) -> None:
    recipe.save_float(made.trained.model, folder / "model.keras")
    metrics = {
        "validation": {"labels": made.settings.labels, "confusion": made.confusion.tolist()},
        "teacher": None if made.trained.teacher is None else made.trained.teacher.tolist(),
        "recognizer": asdict(recognizer),
        "unknown_lowered": made.lowered,
        "tflite_bytes": len(made.tflite),
        "parameters": made.trained.model.count_params(),
    }
    files.write_text(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    files.write_text(folder / "history.json", json.dumps(made.history, indent=2) + "\n")
    pictures.training_curves(made.history, folder / "training.png")
    pictures.confusion_matrix(made.confusion, made.settings.labels, folder / "confusion.png")


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
