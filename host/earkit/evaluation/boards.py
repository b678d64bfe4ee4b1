"""The same model elsewhere: as float, on the simulated core, on a board."""

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
from earkit.spotter.model import Engine
from earkit.spotter.serial import asked
from earkit.spotter.simulated import play
from earkit.training.epoch import real

SAMPLE_SECONDS = 60
"""How much of a long sound the simulated board hears too."""
_BATCH = 20


def on_core(folder: Path, progress: Progress = silent) -> Engine:
    """The compiled C of a model's folder on the simulated Cortex-M4."""
    model = BoardModel(folder)
    return Engine(lambda windows: _each(lambda window: model.invoke(window)[0].ravel(), windows, progress))


def on_port(port: str, windows: NDArray[np.int8], labels: tuple[str, ...], progress: Progress) -> Engine:
    """A board whose model is the same: it gets each of `windows`, and what it answered is kept.

    Raises LinkError when it does not answer or its labels are others.
    """
    with asked(port, labels) as infer:
        found = _each(infer, windows, progress)
    return Engine(lambda _: found)


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


def _each(
    invoke: Callable[[NDArray[np.int8]], NDArray[np.int8]], windows: NDArray[np.int8], progress: Progress
) -> NDArray[np.int8]:
    found = []
    for window in windows:
        found.append(invoke(window))
        if len(found) % _BATCH == 0 or len(found) == len(windows):
            progress("asking the board", len(found), len(windows))
    return np.stack(found)
