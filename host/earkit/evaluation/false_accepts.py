"""What a person who lives with a board feels: words missed, and false alarms an hour."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from earkit.audio import augment
from earkit.audio.clips import SAMPLE_RATE
from earkit.audio.dataset import Split
from earkit.audio.running_speech import Reader
from earkit.evaluation import listening, long_stream
from earkit.evaluation.intervals import Interval, poisson, share
from earkit.evaluation.listening import Playlist, Spoken
from earkit.evaluation.long_stream import NOISE, SPEECH
from earkit.progress import Progress, silent
from earkit.settings import ModelSettings, RecognizerSettings
from earkit.spotter.heard import Heard
from earkit.spotter.host import Scored, decide, score
from earkit.spotter.model import Engine

FALSE_PER_HOUR = 0.5
"""What is borne at the recommended threshold."""
AVERAGES = (160, 240, 320, 480, 640)
THRESHOLDS = (*range(100, 240, 5), *range(240, 256))

_LATE = 0.25
"""Seconds into a clip from which on what is heard is that clip, and not the one before."""


@dataclass(frozen=True)
class Negative:
    """A part of the sound without words."""

    scored: Scored
    spoken: tuple[Spoken, ...]
    """As `long_stream.negatives` has it."""

    def source(self, ms: int) -> Spoken:
        """What sounded when something was heard at `ms`."""
        begun = bisect_right(self.spoken, ms / 1000 - _LATE, key=lambda one: one.start)
        return self.spoken[max(0, begun - 1)]


@dataclass(frozen=True)
class Hours:
    """A model's scores over long sounds, from which any recogniser's answers follow."""

    labels: tuple[str, ...]
    negatives: tuple[Negative, ...]
    hours: float
    unique_minutes: dict[str, float]
    """How much of the sound without words is no repetition, by what it is."""
    playlist: Playlist
    positives: Scored

    def judge(self, settings: RecognizerSettings) -> "Figures":
        words = ModelSettings(self.labels).words
        alarms = [
            part.source(found.ms)
            for part in self.negatives
            for found in self._recognised(part.scored, settings)
        ]
        found = self._recognised(self.positives, settings)
        result = listening.score(self.playlist, found, words)
        return Figures(
            played=sum(result.played.values()),
            clips=len({clip.name for clip in self.playlist.spoken}),
            missed=len(result.missed),
            wrong=len(result.false),
            alarms=len(alarms),
            by=dict(Counter(source.word for source in alarms).most_common()),
            clips_taken=len({source.name for source in alarms} - {SPEECH, NOISE}),
            hours=self.hours,
            settings=settings,
        )

    def latencies(self, settings: RecognizerSettings, split: Split) -> NDArray[np.float64]:
        """Milliseconds from the end of each word that was heard to its line."""
        _, ends = augment.extents(split.samples.astype(np.float32))
        end_of = dict(zip(split.names, (ends * augment.FRAME / SAMPLE_RATE).tolist(), strict=True))
        found = self._recognised(self.positives, settings)
        late = []
        for clip in self.playlist.spoken:
            times = [
                h.ms / 1000
                for h in found
                if h.label == clip.word and clip.start <= h.ms / 1000 <= clip.end + 1
            ]
            late += [1000 * (times[0] - clip.start - end_of[clip.name])] if times else []
        return np.array(late)

    def _recognised(self, scored: Scored, settings: RecognizerSettings) -> list[Heard]:
        return decide(scored, ModelSettings(self.labels, recognizer=settings))


@dataclass(frozen=True)
class Figures:
    played: int
    clips: int
    """How many of the words played are not repetitions."""
    missed: int
    wrong: int
    """Detections in the sound with words that answer to none of them."""
    alarms: int
    """Detections in the sound without words."""
    by: dict[str, int]
    """What set them off: how often which other word, SPEECH or NOISE."""
    clips_taken: int
    """How many clips of other words did."""
    hours: float
    settings: RecognizerSettings

    @property
    def missed_share(self) -> float:
        return self.missed / max(1, self.played)

    @property
    def missed_interval(self) -> Interval:
        """As if each clip had been played once: a repetition is no new voice."""
        return share(round(self.missed_share * self.clips), max(1, self.clips))

    @property
    def per_hour(self) -> float:
        return self.alarms / self.hours

    @property
    def per_hour_interval(self) -> Interval:
        low, high = poisson(self.alarms)
        return low / self.hours, high / self.hours


def hear(
    engine: Engine,
    split: Split,
    name: str,
    labels: Sequence[str],
    hours: float,
    seed: int = 0,
    progress: Progress = silent,
) -> Hours:
    """Play `hours` without words and every word twice to the model's C on this computer; `name` is the
    split's."""
    total = max(1, round(hours * 3600 / long_stream.PART_SECONDS))
    settings = ModelSettings(tuple(labels))
    reader, parts = Reader(name, settings.words, np.random.default_rng([seed, 4])), []
    for sound in long_stream.negatives(split, reader, hours, seed):
        parts.append(Negative(score(engine, sound.samples, settings), sound.spoken))
        progress(f"listening ({name})", len(parts), total)
    playlist = long_stream.positives(split, seed=seed)
    heard = total * long_stream.PART_SECONDS / 3600
    unique = {"running speech": reader.unique_seconds / 60} | long_stream.unique_minutes(split)
    said = score(engine, playlist.samples, settings)
    return Hours(settings.labels, tuple(parts), heard, unique, playlist, said)


def recommend(heard: Hours, per_hour: float = FALSE_PER_HOUR) -> Figures:
    """Of all averages and thresholds the one that misses fewest words at `per_hour` false accepts or fewer;
    where none is so good, the one with fewest false accepts."""
    choices = [figures for average in AVERAGES for figures in curve(heard, average)]
    good = [figures for figures in choices if figures.per_hour <= per_hour]
    if good:
        return min(good, key=lambda f: (f.missed, f.alarms, -f.settings.threshold))
    return min(choices, key=lambda f: (f.alarms, f.missed))


def curve(heard: Hours, average_ms: int, thresholds: Iterable[int] = THRESHOLDS) -> list[Figures]:
    """The detection error tradeoff: one point for each threshold."""
    start = replace(RecognizerSettings(), average_ms=average_ms)
    return [heard.judge(replace(start, threshold=threshold)) for threshold in thresholds]
