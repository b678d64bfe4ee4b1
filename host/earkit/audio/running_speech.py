"""Running speech that never says the words to hear: prose, read by synthetic voices of one split."""

from collections.abc import Iterator, Sequence

import numpy as np

from earkit.audio import espeak, prose
from earkit.audio.clips import SAMPLE_RATE, Samples, quantise
from earkit.audio.dataset import split_of


def voices(split: str) -> list[str]:
    """The voice variants whose speakers are in `split`."""
    return [name for name in espeak.variants() if split_of(name) == split]


class Reader(Iterator[Samples]):
    """Sentences of `split` without end, in random order, each by a random voice of it; int16[n], full scale/4
    at their loudest. Every sentence is read once before one comes again, by another voice."""

    def __init__(self, split: str, words: Sequence[str], rng: np.random.Generator) -> None:
        self._texts, self._speakers = prose.sentences(words, split), voices(split)
        self._voice, self._rng = espeak.Voice(), rng
        self._left: list[int] = []
        self._rounds = self._unique = 0

    @property
    def unique_seconds(self) -> float:
        """How much was read so far, sentences that came again not counted."""
        return self._unique / SAMPLE_RATE

    def __next__(self) -> Samples:
        while True:
            if not self._left:
                self._left = self._rng.permutation(len(self._texts)).tolist()[::-1]
                self._rounds += 1
            spoken = self._say(self._texts[self._left.pop()])
            if len(spoken) > SAMPLE_RATE:
                self._unique += len(spoken) if self._rounds == 1 else 0
                return spoken

    def _say(self, text: str) -> Samples:
        rng = self._rng
        self._voice.choose(str(rng.choice(espeak.ACCENTS)), str(rng.choice(self._speakers)))
        spoken = self._voice.say(text, int(rng.integers(120, 210)), int(rng.integers(25, 80)))
        loudest = max(1, int(np.abs(spoken.astype(np.int32)).max()))
        return quantise(spoken.astype(np.float64) * (0.25 / loudest))
