"""This computer's microphone, 16 kHz mono."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.errors import AudioError, require

SAMPLE_RATE = 16000
_WAIT_SECONDS = 0.1
_WAITING_BLOCKS = 500
"""Sound that waits at most; an overloaded computer loses the oldest."""


@contextmanager
def listening(heard: Callable[[NDArray[np.int16]], None]) -> Iterator[None]:
    """Call `heard` with int16 samples as they come, from another thread, until the block ends.

    Raises AudioError when there is no microphone, MissingExtraError without sounddevice.
    """
    try:
        sounddevice = require("sounddevice", "mic")
    except OSError as error:
        raise AudioError("PortAudio is not installed", "run: sudo apt-get install libportaudio2") from error

    def on_block(block: NDArray[np.int16], _frames: int, _time: Any, _status: Any) -> None:
        heard(block[:, 0].copy())

    try:
        stream = sounddevice.InputStream(SAMPLE_RATE, channels=1, dtype="int16", callback=on_block)
        with stream:
            yield
    except sounddevice.PortAudioError as error:
        raise AudioError(f"no microphone: {error}", "plug one in, or give a recording") from error


def pieces(stop: threading.Event) -> Iterator[NDArray[np.int16]]:
    """Yield what the microphone hears, in pieces of any length, until `stop` is set; an empty piece where
    nothing came for a while. Raises as `listening` does."""
    queue: Queue[NDArray[np.int16]] = Queue(_WAITING_BLOCKS)

    def heard(block: NDArray[np.int16]) -> None:
        if queue.full():
            queue.get()
        queue.put(block)

    with listening(heard):
        while not stop.is_set():
            try:
                yield queue.get(timeout=_WAIT_SECONDS)
            except Empty:
                yield np.empty(0, np.int16)
