"""This computer's microphone, 16 kHz mono."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.errors import AudioError, require

SAMPLE_RATE = 16000


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
        raise AudioError(f"no microphone: {error}", "plug one in, or use --wav") from error
