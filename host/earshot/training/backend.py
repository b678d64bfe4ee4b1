"""Keras, with TensorFlow's chatter kept from the terminal."""

import io
import os
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, TypeVar

from earshot.errors import require

T = TypeVar("T")


def keras() -> Any:
    """Keras on TensorFlow with oneDNN's kernels, which train these models four times as fast and, on one
    machine, repeat. Raises MissingExtraError without it."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
    return quietly(lambda: require("keras", "train"))


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
