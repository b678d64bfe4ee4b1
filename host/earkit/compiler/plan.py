"""Where every tensor lies: in the caller's inputs and outputs, in flash, or at a fixed place in the arena.

Tensors that are the same bytes (a reshape) or may be computed in place become one block. Blocks are placed
largest first at the lowest place that is free while they live; of a few orders the best is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.layer import Layer
from earkit.errors import ModelError

ALIGNMENT = 8
LARGEST_ARENA = 4 << 20
STACK_BYTES = 1024
"""Working memory of one layer lies on the stack up to this, which is what the front end puts there too."""


@dataclass
class Block:
    """Bytes of the arena that live from the layer `first` to the layer `last`, both included."""

    names: list[str]
    size: int
    first: int
    last: int
    offset: int = -1

    def meets(self, other: "Block") -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Plan:
    places: dict[int, str]
    """By tensor's index: the C expression of its address."""
    scratch: dict[int, str]
    """By layer's index: likewise, for those that need any; `scratch` is on the stack."""
    stack_bytes: int
    """Of `scratch`: the largest."""
    copies: tuple[tuple[Tensor, int], ...]
    """Model outputs that no layer writes: what to copy to which output at the end."""
    done_by_sharing: frozenset[int]
    """Layers that need not run, because their output is their input's memory."""
    blocks: tuple[Block, ...]
    arena_bytes: int
    lower_bound: int
    """The most that is alive in any layer: no plan needs less."""


@dataclass(frozen=True)
class Held:
    """A tensor that moves from step to step (stream.py), inputs included."""

    bytes: int
    """Of the rows that have a place."""
    is_kept: bool
    """It lives from one step to the next."""


def plan_memory(
    graph: Graph,
    layers: Sequence[Layer],
    input_names: Sequence[str],
    output_names: Sequence[str],
    held: Mapping[int, Held] | None = None,
) -> Plan:
    """Place every tensor; those `held`, by index, in the arena. Raises ModelError when the arena would exceed
    what any microcontroller has."""
    return _Planner(graph, layers, input_names, output_names, held or {}).plan()


@dataclass
class _Group:
    """Tensors that share memory."""

    tensors: list[Tensor]
    first: int
    last: int
    place: str | None = None
    """The C name of a model's input, output or constant; None for the arena."""
    block: Block | None = field(default=None, repr=False)


