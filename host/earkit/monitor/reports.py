"""What a board, or the laptop's own ear, reports; every sink of the monitor takes these."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.core.spotter import ABLE, BLOCK_SAMPLES
from earkit.spotter.heard import Heard

TEXT_LIMIT = 200
WORD_LIMIT = 64
SAMPLE_RATE = ABLE.sample_rate
HOP = BLOCK_SAMPLES
"""Samples in an Audio report."""
CHANNELS = ABLE.channels


@dataclass(frozen=True)
class Identity:
    """Who listens. All texts are safe to print."""

    id: str
    """The USB serial number where there is one, the port's name otherwise."""
    board: str
    model: str
    sha256: str
    engine: str
    firmware: str
    labels: tuple[str, ...]


NOBODY = Identity("", "", "", "", "", "", ())
"""Firmware that does not answer hello."""


@dataclass(frozen=True)
class Report:
    board: str
    """The name that the user gave to the board."""


@dataclass(frozen=True)
class Connected(Report):
    identity: Identity
    settings: dict[str, int] = field(default_factory=dict)
    """What `set` can change, `threshold.LABEL` among them."""
    streams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gone(Report):
    """The link is cut; a Connected follows when it is back."""


@dataclass(frozen=True)
class Detection(Heard, Report):
    time: datetime
    """When it arrived here."""
    identity: Identity = NOBODY
    sequence: int | None = None
    """Of the board's events since hello; None from firmware that does not count."""
    latency_ms: float | None = None
    """From the end of the sound that it describes to its arrival (Latency)."""


@dataclass(frozen=True)
class Scores(Report):
    ms: int
    scores: tuple[int, ...]
    """The model's output, one per label, 0..255."""


@dataclass(frozen=True)
class Features(Report):
    hop: int
    row: NDArray[np.int8]
    """int8[40], low channel first"""


@dataclass(frozen=True)
class Audio(Report):
    hop: int
    samples: NDArray[np.int16]
    """int16[320], 16 kHz"""


@dataclass(frozen=True)
class Health(Report):
    stats: dict[str, Any]
    """The board's own counters (docs/protocol.md)."""
    cpu_percent: float | None = None
    """Share of the time since the last Health that the board did not sleep; None when it does not say."""
    lost_frames: int = 0
    lost_events: int = 0
    damaged: int = 0
    """Counted here since the monitor's start."""


@dataclass(frozen=True)
class Setting(Report):
    """A setting has a new value."""

    name: str
    value: int


@dataclass(frozen=True)
class Note(Report):
    """Anything else worth a line: sound lost, an action that failed, what another firmware prints."""

    text: str


Sink = Callable[[Report | None], None]
"""Takes every report, and None now and then when there is none, so that time passes for it too."""


def safe(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` without anything a terminal would act on, and of bounded length."""
    short = text[:limit] + ("…" if len(text) > limit else "")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in short)


def level_db(samples: NDArray[np.int16]) -> float:
    """Loudness in dB below full scale, -96..0: 20 log10 of the root mean square over 32768."""
    power = float(np.mean(np.square(samples.astype(np.float64)))) if len(samples) else 0.0
    return max(-96.0, 10 * math.log10(power / 32768**2)) if power > 0 else -96.0


class Latency:
    """How late events arrive.

    Board and computer share no clock. The board's `ms` counts sound; the quickest event of the last ten
    seconds is taken to have come `least` ms after its sound (the board's computing), and each other one is
    as much later as it came later by the two clocks. So it is a lower bound, and drift does not add up.
    """

    WINDOW_SECONDS = 10.0

    def __init__(self) -> None:
        self.least = 0.0
        self._quickest: deque[tuple[float, float]] = deque()
        """Times and offsets, both growing: the first is the quickest of the window."""

    def of(self, ms: int, arrived: float) -> float:
        """The latency in ms of an event about sound that ended at `ms`; `arrived` in monotonic seconds."""
        offset = arrived * 1000 - ms
        while self._quickest and self._quickest[-1][1] >= offset:
            self._quickest.pop()
        self._quickest.append((arrived, offset))
        while self._quickest[0][0] < arrived - self.WINDOW_SECONDS:
            self._quickest.popleft()
        return self.least + offset - self._quickest[0][1]
