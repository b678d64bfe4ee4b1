"""Pictures of a data set, of thresholds, and of a clip with what was heard. Written as PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.core import frontend
from earkit.evaluation.false_accepts import Figures
from earkit.evaluation.listening import Playlist
from earkit.figure import BLUE, GREEN, ORANGE, axes
from earkit.spotter.heard import Heard

_HOP = frontend.SETTINGS.hop_ms / 1000


def data_set(clips: Mapping[str, Mapping[str, int]], path: Path) -> None:
    """Clips per word, by split: `clips[word][split]`."""
    words = sorted(clips, key=lambda word: sum(clips[word].values()))
    with axes(path, 1, 1, (8, 1.2 + 0.22 * len(words))) as drawn:
        axis, left = drawn.flat[0], np.zeros(len(words))
        for split, colour in zip(("training", "validation", "testing"), (BLUE, ORANGE, GREEN), strict=True):
            counts = np.array([clips[word].get(split, 0) for word in words])
            axis.barh(words, counts, left=left, color=colour, label=split)
            left += counts
        axis.set(xlabel="clips")
        axis.legend(frameon=False, loc="lower right")


def detection_error(curves: Mapping[str, Sequence[Figures]], chosen: Figures, path: Path) -> None:
    """Words missed against false accepts an hour, a curve for each group of speakers, and the threshold that
    was chosen on the first, as it fares with the second."""
    with axes(path, 1, 1, (6, 4.5)) as drawn:
        axis = drawn.flat[0]
        least = 0.5 / chosen.hours
        for (name, points), style in zip(curves.items(), ("--", "-"), strict=True):
            alarms = [max(least, point.per_hour) for point in points]
            axis.plot(alarms, [100 * point.missed_share for point in points], style, label=f"{name} speakers")
        at = max(least, chosen.per_hour)
        axis.plot(at, 100 * chosen.missed_share, "o", color=ORANGE, label="chosen on validation speakers")
        axis.set(xlabel="false accepts an hour", ylabel="words missed, %", xscale="log", ylim=(0, None))
        axis.grid(alpha=0.3, which="both")
        axis.legend(frameon=False)


def clip(samples: Samples, heard: Sequence[Heard], start: float, name: str, path: Path) -> None:
    """Waveform and features of a sound, and what was heard in it.

    samples: int16[n], 16 kHz, which began `start` seconds after the listener; `heard` has the listener's
    times.
    """
    rows = frontend.to_int8(frontend.features(samples)).astype(np.int16) + 128
    end = start + len(samples) / SAMPLE_RATE
    with axes(path, 2, 1, (9, 5)) as drawn:
        wave, features = drawn.flat
        seconds = start + np.arange(len(samples)) / SAMPLE_RATE
        wave.plot(seconds, samples / 32768.0, color=BLUE, linewidth=0.6)
        wave.set(ylabel="amplitude\n(of full scale)", title=name, xlim=(start, end))
        extent = (start, start + len(rows) * _HOP, -0.5, rows.shape[1] - 0.5)
        image = features.imshow(
            rows.T, aspect="auto", origin="lower", extent=extent, cmap="cividis", vmin=0, vmax=255
        )
        features.set(
            xlabel="time since the board started listening (s)", ylabel="channel\n(125 Hz to 7.5 kHz)"
        )
        wave.figure.colorbar(image, ax=[wave, features], label="feature (0 to 255)")
        for detection in heard:
            _mark(wave, features, detection)


def first_heard(playlist: Playlist, heard: Sequence[Heard], words: Sequence[str], path: Path) -> None:
    """The first clip of a playlist that was heard, or the first word where none was, as `clip` draws it."""
    said = [one for one in playlist.spoken if one.word in words]
    known = [c for c in said if any(h.label == c.word and 0 <= h.ms / 1000 - c.start < 2 for h in heard)]
    shown = (known or said)[0]
    start = round((shown.start - 0.5) * SAMPLE_RATE)
    end = round((shown.end + 1.0) * SAMPLE_RATE)
    reported = [h for h in heard if start <= h.ms * SAMPLE_RATE // 1000 < end]
    clip(playlist.samples[start:end], reported, start / SAMPLE_RATE, shown.name, path)


def _mark(wave: Any, features: Any, detection: Heard) -> None:
    for axis in (wave, features):
        axis.axvline(detection.ms / 1000, color=ORANGE, linestyle="--", linewidth=1.5)
    wave.annotate(
        f"Heard {detection.label} ({detection.score}) @{detection.ms}ms",
        (detection.ms / 1000, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-5, -5),
        textcoords="offset points",
        ha="right",
        va="top",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
        color=ORANGE,
        fontweight="bold",
    )
