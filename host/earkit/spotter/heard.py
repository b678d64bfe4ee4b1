"""What a model that listens reports, wherever it runs."""

from collections.abc import Iterable
from dataclasses import dataclass

NOTHING = "none"
"""What is expected where no word should be heard."""


@dataclass(frozen=True)
class Heard:
    """One detection, as in `Heard yes (204) @2336ms`."""

    label: str
    score: int
    """0..255"""
    ms: int
    """Sound since the listener's start, lost sound included."""


def unexpected(heard: Iterable[Heard], expected: str, until_ms: float = float("inf")) -> str | None:
    """What is wrong where the label `expected`, or NOTHING, should have been heard by then; None where
    nothing is."""
    labels = [found.label for found in heard if found.ms <= until_ms]
    said = ", ".join(labels) or "nothing"
    if expected == NOTHING:
        return f"expected silence, the board heard {said}" if labels else None
    return None if expected in labels else f"expected {expected}, the board heard {said}"
