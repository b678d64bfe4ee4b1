"""What is in a data set: words, speakers, splits, and clips that are not as they should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earkit.audio import augment, clips, dataset
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.audio.dataset import SPLITS
from earkit.errors import AudioError
from earkit.progress import Progress, silent

CLIPPED = 0.001
"""Share of samples at full scale from which a clip counts as clipped."""
SILENT = 30.0
"""RMS of its loudest 20 ms, of 32768, below which a clip counts as silent."""
SHORT = 0.9
"""Seconds below which a clip counts as short."""
FAULTS = ("clipped", "silent", "short")


@dataclass(frozen=True)
class Survey:
    clips: Mapping[str, Mapping[str, int]]
    """By word, then by split."""
    speakers: Mapping[str, int]
    """By split."""
    shared: tuple[str, ...]
    """Speakers that are in more than one split: there should be none."""
    faults: Mapping[str, tuple[str, ...]]
    """By FAULTS: the names of such clips."""
    skipped: tuple[str, ...]
    """One line for each file that could not be read."""
    noise_seconds: float

    @property
    def total(self) -> int:
        return sum(sum(splits.values()) for splits in self.clips.values())


def survey(folder: Path, progress: Progress = silent) -> Survey:
    """Look at every recording of a folder in the Speech Commands layout. Raises DataError when there is
    none."""
    by_word: dict[str, dict[str, int]] = {}
    speakers: dict[str, set[str]] = {split: set() for split in SPLITS}
    faults: dict[str, list[str]] = {fault: [] for fault in FAULTS}
    skipped: list[str] = []
    found = dataset.split_names(folder)
    for done, (name, split) in enumerate(found.items()):
        try:
            samples = clips.read(folder / name).samples
        except AudioError as error:
            skipped.append(error.message)
            continue
        finally:
            progress("reading clips", done + 1, len(found))
        counts = by_word.setdefault(dataset.word_of(name), dict.fromkeys(SPLITS, 0))
        counts[split] += 1
        speakers[split].add(dataset.speaker_of(name))
        for fault in faults_of(samples):
            faults[fault].append(name)
    noise_seconds = _noise_seconds(folder, skipped)
    return Survey(
        clips=by_word,
        speakers={split: len(names) for split, names in speakers.items()},
        shared=tuple(dataset.shared_speakers(speakers.values())),
        faults={fault: tuple(names) for fault, names in faults.items()},
        skipped=tuple(skipped),
        noise_seconds=noise_seconds,
    )


def faults_of(samples: Samples) -> list[str]:
    """Which of FAULTS a clip has."""
    wave = samples.astype(np.float32)
    padded = np.pad(wave, (0, -len(wave) % augment.FRAME)).reshape(-1, augment.FRAME)
    faults = {
        "clipped": np.mean(np.abs(wave) >= 32767) >= CLIPPED,
        "silent": augment.rms(padded).max() < SILENT,
        "short": len(wave) < SHORT * SAMPLE_RATE,
    }
    return [fault for fault, has in faults.items() if has]


def _noise_seconds(folder: Path, skipped: list[str]) -> float:
    seconds = 0.0
    for path in (folder / dataset.NOISE_FOLDER).glob("*"):
        if path.suffix.lower() in dataset.ENDINGS:
            try:
                seconds += len(clips.read(path).samples) / SAMPLE_RATE
            except AudioError as error:
                skipped.append(error.message)
    return seconds
