"""What a model that listens reports, wherever it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Heard:
    """One detection, as in `Heard yes (204) @2336ms`."""

    label: str
    score: int
    """0..255"""
    ms: int
    """Sound since the listener's start, lost sound included."""
