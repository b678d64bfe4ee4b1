"""What a listener heard of a playlist: clips one after another, with a pause of background between.

The same playlist goes to the simulated board, to a real one or to the C core on the PC; what came back
is compared with what was played.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16000
Samples = NDArray[np.int16]

NOT_WORDS = ("silence", "unknown")
"""Labels that a listener never reports."""


@dataclass(frozen=True)
class Spoken:
    """One clip of a playlist; times in seconds from the start of the sound."""

    word: str
    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Heard:
    """One detection, as in `Heard yes (204) @2336ms`."""

    word: str
    score: int
    ms: int


@dataclass(frozen=True)
class Playlist:
    samples: Samples
    spoken: tuple[Spoken, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


@dataclass
class Score:
    """Per word: how often it was played and heard; and every detection that answers to no clip."""

    played: dict[str, int] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    missed: list[Spoken] = field(default_factory=list)
    false: list[Heard] = field(default_factory=list)

    @property
    def share_heard(self) -> float:
        """0..1 over all words; 0 when nothing was played."""
        return sum(self.heard.values()) / max(1, sum(self.played.values()))


def arrange(
    clips: Iterable[tuple[str, str, Samples]], background: Samples, lead: float = 2.0, pause: float = 1.5
) -> Playlist:
    """Lay `(word, name, samples)` one after another over a background.

    `background` is repeated to the whole length and goes on under the clips; `lead` seconds of it come
    first, `pause` seconds follow each clip. Sums saturate at 16 bit.
    """
    position = round(lead * SAMPLE_RATE)
    placed: list[tuple[int, Samples]] = []
    spoken: list[Spoken] = []
    for word, name, samples in clips:
        end = position + len(samples)
        placed.append((position, samples))
        spoken.append(Spoken(word, name, position / SAMPLE_RATE, end / SAMPLE_RATE))
        position = end + round(pause * SAMPLE_RATE)
    sound = np.resize(background, position).astype(np.int32)
    for start, samples in placed:
        sound[start : start + len(samples)] += samples
    return Playlist(np.clip(sound, -32768, 32767).astype(np.int16), tuple(spoken))


def score(playlist: Playlist, heard: Sequence[Heard], words: Sequence[str], late: float = 1.0) -> Score:
    """Match detections with clips.

    A detection belongs to the clip that was sounding, or had ended less than `late` seconds before. It
    is right when it names that clip's word for the first time; every other detection is false.
    `words` are the labels that can be reported.
    """
    result = Score(played=dict.fromkeys(words, 0), heard=dict.fromkeys(words, 0))
    waiting = list(heard)
    for clip in playlist.spoken:
        if clip.word not in result.played:
            continue
        result.played[clip.word] += 1
        match = next((d for d in waiting if d.word == clip.word and _during(clip, d, late)), None)
        if match is None:
            result.missed.append(clip)
        else:
            waiting.remove(match)
            result.heard[clip.word] += 1
    result.false = waiting
    return result


def _during(clip: Spoken, detection: Heard, late: float) -> bool:
    return clip.start <= detection.ms / 1000 <= clip.end + late
