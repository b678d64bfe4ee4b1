"""Lesson 6: from the bytes of a WAV file to the model's answer, stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit.audio import clips, espeak
from earkit.core import frontend
from earkit.errors import AudioError
from earkit.figure import BLUE, ORANGE, figure
from earkit.lessons.cnn import TinyConv
from earkit.settings import FrontendSettings

SETTINGS = FrontendSettings()
FFT = 512
VOICE = ("en-us", "Andy")
"""Accent and variant of the synthetic speaker."""


@dataclass(frozen=True)
class Pipeline:
    """What one second of sound becomes."""

    word: str
    """What is said, for the picture."""
    raw: NDArray[np.uint8]
    """uint8[bytes]: the file"""
    decoded: NDArray[np.int16]
    """int16[16000]: 16 kHz, mono"""
    spectrogram: NDArray[np.float32]
    """float32[49, 257]: magnitude in dB of full scale, every 20 ms, 0 to 8 kHz"""
    features: NDArray[np.int8]
    """int8[49, 40]: what the board's front end makes of it"""
    activations: NDArray[np.float32]
    """float32[25, 20, 8]"""
    scores: NDArray[np.float32]
    """float32[4]: probabilities"""

    def stages(self) -> list[tuple[str, NDArray[Any]]]:
        """Name and array, in order."""
        return [
            ("raw WAV", self.raw),
            ("decode", self.decoded),
            ("spectrogram", self.spectrogram),
            ("microfrontend", self.features),
            ("CNN, filters", self.activations),
            ("CNN, output", self.scores),
        ]


def speak(word: str, path: Path) -> None:
    """Write `word` as one second of synthetic speech."""
    voice = espeak.Voice()
    voice.choose(*VOICE)
    clips.write(path, clips.fit(voice.say(word, 150, 50), clips.SAMPLE_RATE))


def follow(word: str, path: Path, model: TinyConv) -> Pipeline:
    """Take the recording at `path` through every stage. Raises AudioError when it is none."""
    decoded = clips.fit(clips.read(path).samples, clips.SAMPLE_RATE)
    try:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise AudioError(f"cannot read {path}: {error.strerror}", "check the name") from error
    features = frontend.window_int8(decoded)
    activations = model.activations(features)
    return Pipeline(
        word, raw, decoded, spectrogram(decoded), features, activations, model.scores(activations)
    )


def spectrogram(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """float32[frames, 257] in dB of full scale: the front end's window and hop, Hann, an FFT of 512."""
    frames = np.lib.stride_tricks.sliding_window_view(samples / 32768.0, SETTINGS.window_samples)
    window = np.hanning(SETTINGS.window_samples + 1)[:-1]
    spectra = np.fft.rfft(frames[:: SETTINGS.hop_samples] * window, FFT)
    return np.asarray(20 * np.log10(np.abs(spectra) * 2 / window.sum() + 1e-6), np.float32)


def hexdump(data: bytes, lines: int) -> str:
    """The first bytes, 16 in a line, in hexadecimal and as letters."""
    parts = [data[start : start + 16] for start in range(0, min(len(data), 16 * lines), 16)]
    letters = ["".join(chr(byte) if 32 <= byte < 127 else "." for byte in part) for part in parts]
    return "\n".join(f"{part.hex(' '):<48}{text}" for part, text in zip(parts, letters, strict=True))


def draw(words: Sequence[Pipeline], labels: Sequence[str], path: Path) -> None:
    """One column for each word, one row for each stage."""
    with figure(path, (4.8 * len(words), 11)) as drawn:
        axes = drawn.subplots(6, len(words), squeeze=False, height_ratios=(0.35, 1, 1.4, 1.4, 1.2, 0.8))
        for column, made in zip(axes.T, words, strict=True):
            for axis, (name, array) in zip(column, made.stages(), strict=True):
                shape = "×".join(map(str, array.shape))
                axis.set_title(f"{name}: {array.dtype}[{shape}]", fontsize=10)
            _draw_column(column, made, labels)
            column[0].set_title(f"“{made.word}”\n{column[0].get_title()}", fontsize=10)


def _draw_column(column: Any, made: Pipeline, labels: Sequence[str]) -> None:
    raw, wave, spectrum, features, answers, output = column
    second = (0.0, 1.0)
    header = raw.text(0.0, 0.5, hexdump(made.raw.tobytes(), 3), family="monospace", fontsize=6.5, va="center")
    header.set_in_layout(False)
    raw.set_axis_off()
    wave.plot(np.arange(len(made.decoded)) / clips.SAMPLE_RATE, made.decoded, color=BLUE, linewidth=0.5)
    wave.set(xlabel="time (s)", ylabel="sample", xlim=second)
    look = {"aspect": "auto", "origin": "lower", "cmap": "cividis", "interpolation": "nearest"}
    spectrum.imshow(made.spectrogram.T, extent=(*second, 0, 8), vmin=-100, vmax=-20, **look)
    spectrum.set(xlabel="time (s)", ylabel="frequency (kHz)\n(−100 to −20 dB)")
    features.imshow(made.features.T, extent=(*second, -0.5, 39.5), vmin=-128, vmax=127, **look)
    features.set(xlabel="time (s)", ylabel="channel\n(125 Hz to 7.5 kHz)")
    count = made.activations.shape[2]
    side_by_side = np.concatenate([made.activations[:, :, f].T for f in range(count)], axis=1)
    answers.imshow(side_by_side, extent=(0, count, 0, 20), **look)
    for edge in range(1, count):
        answers.axvline(edge, color="white", linewidth=1)
    answers.set(xlabel="filter (each: 1 s)", ylabel="position\n(2 channels)", xticks=np.arange(count) + 0.5)
    answers.set_xticklabels(map(str, range(1, count + 1)))
    best = int(made.scores.argmax())
    bars = output.barh(labels, made.scores, color=[ORANGE if i == best else BLUE for i in range(len(labels))])
    output.bar_label(bars, fmt="%.2f", padding=3)
    output.set(xlabel="probability", xlim=(0, 1.2))
    output.invert_yaxis()
