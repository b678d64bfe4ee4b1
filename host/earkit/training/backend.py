"""Keras, with TensorFlow's chatter kept from the terminal."""

import io
import os
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, TypeVar

from earkit.errors import require

T = TypeVar("T")


def keras() -> Any:
    """Keras on TensorFlow with oneDNN's kernels, which train these models four times as fast and, on one
    machine, repeat. Raises MissingExtraError without it."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
    return quietly(lambda: require("keras", "train"))


def optimiser(rate: float, steps: int, weight_decay: float) -> Any:
    """AdamW whose rate rises to `rate` in a twentieth of the steps and falls to zero along a cosine."""
    known, warm = keras().optimizers, steps // 20
    falling = known.schedules.CosineDecay(0.0, steps - warm, warmup_target=rate, warmup_steps=warm)
    return known.AdamW(falling, weight_decay=weight_decay)


def quietly(work: Callable[[], T]) -> T:
    """Do `work` without its chatter, part of which is written past Python to the error stream."""
    with tempfile.TemporaryFile() as chatter, redirect_stdout(io.StringIO()):
        kept = os.dup(2)
        os.dup2(chatter.fileno(), 2)
        try:
            return work()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
