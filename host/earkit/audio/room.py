"""Recordings one after another in a quiet room, as a board would hear them."""

from collections.abc import Sequence

import numpy as np

from earkit.audio import noise
from earkit.audio.clips import SAMPLE_RATE, Samples

LEAD_SECONDS, TAIL_SECONDS = 1.0, 1.5
"""Of the quiet room before the first sound and after each."""


def in_quiet_room(sounds: Sequence[Samples]) -> Samples:
    """int16[n] at 16 kHz: the sounds with the room before, between and after them; always the same."""
    rng = np.random.default_rng(0)
    lead, tail = (round(seconds * SAMPLE_RATE) for seconds in (LEAD_SECONDS, TAIL_SECONDS))
    parts = [part for sound in sounds for part in (sound, noise.quiet_room(rng, tail))]
    return np.concatenate([noise.quiet_room(rng, lead), *parts])
