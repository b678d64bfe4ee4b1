"""Lesson 8: a large pretrained model, wav2vec2 fine-tuned on keywords, beside our own small one.

Baevski A. et al., "wav2vec 2.0", 2020. Its weights, hundreds of megabytes, come from the Hugging Face hub.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earkit.audio import clips
from earkit.errors import AudioError, ModelError, require
from earkit.figure import BLUE, ORANGE, figure
from earkit.lessons.cnn import TinyConv

MODEL = "anton-l/wav2vec2-base-ft-keyword-spotting"
EXTRA = "wav2vec2"
ENDINGS = (".wav", ".flac")


@dataclass(frozen=True)
class Verdict:
    path: Path
    label: str
    confidence: float
    """Of wav2vec2's label, 0..1."""
    our_label: str
    our_confidence: float


class Wav2Vec2:
    """A wav2vec2 model with a classifier on top. Raises ModelError when it cannot be loaded."""

    def __init__(self, name: str = MODEL) -> None:
        """`name` is one on the hub (or in its cache), or a folder that holds the model."""
        require("torch", EXTRA)
        transformers = require("transformers", EXTRA)
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        try:
            self._extract, self._model = _load_model(transformers, name)
        except Exception as error:  # whatever the readers of half a dozen formats raise
            raise _not_loaded(name) from error
        self._model.eval()

    def hear(self, path: Path) -> tuple[str, float]:
        """Label and confidence of a recording, resampled to the model's rate by librosa."""
        torch = require("torch", EXTRA)
        rate = int(self._extract.sampling_rate)
        inputs = self._extract(_load(path, rate), sampling_rate=rate, return_tensors="pt")
        with torch.no_grad():
            scores = torch.nn.functional.softmax(self._model(**inputs).logits, dim=-1)[0]
        best = int(scores.argmax())
        return str(self._model.config.id2label[best]), float(scores[best])


def _load_model(transformers: Any, name: str) -> tuple[Any, Any]:
    """From the folder or the cache, else from the hub: asked once first, for the loader asks for a minute."""
    kinds = (transformers.Wav2Vec2FeatureExtractor, transformers.Wav2Vec2ForSequenceClassification)
    try:
        extract, model = (kind.from_pretrained(name, local_files_only=True) for kind in kinds)
    except OSError:
        if Path(name).is_dir():
            raise
        require("huggingface_hub", EXTRA).HfApi().model_info(name, timeout=10)
        extract, model = (kind.from_pretrained(name) for kind in kinds)
    return extract, model


def _not_loaded(name: str) -> ModelError:
    if Path(name).is_dir():
        return ModelError(
            f"{name} holds no wav2vec2 model", "it needs config.json, preprocessor_config.json and weights"
        )
    return ModelError(
        f"cannot load {name}: it is not in the cache, and the hub cannot be reached or has no such model",
        f"with network once: hf download {name} --local-dir DIR; then give --hub DIR",
    )


def _load(path: Path, rate: int) -> Any:
    """float32[n] at `rate`, mono; one second at least: the network refuses clips that are far shorter."""
    librosa = require("librosa", EXTRA)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            samples, _ = librosa.load(path, sr=rate)
    except Exception as error:  # whatever its readers raise
        raise AudioError(f"cannot read {path}", "it should be WAV or FLAC") from error
    if not len(samples):
        raise AudioError(f"{path} holds no sound", "record it again")
    return librosa.util.fix_length(samples, size=max(rate, len(samples)))


def recordings(path: Path) -> list[Path]:
    """The recording at `path`, or all below it when it is a folder. Raises AudioError when there is none."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
    if not found:
        raise AudioError(f"{path} holds no recordings", "give a .wav or .flac file, or a folder of them")
    return found


def judge(paths: list[Path], theirs: Wav2Vec2, ours: TinyConv) -> Iterator[Verdict]:
    """What both models hear in each recording; ours in its middle second."""
    for path in paths:
        scores = ours.hear(clips.fit(clips.read(path).samples, clips.SAMPLE_RATE))
        best = int(scores.argmax())
        yield Verdict(path, *theirs.hear(path), ours.labels[best], float(scores[best]))


def draw(made: Sequence[Verdict], path: Path) -> None:
    """For each recording what both models took it for, and how sure they were. The first 20 of them."""
    shown = made[:20]
    with figure(path, (8, 1.6 + 0.5 * len(shown))) as drawn:
        axis = drawn.subplots()
        rows = np.arange(len(shown))
        for offset, colour, name, labels, sure in (
            (-0.2, BLUE, "wav2vec2", [one.label for one in shown], [one.confidence for one in shown]),
            (0.2, ORANGE, "ours", [one.our_label for one in shown], [one.our_confidence for one in shown]),
        ):
            bars = axis.barh(rows + offset, sure, 0.36, color=colour, label=name)
            axis.bar_label(
                bars, [f"{label} {one:.2f}" for label, one in zip(labels, sure, strict=True)], padding=3
            )
        axis.set_yticks(rows, [one.path.name[-32:] for one in shown])
        axis.invert_yaxis()
        axis.set(xlabel="confidence", xlim=(0, 1.3), title="the large model and ours")
        axis.legend(
            frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.45 / len(shown) - 0.1), ncols=2
        )
