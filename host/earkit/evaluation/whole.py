"""A whole evaluation: clip by clip and in one sound, or in hours of sound."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from earkit import files, paths
from earkit.audio.dataset import Dataset, Split, labels_of
from earkit.errors import ModelError
from earkit.evaluation import boards, clips, false_accepts, listening, pictures
from earkit.progress import Progress
from earkit.settings import ModelSettings, RecognizerSettings
from earkit.spotter.host import listen
from earkit.spotter.image import build_image, export_cached
from earkit.spotter.model import load, settings_of
from earkit.spotter.serial import SIMULATED, ask
from earkit.spotter.simulated import play
from earkit.training import quantise, recipe

HOST = "host"
"""Who listens where no board does: the board's own C on this computer."""


def settings_to_judge(model: Path) -> ModelSettings:
    """The model's settings. Raises ModelError unless its labels are those of a data set, in their order:
    clips of other words and of silence are counted too."""
    settings = settings_of(model)
    if settings.labels != labels_of(settings.words):
        raise ModelError(
            f"the labels are {', '.join(settings.labels)}; evaluate judges models of "
            f"{', '.join(labels_of(settings.words))}, in this order",
            "train such a model, or hear this one with earkit simulate",
        )
    return settings


def clip_by_clip(
    path: Path,
    settings: ModelSettings,
    part: Split,
    board: str,
    float_model: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """The judgement of single clips by HOST, SIMULATED or the board at a port; of one sound too, unless a
    real board is asked."""
    host = load(path)
    asked = host
    if board == SIMULATED:
        asked = boards.on_core(export_cached(path), progress)
    elif board != HOST:
        asked = ask(board, clips.windows_of(part)[0], settings.labels, progress)
    result: dict[str, Any] = {"board": board, "clips": clips.judge(asked, part, settings.labels)}
    if float_model:
        known = boards.as_float(recipe.load_float(float_model, len(settings.labels)))
        exact = clips.judge(known, part, settings.labels)
        result |= {"float": exact, "loss": clips.difference(exact, result["clips"])}
    if board not in (HOST, SIMULATED):
        return result
    sound = listening.playlist(part, settings.labels)
    if board == SIMULATED:
        heard = play(build_image(path, progress=progress), sound.samples).heard
    else:
        heard = listen(host, sound.samples, settings)
    score = listening.score(sound, heard, settings.words)
    return result | {"sound": score, "seconds": sound.seconds, "clips_played": len(sound.spoken)}


def hours_of_sound(
    path: Path,
    settings: ModelSettings,
    read: Dataset,
    hours: float,
    per_hour: float,
    board: str,
    out: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Thresholds from the validation speakers, figures from the testing ones, and `out`/det.png; with
    SIMULATED its first minute on the simulated board too."""
    host, labels = load(path), settings.labels
    before = false_accepts.hear(host, read.validation, "validation", labels, hours, progress=progress)
    recommended = false_accepts.recommend(before, per_hour)
    heard = false_accepts.hear(host, read.testing, "testing", labels, hours, progress=progress)
    average = recommended.settings.average_ms
    curves = {
        "validation": false_accepts.curve(before, average),
        "testing": false_accepts.curve(heard, average),
    }
    judged = heard.judge(recommended.settings)
    pictures.detection_error(curves, judged, out / "det.png")
    latencies = heard.latencies(recommended.settings, read.testing)
    result: dict[str, Any] = {
        "recommended": recommended,
        "testing": judged,
        "carried": heard.judge(settings.recognizer),
        "latency_ms": np.percentile(latencies, [5, 50, 95]).tolist() if len(latencies) else [],
        "unique_minutes": heard.unique_minutes,
        "curve": curves["testing"],
    }
    if board == SIMULATED:
        image = build_image(path, progress=progress)
        result["same_on_board"] = boards.same_sound(image, settings, heard, host)
    return result


def is_shipped(model: Path) -> bool:
    """Whether a model ships with Earkit, and is therefore not to be changed."""
    return model.resolve().is_relative_to((paths.kit() / "models").resolve())


def put_inside(model: Path, settings: ModelSettings, recognizer: RecognizerSettings) -> None:
    """Write other recogniser settings into a .tflite, whole or not at all."""
    changed = quantise.with_settings(model.read_bytes(), replace(settings, recognizer=recognizer))
    files.write_bytes(model, changed)
