"""How rooms report long work without printing: they call a Progress, the command draws it."""

from typing import Protocol


class Progress(Protocol):
    """Called as `progress(stage, done, total)`; `done == total` ends the stage. The note says how it goes."""

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None: ...


def silent(stage: str, done: int, total: int, note: str = "") -> None:
    """A Progress that shows nothing."""
