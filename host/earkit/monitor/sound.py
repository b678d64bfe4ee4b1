"""The last seconds of sound of a board, by hops, so that what was lost stays a gap of silence."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from earkit import files
from earkit.monitor.reports import HOP, SAMPLE_RATE, Audio

HOPS_PER_SECOND = SAMPLE_RATE // HOP
MS_PER_HOP = 1000 // HOPS_PER_SECOND

Samples = NDArray[np.int16]


class SoundRing:
    """Keeps `seconds` of sound; a hop is 20 ms, counted from the board's start."""

    def __init__(self, seconds: float) -> None:
        self._limit = round(seconds * HOPS_PER_SECOND)
        self._hops: OrderedDict[int, Samples] = OrderedDict()
        self.newest = -1
        """The last hop that came, -1 before the first."""

    def add(self, audio: Audio) -> None:
        if audio.hop <= self.newest:
            self.clear()  # the board has restarted
        self._hops[audio.hop] = audio.samples
        self.newest = audio.hop
        while len(self._hops) > self._limit:
            self._hops.popitem(last=False)

    def clear(self) -> None:
        self._hops.clear()
        self.newest = -1

    def cut(self, first: int, count: int) -> tuple[Samples, int]:
        """int16[count * 320] from hop `first` on, and how many of the hops are missing (silence)."""
        whole, missing = np.zeros(count * HOP, np.int16), 0
        for at in range(count):
            part = self._hops.get(first + at)
            if part is None:
                missing += 1
            else:
                whole[at * HOP : (at + 1) * HOP] = part
        return whole, missing


def write_wav(path: Path, samples: Samples) -> None:
    """int16[n] at 16 kHz as a mono WAV, whole or not at all."""
    with files.replacing(path) as temporary:
        soundfile.write(temporary, samples, SAMPLE_RATE, subtype="PCM_16", format="WAV")
