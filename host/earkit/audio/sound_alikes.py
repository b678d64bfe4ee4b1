"""Words that sound like those to hear, and are others: what a model has to tell apart most of all."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from earkit.audio import prose
from earkit.audio.espeak import Voice

_EACH = 30
"""At most so many for each word."""
_LIKE = 0.5
"""SequenceMatcher.ratio of two words' phonemes from which on they are alike."""


def of(words: Sequence[str], voice: Voice) -> list[str]:
    """Words of English prose, in order, that share half of their phonemes or more with one of `words`, but
    not all, as `voice` says them."""
    voice.choose("en-us")
    said = {word: _phonemes(word, voice) for word in prose.vocabulary(words)}
    found: set[str] = set()
    for word in words:
        sought = _phonemes(word, voice)
        likeness = {other: SequenceMatcher(None, sought, heard).ratio() for other, heard in said.items()}
        near = [other for other, ratio in likeness.items() if _LIKE <= ratio < 1]
        found |= set(sorted(near, key=lambda other: (-likeness[other], other))[:_EACH])
    return sorted(found)


def _phonemes(word: str, voice: Voice) -> str:
    """Without what marks stress and ties."""
    return re.sub(r"[ˈˌ^ː]", "", voice.phonemes(word))
