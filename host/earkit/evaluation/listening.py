"""What a listener heard of a playlist: clips one after another, with a pause of background between.

The same playlist goes to the simulated board, to a real one or to the C core on the PC; what came back
is compared with what was played.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.audio.dataset import FIRST_WORD, Split, speaker_of
from earkit.spotter.heard import Heard


@dataclass(frozen=True)
class Spoken:
    """One clip of a playlist; times in seconds from the start of the sound."""

    word: str
    name: str
    start: float
    end: float


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


def playlist(
    split: Split, labels: Sequence[str], per_word: int | None = None, others: int | None = None, seed: int = 0
) -> Playlist:
    """Clips of one split in random order, words to hear and other words mixed, over its quietest noise.

    `per_word` clips of each word (all by default), of as many speakers as there are, and `others` of other
    words (by default as many as of all words together). The background is one of the split's noises at an
    RMS of 66, -54 dB of full scale.
    """
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for label in range(len(labels) - 1, 0, -1):
        members = np.flatnonzero(split.labels == label)
        wanted = per_word if label >= FIRST_WORD else len(chosen) if others is None else others
        chosen += _by_turns(split, rng.permutation(members))[:wanted].tolist()
    noise = np.concatenate(split.noise).astype(np.float64)
    background = (noise * (66.0 / max(1.0, float(np.sqrt(np.mean(noise**2)))))).astype(np.int16)
    words = split.words()
    mixed = (chosen[i] for i in rng.permutation(len(chosen)))
    return arrange(((words[i], split.names[i], split.samples[i]) for i in mixed), background)


def _by_turns(split: Split, clips: NDArray[np.int64]) -> NDArray[np.int64]:
    """The clips in an order in which each speaker has one turn before any has a second."""
    turns: dict[str, int] = {}
    rounds = []
    for clip in clips:
        speaker = speaker_of(split.names[clip])
        turns[speaker] = turns.get(speaker, -1) + 1
        rounds.append(turns[speaker])
    return clips[np.argsort(rounds, kind="stable")]


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
        match = next((d for d in waiting if d.label == clip.word and _during(clip, d, late)), None)
        if match is None:
            result.missed.append(clip)
        else:
            waiting.remove(match)
            result.heard[clip.word] += 1
    result.false = waiting
    return result


def _during(clip: Spoken, detection: Heard, late: float) -> bool:
    return clip.start <= detection.ms / 1000 <= clip.end + late
