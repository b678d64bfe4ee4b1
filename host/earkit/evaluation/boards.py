"""The same model elsewhere: as float, on the simulated core."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.audio.clips import SAMPLE_RATE
from earkit.bench.board_model import BoardModel
from earkit.evaluation.false_accepts import Hours
from earkit.progress import Progress, silent
from earkit.settings import ModelSettings
from earkit.spotter.host import listen
from earkit.spotter.model import Engine, one_by_one
from earkit.spotter.simulated import play
from earkit.training.epoch import real

SAMPLE_SECONDS = 60
"""How much of a long sound the simulated board hears too."""


def on_core(folder: Path, progress: Progress = silent) -> Engine:
    """The compiled C of a model's folder on the simulated Cortex-M4."""
    model = BoardModel(folder)
    return Engine(
        lambda windows: one_by_one(lambda window: model.invoke(window)[0].ravel(), windows, progress)
    )


def as_float(predict: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Engine:
    """A float model, whose probabilities are rounded as the int8 model's are."""
    return Engine(
        lambda windows: np.clip(np.rint(predict(real(windows)) * 256) - 128, -128, 127).astype(np.int8)
    )


def same_sound(image: Path, settings: ModelSettings, heard: Hours, engine: Engine) -> tuple[int, int]:
    """The first minute of the sound with words, played to the simulated board with `image`: how many lines
    it sent, and how many of them are not what this computer's C reports, word, score and time."""
    sound = heard.playlist.samples[: SAMPLE_SECONDS * SAMPLE_RATE]
    said = play(image, sound).heard
    wanted = listen(engine, sound, settings)
    return len(said), len(set(said) ^ set(wanted))
