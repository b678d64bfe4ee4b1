"""What `train` and `demo` share: which recogniser a trained model gets, and what is said of it."""

from pathlib import Path

from rich.console import Console

from earkit.audio.dataset import Dataset
from earkit.evaluation.recommend import recommend
from earkit.settings import RecognizerSettings
from earkit.spotter.model import load
from earkit.training.run import Run


def recommended(tflite: Path, clips: Dataset) -> RecognizerSettings:
    """By listening to the validation speakers."""
    return recommend(load(tflite), clips.validation, clips.labels)


def print_run(run: Run, to: Console) -> None:
    if run.lacks_teacher:
        to.print(
            "pyopen-wakeword is not installed (there is none for macOS): this model learnt without a teacher"
        )
    to.print(f"validation speakers: {run.made.summary}", markup=False)
