"""A training as subcommands run it: into a folder of its own, from which it can go on after Ctrl-C."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from earkit import __version__, files
from earkit.audio import dataset, speaking, synthetic
from earkit.audio.dataset import Dataset
from earkit.commands._terminal import console
from earkit.evaluation import pictures
from earkit.evaluation.recommend import recommend
from earkit.progress import Progress
from earkit.settings import RecognizerSettings
from earkit.spotter.model import load
from earkit.training import quantise, recipe
from earkit.training.checkpoint import Checkpoint
from earkit.training.recipe import Made
from earkit.training.settings import FitSettings


def train(
    clips: Dataset,
    model: str,
    settings: FitSettings,
    folder: Path,
    name: str,
    progress: Progress,
    asked: Mapping[str, object] = {},
) -> Path:
    """Train, quantise, choose the recogniser's settings on the validation speakers; return
    `folder`/`name`.tflite.

    Besides: settings.json (with what was `asked` for), history.json, metrics.json, model.keras (float
    weights) and pictures.
    """
    print_notes(clips)
    if settings.teacher and find_spec("pyopen_wakeword") is None:
        console.print(
            "pyopen-wakeword is not installed (there is none for macOS): learning without a teacher"
        )
        settings = replace(settings, teacher=0.0)
    facts = {
        "earkit": __version__,
        "model": model,
        "labels": clips.labels,
        "settings": asdict(settings),
        "clips": {part: len(getattr(clips, part).names) for part in ("training", "validation")},
    }
    about = json.dumps(
        facts | {"data": _digest(clips.training.samples.tobytes(), clips.validation.samples.tobytes())}
    )
    checkpoint = Checkpoint(folder / "checkpoint.npz", about)
    files.write_text(folder / "settings.json", json.dumps({"asked": asked} | facts, indent=2) + "\n")
    made = recipe.train(clips, model, settings, progress, checkpoint)
    tflite = folder / f"{name}.tflite"
    files.write_bytes(tflite, made.tflite)
    progress("choosing threshold", 0, 1)
    recognizer = recommend(load(tflite), clips.validation, clips.labels)
    progress("choosing threshold", 1, 1)
    files.write_bytes(
        tflite, quantise.with_settings(made.tflite, replace(made.settings, recognizer=recognizer))
    )
    _write_results(made, recognizer, folder)
    checkpoint.remove()
    console.print(f"validation speakers: {made.summary}", markup=False)
    return tflite


def speakers(data: Path | None, words: tuple[str, ...], progress: Progress) -> Dataset:
    """The data set at `data`, or synthetic voices by rule."""
    return dataset.read(data or synthetic.cached(speaking.Settings(words), progress), words, progress)


def print_notes(clips: Dataset, to: Console = console) -> None:
    """What a person should know about their data."""
    print_skipped(clips.skipped, to)
    if clips.nameless:
        to.print(
            f"  {clips.nameless} files are not named SPEAKER_nohash_NUMBER: each counts as a speaker of its "
            "own, and one voice may be in training and among those that judge"
        )


def print_skipped(lines: Sequence[str], to: Console = console) -> None:
    """Name the files that cannot be used, and count them."""
    for line in lines:
        to.print(f"  skipped: {line}", markup=False)
    if lines:
        to.print(f"  {len(lines)} files skipped")


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
