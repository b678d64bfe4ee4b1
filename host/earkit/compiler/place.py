"""Where things lie: the memory plan as data (made by plan.py)."""

from dataclasses import dataclass

from earkit.compiler.graph import Tensor

ALIGNMENT = 8
"""Of the arena, and of every block in it."""
SCRATCH = "scratch"
"""The base of working memory on the stack."""


@dataclass(frozen=True)
class Block:
    """Bytes of the arena that live from the layer `first` to the layer `last`, both included."""

    label: str
    """The name of its offset in model.c, without a prefix: of the layer that writes it first."""
    names: tuple[str, ...]
    """Of the tensors that lie there."""
    size: int
    first: int
    """-1: before the first layer."""
    last: int
    offset: int = 0
    """In the arena."""

    def meets(self, other: "Block") -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Place:
    """An address of model.c."""

    base: Block | str
    """A block of the arena, or the name of a pointer: a parameter of model_invoke, a constant, SCRATCH."""
    offset: int = 0
    """Bytes from there."""

    def plus(self, bytes: int) -> "Place":
        return Place(self.base, self.offset + bytes)


@dataclass(frozen=True)
class Plan:
    places: dict[int, Place]
    """By tensor's index."""
    scratch: dict[int, Place]
    """By layer's index, of those that need any."""
    stack_bytes: int
    """Of the scratch that lies on the stack: the largest."""
    copies: tuple[tuple[Tensor, int], ...]
    """Model outputs that no layer writes: what to copy to which output at the end."""
    done_by_sharing: frozenset[int]
    """Layers that need not run, because their output is their input's memory."""
    blocks: tuple[Block, ...]
    arena_bytes: int
    lower_bound: int
    """The most that is alive in any layer: no plan needs less."""


def pointer_names(kind: str, count: int) -> list[str]:
    """`input`, or `input_0`, `input_1`... where there are several: the parameters of model_invoke."""
    return [kind] if count == 1 else [f"{kind}_{i}" for i in range(count)]


def constant_name(tensor: Tensor) -> str:
    """The array of model.c that holds a constant which layers or outputs read as a tensor."""
    return f"constant_{tensor.index}"
