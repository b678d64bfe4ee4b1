"""What can be chosen about a training, with what is taken when nothing is."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from earkit.errors import EarkitError


@dataclass(frozen=True)
class Augmentation:
    """How differently a clip may sound each time it is heard. 0 switches a change off."""

    shift: int = 6
    """Frames of 20 ms by which the middle of a word may lie off the window's middle. The recogniser averages
    over the windows in which it does; a small model cannot know a word everywhere."""
    as_recorded: float = 0.5
    """Share of the words that lie in the window as they were recorded, off its middle by up to 0.3 s; the
    others lie in the middle."""
    gain: float = 15.0
    """Decibels by which a clip is softer at most; it is louder by a third of that at most."""
    noise: float = 35.0
    """Background lies 45 dB below the clip at the least and 45 minus this at the most."""
    tempo: float = 0.12
    """A clip is played up to e^tempo times as fast or as slow; pitch and formants move with it."""
    reverb: float = 0.0
    """Share of the clips that are heard in a room."""
    equaliser: float = 0.0
    """Standard deviation of the gain at seven frequencies, decibels: another microphone."""
    channels: int = 1
    """Channels by which the spectrum may move up or down: another voice."""
    loudness: int = 6
    """int8 steps by which all features may be higher or lower."""
    mask: int = 0
    """Frames, and channels, that may be blanked out (SpecAugment)."""
    cut: float = 0.0
    """Share of the words that the window's edge cuts, half of the word or more being heard."""

    def without(self, names: Iterable[str]) -> "Augmentation":
        """The same with some changes switched off. Raises EarkitError for one that it does not make."""
        made = [field.name for field in fields(self) if getattr(self, field.name)]
        for name in names:
            if name not in made:
                raise EarkitError(f"there is no {name} to leave out", f"choose among: {', '.join(made)}")
        return replace(self, **dict.fromkeys(names, 0))


@dataclass(frozen=True)
class FitSettings:
    epochs: int = 60
    windows: int = 8192
    """Windows drawn for each epoch, anew each time."""
    batch: int = 128
    learning_rate: float = 0.002
    """At its highest, after a twentieth of the way; from there it falls to zero along a cosine."""
    weight_decay: float = 0.0
    watched: str = "val_accuracy"
    """By what the epochs are compared: which share of the validation windows is right, or the least
    "val_loss", which an early epoch rarely has by luck."""
    patience: int = 40
    """Epochs without a better one after which training stops."""
    passes: int = 4
    """Surroundings in which each clip is heard."""
    silence: float = 0.1
    unknown: float = 0.4
    """Shares of the windows; the words have the rest in equal parts."""
    speech: float = 0.0
    """Share of the windows that are running synthetic speech without the words, out of `unknown`'s: of five
    times as many those that the model most takes for words."""
    hard: float = 0.0
    """Share of the windows that are other words which the model most takes for words to hear, out of
    `unknown`'s as well."""
    medley: float = 0.0
    """Share of the windows that are words strung together and halves of them, which only a teacher names."""
    partial: float = 0.1
    """Share of a word's windows that hold less than half of it, which is `unknown`."""
    smoothing: float = 0.05
    """Label smoothing: the share of a target that goes to all labels alike. A teacher's answers need none."""
    teacher: float = 0.0
    """Share of a teacher's answer in the target for what has no label, `unknown` being the rest; 0 is no
    teacher."""
    doubt: float = 0.1
    """By what a teacher's answers to a clip count, other than the one that is the clip's label: one of them
    must be ten times as sure to outweigh it. 1 is not to know the labels, 0 not to ask the teacher."""
    kinds: float = 0.0
    """Weight of a second output, in training alone, that tells the other words apart; 0 is none."""
    even: bool = False
    """After training `unknown` is given the weight of one label among others; see `prior`."""
    seed: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)

    def draw(
        self, of: NDArray[np.int64], labels: int, count: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Which examples come up: int[count], indices into `of`, their labels, in the settings' shares."""
        word = (1.0 - self.silence - self.unknown) / (labels - 2)
        wanted = rng.choice(labels, count, p=[self.silence, self.unknown, *[word] * (labels - 2)])
        chosen = np.empty(count, np.int64)
        for label in range(labels):
            places = wanted == label
            chosen[places] = rng.choice(np.flatnonzero(of == label), places.sum())
        return chosen
