"""Running speech that never says the words to hear: English prose, read by synthetic voices.

The prose is Python's own reference, which comes with every Python, the same for all splits; the voices are
those whose speakers are in the split.
"""

import re
from collections.abc import Iterator, Sequence
from pydoc_data.topics import topics

import numpy as np

from earshot.audio import espeak
from earshot.audio.clips import SAMPLE_RATE, Samples, quantise
from earshot.audio.dataset import split_of

HOMOPHONES = {
    "no": ("know",),
    "right": ("write", "rite", "wright"),
    "one": ("won",),
    "two": ("to", "too"),
    "four": ("for", "fore"),
    "eight": ("ate",),
}
_FEWEST, _MOST = 4, 30


def sentences(words: Sequence[str]) -> list[str]:
    """Sentences of prose without any of `words`, or what sounds the same."""
    banned = {sound for word in words for sound in (word, *HOMOPHONES.get(word, ()))}
    text = re.sub(r"[`*\"|>]", "", " ".join(topics.values()))
    found = (re.sub(r"\s+", " ", part).strip() for part in re.split(r"(?<=[.;:!?])\s+", text))
    return sorted({part for part in found if _is_prose(part) and not banned & _words(part)})


def vocabulary(words: Sequence[str]) -> list[str]:
    """The words of that prose."""
    return sorted(set().union(*map(_words, sentences(words))))


def voices(split: str) -> list[str]:
    """The voice variants whose speakers are in `split`."""
    return [name for name in espeak.variants() if split_of(name) == split]


def read_aloud(split: str, words: Sequence[str], rng: np.random.Generator) -> Iterator[Samples]:
    """Sentences without end, in random order, each by a random voice of `split`; int16[n], full scale/4 at
    their loudest. Every sentence is read once before one comes again, by another voice."""
    texts, speakers = sentences(words), voices(split)
    voice = espeak.Voice()
    while True:
        for index in rng.permutation(len(texts)):
            voice.choose(str(rng.choice(espeak.ACCENTS)), str(rng.choice(speakers)))
            spoken = voice.say(texts[index], int(rng.integers(120, 210)), int(rng.integers(25, 80)))
            loudest = max(1, int(np.abs(spoken.astype(np.int32)).max()))
            if len(spoken) > SAMPLE_RATE:
                yield quantise(spoken.astype(np.float64) * (0.25 / loudest))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def _is_prose(text: str) -> bool:
    letters = sum(character.isalpha() or character in " ,.;:'" for character in text)
    return _FEWEST <= len(text.split()) <= _MOST and letters > 0.97 * len(text) and "_" not in text
