"""What the simulated microphone hears: queued sound, and silence after it."""

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Microphone:
    def __init__(self) -> None:
        self._queue: deque[NDArray[np.int16]] = deque()

    def queue(self, samples: NDArray[np.int16]) -> None:
        """Add int16[n] at 16 kHz to what will be heard."""
        if len(samples):
            self._queue.append(np.asarray(samples, np.int16))

    @property
    def waiting(self) -> int:
        """Samples that have not been heard yet."""
        return sum(len(samples) for samples in self._queue)

    def take(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples; zeros where nothing is queued."""
        heard = np.zeros(count, np.int16)
        filled = 0
        while self._queue and filled < count:
            head = self._queue.popleft()
            part = head[: count - filled]
            heard[filled : filled + len(part)] = part
            filled += len(part)
            if len(part) < len(head):
                self._queue.appendleft(head[len(part) :])
        return heard
