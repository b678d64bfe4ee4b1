"""Finds where every tensor lies: in the caller's inputs and outputs, in flash, or in the arena.

Tensors that are the same bytes (a reshape) or may be computed in place become one block. Blocks are placed
largest first at the lowest place that is free while they live; of a few orders the best is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.layer import Layer
from earkit.compiler.motion import Motion, Stream
from earkit.compiler.place import ALIGNMENT, SCRATCH, Block, Place, Plan, constant_name, pointer_names
from earkit.errors import ModelError

LARGEST_ARENA = 4 << 20
STACK_BYTES = 1024
"""Working memory of one layer lies on the stack up to this, which is what the front end puts there too."""


def plan_memory(graph: Graph, layers: Sequence[Layer], stream: Stream | None) -> tuple[Plan, Plan | None]:
    """Place every tensor for a whole inference, and for a step where the model streams: there, the tensors
    that move lie in the arena, inputs included. Raises ModelError when the arena would exceed what any
    microcontroller has."""
    whole = _Planner(graph, layers, {}).plan()
    return whole, _Planner(graph, layers, stream.motions).plan() if stream else None


@dataclass
class _Group:
    """Tensors that share memory."""

    tensors: list[Tensor]
    label: str
    """As Block.label."""
    first: int
    last: int
    pointer: str | None = None
    """The name of a model's input, output or constant; None for the arena."""


class _Planner:
    def __init__(self, graph: Graph, layers: Sequence[Layer], held: Mapping[int, Motion]) -> None:
        self.graph, self.layers, self.held = graph, layers, held
        self.groups: dict[int, _Group] = {}
        self.shared: set[int] = set()
        self.copies: list[tuple[Tensor, int]] = []

    def plan(self) -> Plan:
        self._find_lifetimes()
        self._name_outputs()
        for i, layer in enumerate(self.layers):
            self._share(i, layer)
        self._keep()
        groups = list({id(group): group for group in self.groups.values() if not group.pointer}.values())
        scratch = {i: layer for i, layer in enumerate(self.layers) if layer.scratch_bytes}
        in_arena = [i for i, layer in scratch.items() if layer.scratch_bytes > STACK_BYTES]
        blocks = _fit([*map(self._block, groups), *(_scratch_block(i, self.layers[i]) for i in in_arena)])
        arena = _end(blocks)
        if arena > LARGEST_ARENA:
            raise ModelError(
                f"the model needs {arena} bytes of working memory",
                "use a smaller model; the board has 262144",
            )
        of_group = {id(group): Place(block) for group, block in zip(groups, blocks, strict=False)}
        of_layer = dict(zip(in_arena, map(Place, blocks[len(groups) :]), strict=True))
        return Plan(
            places={
                index: Place(group.pointer) if group.pointer else of_group[id(group)]
                for index, group in self.groups.items()
            },
            scratch={i: of_layer.get(i, Place(SCRATCH)) for i in scratch},
            stack_bytes=max((x.scratch_bytes for i, x in scratch.items() if i not in of_layer), default=0),
            copies=tuple(self.copies),
            done_by_sharing=frozenset(self.shared),
            blocks=tuple(blocks),
            arena_bytes=max(arena, ALIGNMENT),
            lower_bound=max(_alive(blocks, len(self.layers)), ALIGNMENT),
        )

    def _find_lifetimes(self) -> None:
        inputs = self.graph.inputs
        for tensor, name in zip(inputs, pointer_names("input", len(inputs)), strict=True):
            pointer = None if tensor.index in self.held else name
            self.groups[tensor.index] = _Group([tensor], name.upper(), -1, -1, pointer)
        for i, layer in enumerate(self.layers):
            for _, tensor in layer.inputs:
                if tensor.data is None and tensor.index not in self.groups:
                    raise layer.operator.damaged("it reads what nothing has written", tensor)
                if tensor.data is None:
                    self.groups[tensor.index].last = i
                else:
                    self.groups[tensor.index] = _constant_group(tensor, i)
            if layer.output.index in self.groups or layer.output.data is not None:
                raise layer.operator.damaged("its output is written twice")
            label = f"{layer.operator.name}_{layer.operator.index}"
            self.groups[layer.output.index] = _Group([layer.output], label, i, i)

    def _name_outputs(self) -> None:
        outputs = self.graph.outputs
        for i, name in enumerate(pointer_names("output", len(outputs))):
            tensor = outputs[i]
            if tensor.data is None and tensor.index not in self.groups:
                raise ModelError(
                    f"the output '{tensor.name}' is never written", "export or copy the model again"
                )
            if tensor.data is not None:
                self.groups[tensor.index] = _constant_group(tensor, -1)
            group = self.groups[tensor.index]
            if group.pointer is None and tensor.index not in self.held:
                group.pointer = name
            else:
                self.copies.append((tensor, i))

    def _share(self, i: int, layer: Layer) -> None:
        target = self.groups[layer.output.index]
        for name, source in layer.inputs:
            group = self.groups[source.index]
            if layer.is_alias:
                # An alias may even read on; but two names for one place must be the same place.
                is_free = group.pointer is None and group.first >= 0 and source.index not in self.held
                can = target.pointer is None or is_free
                if can:
                    self.shared.add(i)
            else:
                can = (
                    name in layer.in_place
                    and group.pointer is None
                    and target.pointer is None
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
        group.pointer = group.pointer or target.pointer
        for tensor in target.tensors:
            self.groups[tensor.index] = group

    def _keep(self) -> None:
        for index, held in self.held.items():
            if held.kept.count:
                self.groups[index].first, self.groups[index].last = -1, len(self.layers)

    def _block(self, group: _Group) -> Block:
        size = max(self.held[t.index].bytes if t.index in self.held else t.bytes for t in group.tensors)
        return Block(group.label, tuple(t.name for t in group.tensors), size, group.first, group.last)


def _constant_group(tensor: Tensor, last: int) -> _Group:
    return _Group([tensor], "", -1, last, constant_name(tensor))


def _scratch_block(i: int, layer: Layer) -> Block:
    index = layer.operator.index
    return Block(f"SCRATCH_{index}", (f"scratch of layer {index}",), layer.scratch_bytes, i, i)


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


def _fit(blocks: Sequence[Block]) -> list[Block]:
    """The same blocks with their offsets."""
    return min((_fit_in_order(blocks, order) for order in ORDERS), key=_end)


def _fit_in_order(blocks: Sequence[Block], order: Callable[[Block], tuple[int, ...]]) -> list[Block]:
    placed: dict[int, Block] = {}
    for i, block in sorted(enumerate(blocks), key=lambda numbered: order(numbered[1])):
        offset = 0
        for other in sorted((b for b in placed.values() if b.meets(block)), key=lambda b: b.offset):
            if offset + _aligned(block.size) <= other.offset:
                break
            offset = max(offset, other.offset + _aligned(other.size))
        placed[i] = replace(block, offset=offset)
    return [placed[i] for i in range(len(blocks))]


def _end(blocks: Sequence[Block]) -> int:
    return max((block.offset + _aligned(block.size) for block in blocks), default=0)
