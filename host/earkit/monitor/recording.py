"""Training data through the board's own microphone: clips of one second, judged one by one.

A clip is kept when it holds one utterance, loud enough, unclipped, whole and without lost sound. Files lie
as in Speech Commands, `WORD/SPEAKER_nohash_N.wav`, so that `earkit train --data` reads them.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earkit.errors import EarkitError
from earkit.monitor.reports import HOP, SAMPLE_RATE, Audio, Gone, Report
from earkit.monitor.sound import HOPS_PER_SECOND, MS_PER_HOP, Samples, write_wav

WINDOW_SECONDS = 2.0
"""How long a speaker has for the word."""
CLIP_SAMPLES = SAMPLE_RATE
FULL_SCALE, CLIPPED_SAMPLES = 32700, 8
"""As many samples at full scale are clipping, not chance."""
QUIET_DB = -45.0
"""A word's loudest 20 ms must be above this, of full scale, …"""
ABOVE_NOISE_DB = 12.0
"""… and this far above the quietest fifth of the window."""
_SPEECH_DB = 20.0
"""The word is what comes within this of its loudest 20 ms."""
_EDGE_HOPS = 3
_FLOOR_DB = -96.0
_PATIENCE_SECONDS = 5.0
_BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Take:
    clip: Samples
    """int16[16000], the word in the middle."""
    problem: str
    """Why it cannot be used; empty when it can."""
    picture: str
    """Its loudness over time, in block characters."""
    peak_db: float


def listen(reports: Iterator[Report | None], seconds: float = WINDOW_SECONDS) -> tuple[Samples, int]:
    """The next `seconds` of sound, int16, and how many of its hops were lost.

    Raises EarkitError when the board goes or no sound comes.
    """
    count, first = round(seconds * HOPS_PER_SECOND), -1
    window, got = np.zeros(count * HOP, np.int16), 0
    deadline = time.monotonic() + seconds + _PATIENCE_SECONDS
    for report in reports:
        if isinstance(report, Gone) or time.monotonic() > deadline:
            break
        if not isinstance(report, Audio):
            continue
        first = report.hop if first < 0 else first
        at = report.hop - first
        if 0 <= at < count:
            window[at * HOP : (at + 1) * HOP] = report.samples
            got += 1
        if at >= count - 1:
            return window, count - got
    raise EarkitError("no sound comes", "is the board plugged in? What is recorded is kept: start again")


def judge(window: Samples, lost: int = 0) -> Take:
    """Find the word in a window of sound and cut it out."""
    levels = _levels(window)
    peak, noise = float(levels.max()), float(np.percentile(levels, 20))
    speech = np.flatnonzero(levels > max(peak - _SPEECH_DB, noise + ABOVE_NOISE_DB / 2))
    clip = _cut(window, speech)
    problem = _problem(window, speech, peak, noise, lost)
    return Take(clip, problem, _picture(levels), peak)


def _levels(window: Samples) -> np.ndarray:
    """dB below full scale of each hop."""
    hops = window[: len(window) // HOP * HOP].reshape(-1, HOP).astype(np.float64)
    power = np.mean(np.square(hops / 32768), axis=1)
    return np.asarray(np.maximum(_FLOOR_DB, 10 * np.log10(np.maximum(power, 1e-12))))


def _problem(window: Samples, speech: np.ndarray, peak: float, noise: float, lost: int) -> str:
    if lost:
        return f"{lost * MS_PER_HOP} ms were lost on the line"
    if peak < QUIET_DB:
        return "too quiet"
    if np.count_nonzero(np.abs(window.astype(np.int32)) >= FULL_SCALE) >= CLIPPED_SAMPLES:
        return "clipped: further away, or more quietly"
    if peak - noise < ABOVE_NOISE_DB or not len(speech):
        return "too much noise, or no word"
    if speech[0] < _EDGE_HOPS:
        return "too early: wait for the sign"
    if speech[-1] >= len(window) // HOP - _EDGE_HOPS:
        return "too late: it was cut off"
    return "" if (speech[-1] - speech[0] + 1) * HOP <= CLIP_SAMPLES else "longer than a second"


def _cut(window: Samples, speech: np.ndarray) -> Samples:
    """One second with the word in its middle."""
    middle = (speech[0] + speech[-1] + 1) * HOP // 2 if len(speech) else len(window) // 2
    start = int(np.clip(middle - CLIP_SAMPLES // 2, 0, len(window) - CLIP_SAMPLES))
    return window[start : start + CLIP_SAMPLES]


def _picture(levels: np.ndarray, width: int = 50) -> str:
    parts = (float(part.max()) for part in np.array_split(levels, min(width, len(levels))))
    steps = (round((level - QUIET_DB - 10) / -(QUIET_DB + 10) * (len(_BLOCKS) - 1)) for level in parts)
    return "".join(_BLOCKS[min(max(step, 0), len(_BLOCKS) - 1)] for step in steps)


class Shelf:
    """Where the clips of one word by one speaker lie; it goes on where an earlier session ended."""

    def __init__(self, folder: Path, word: str, speaker: str) -> None:
        """Raises EarkitError when word or speaker would lead out of `folder` or confuse the layout."""
        if not re.fullmatch(r"[^\W_][\w' -]*", word):
            raise EarkitError(f"'{word}' is not a word for a folder's name", "letters and digits")
        if not re.fullmatch(r"[A-Za-z0-9-]+", speaker):
            raise EarkitError(f"'{speaker}' is not a speaker's name", "letters, digits and -")
        self.folder, self.speaker = folder / word, speaker

    def numbers(self) -> list[int]:
        """Of the clips that are there."""
        pattern = re.compile(rf"{re.escape(self.speaker)}_nohash_(\d+)\.wav")
        found = (pattern.fullmatch(path.name) for path in self.folder.glob("*.wav"))
        return sorted(int(match[1]) for match in found if match)

    def put(self, clip: Samples) -> Path:
        """Write the clip under the next number, whole or not at all."""
        numbers = self.numbers()
        path = self.folder / f"{self.speaker}_nohash_{numbers[-1] + 1 if numbers else 0}.wav"
        write_wav(path, clip)
        return path