class _Planner:
    def __init__(
        self,
        graph: Graph,
        layers: Sequence[Layer],
        input_names: Sequence[str],
        output_names: Sequence[str],
        held: Mapping[int, Held],
    ) -> None:
        self.graph, self.layers, self.held = graph, layers, held
        self.groups: dict[int, _Group] = {}
        self.shared: set[int] = set()
        self.fixed = dict(zip((t.index for t in graph.inputs), input_names, strict=True))
        self.output_names = output_names
        self.copies: list[tuple[Tensor, int]] = []

    def plan(self) -> Plan:
        self._find_lifetimes()
        self._name_outputs()
        for i, layer in enumerate(self.layers):
            self._share(i, layer)
        self._keep()
        blocks, scratch = self._blocks()
        arena = _place(blocks)
        if arena > LARGEST_ARENA:
            raise ModelError(
                f"the model needs {arena} bytes of working memory",
                "use a smaller model; the board has 262144",
            )
        return Plan(
            places={index: self._expression(group) for index, group in self.groups.items()},
            scratch={
                i: self._scratch(i, scratch) for i, layer in enumerate(self.layers) if layer.scratch_bytes
            },
            stack_bytes=max((x.scratch_bytes for x in self.layers if _is_on_stack(x)), default=0),
            copies=tuple(self.copies),
            done_by_sharing=frozenset(self.shared),
            blocks=tuple(blocks),
            arena_bytes=max(arena, ALIGNMENT),
            lower_bound=max(_alive(blocks, len(self.layers)), ALIGNMENT),
        )

    def _find_lifetimes(self) -> None:
        for tensor in self.graph.inputs:
            place = None if tensor.index in self.held else self.fixed[tensor.index]
            self.groups[tensor.index] = _Group([tensor], -1, -1, place)
        for i, layer in enumerate(self.layers):
            for _, tensor in layer.inputs:
                if tensor.data is None and tensor.index not in self.groups:
                    raise layer.operator.error(
                        "it reads what nothing has written", "export or copy the model again", tensor
                    )
                if tensor.data is None:
                    self.groups[tensor.index].last = i
                else:
                    self.groups[tensor.index] = _Group([tensor], -1, i, f"constant_{tensor.index}")
            if layer.output.index in self.groups or layer.output.data is not None:
                raise layer.operator.error("its output is written twice", "export or copy the model again")
            self.groups[layer.output.index] = _Group([layer.output], i, i)

    def _name_outputs(self) -> None:
        for i, tensor in enumerate(self.graph.outputs):
            if tensor.data is None and tensor.index not in self.groups:
                raise ModelError(
                    f"the output '{tensor.name}' is never written", "export or copy the model again"
                )
            if tensor.data is not None:
                self.groups[tensor.index] = _Group([tensor], -1, -1, f"constant_{tensor.index}")
            group = self.groups[tensor.index]
            if group.place is None and tensor.index not in self.held:
                group.place = self.output_names[i]
            else:
                self.copies.append((tensor, i))

    def _share(self, i: int, layer: Layer) -> None:
        target = self.groups[layer.output.index]
        for name, source in layer.inputs:
            group = self.groups[source.index]
            if layer.is_alias:
                # An alias may even read on; but two names for one place must be the same place.
                is_free = group.place is None and group.first >= 0 and source.index not in self.held
                can = target.place is None or is_free
                if can:
                    self.shared.add(i)
            else:
                can = (
                    name in layer.in_place
                    and group.place is None
                    and target.place is None
                    and group.last == i
                    and source.bytes == layer.output.bytes
                    and not self.held.keys() & {source.index, layer.output.index}
                )
            if can and group is not target:
                self._merge(group, target)
                return

    def _merge(self, group: _Group, target: _Group) -> None:
        group.tensors += target.tensors
        group.last = max(group.last, target.last)
        group.place = group.place or target.place
        for tensor in target.tensors:
            self.groups[tensor.index] = group

    def _keep(self) -> None:
        for index, held in self.held.items():
            if held.is_kept:
                self.groups[index].first, self.groups[index].last = -1, len(self.layers)

    def _blocks(self) -> tuple[list[Block], dict[int, Block]]:
        blocks = []
        for group in {id(g): g for g in self.groups.values()}.values():
            if group.place is None:
                size = max(self._bytes(t) for t in group.tensors)
                group.block = Block([t.name for t in group.tensors], size, group.first, group.last)
                blocks.append(group.block)
        scratch = {
            i: Block([f"scratch of layer {layer.operator.index}"], layer.scratch_bytes, i, i)
            for i, layer in enumerate(self.layers)
            if layer.scratch_bytes and not _is_on_stack(layer)
        }
        return blocks + list(scratch.values()), scratch

    def _scratch(self, i: int, blocks: dict[int, Block]) -> str:
        return f"bytes + {blocks[i].offset}" if i in blocks else "scratch"

    def _bytes(self, tensor: Tensor) -> int:
        return self.held[tensor.index].bytes if tensor.index in self.held else tensor.bytes

    def _expression(self, group: _Group) -> str:
        return group.place or f"bytes + {group.block.offset if group.block else 0}"


def _is_on_stack(layer: Layer) -> bool:
    return layer.scratch_bytes <= STACK_BYTES


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _alive(blocks: Sequence[Block], layers: int) -> int:
    return max(
        (sum(_aligned(b.size) for b in blocks if b.first <= i <= b.last) for i in range(layers)), default=0
    )


ORDERS: tuple[Callable[[Block], tuple[int, ...]], ...] = (
    lambda b: (-b.size, b.first),
    lambda b: (-(b.last - b.first), -b.size),
    lambda b: (b.first, -b.size),
    lambda b: (-b.size * (b.last - b.first + 1), b.first),
)


def _place(blocks: list[Block]) -> int:
    """Set every block's offset; returns the arena's size."""
    best: tuple[int, list[int]] | None = None
    for order in ORDERS:
        total = _place_in_order(sorted(blocks, key=order))
        if best is None or total < best[0]:
            best = total, [block.offset for block in blocks]
    assert best is not None
    for block, offset in zip(blocks, best[1], strict=True):
        block.offset = offset
    return best[0]


def _place_in_order(ordered: Sequence[Block]) -> int:
    placed: list[Block] = []
    for block in ordered:
        block.offset = 0
        for other in sorted((b for b in placed if b.meets(block)), key=lambda b: b.offset):
            if block.offset + _aligned(block.size) <= other.offset:
                break
            block.offset = max(block.offset, other.offset + _aligned(other.size))
        placed.append(block)
    return max((b.offset + _aligned(b.size) for b in ordered), default=0)
