"""How the rows of tensors move from step to step, as data (found by stream.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earkit.compiler.layer import Call, Layer

STEP_ROWS = 2
"""Rows of the input per step: the spotter decides every second hop."""
START_VALUE = -128
"""Of a window that has heard nothing: a feature of 0."""


@dataclass(frozen=True)
class Range:
    """Rows of a tensor, `first` to `last`, the latter excluded."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return max(0, self.last - self.first)


@dataclass(frozen=True)
class Motion:
    """How the rows of one tensor move from step to step."""

    rows: int
    row_bytes: int
    hop: int
    """By how many rows a step moves them."""
    inner: Range
    start: int
    """The first row that anything reads: those before it have no place in memory."""

    @property
    def bytes(self) -> int:
        return (self.rows - self.start) * self.row_bytes

    @property
    def tail(self) -> Range:
        """What every step computes at the end: the new inner rows, and those that padding touches there."""
        return Range(max(self.inner.last - self.hop, self.start), self.rows)

    @property
    def head(self) -> Range:
        """What every step computes at the beginning, because padding there touches it."""
        return Range(self.start, min(self.inner.first, self.tail.first))

    @property
    def kept(self) -> Range:
        """What a step takes from the rows that lie `hop` further."""
        return Range(max(self.start, self.inner.first), self.tail.first)

    def offset(self, row: int) -> int:
        """Where a row lies in the tensor's memory, bytes."""
        return (row - self.start) * self.row_bytes


@dataclass(frozen=True)
class RowFunction:
    """A function of model.c that computes some rows of a layer's output."""

    name: str
    rows: Range
    call: Call


@dataclass(frozen=True)
class Stream:
    motions: Mapping[int, Motion]
    """By index, the tensors that move."""
    functions: Mapping[int, Mapping[str, RowFunction]] = field(default_factory=dict)
    """By the operator's index, of the layers that are computed row by row: the functions that compute the
    output's `head` (where there is one), its `tail`, and `start`, one inner row."""

    def is_moving(self, layer: Layer) -> bool:
        """Whether the layer is computed row by row."""
        return layer.output.index in self.motions and not layer.is_alias
