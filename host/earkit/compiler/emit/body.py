"""The statements of one function of model.c, which know what they use."""

from collections.abc import Sequence
from dataclasses import dataclass

from earkit.compiler.graph import Graph
from earkit.compiler.layer import CTYPES, Call, Layer
from earkit.compiler.place import ALIGNMENT, SCRATCH, Place, Plan, pointer_names


@dataclass(frozen=True)
class Memory:
    """What blocks lie in."""

    pointer: str
    """The parameter that points to it."""
    prefix: str
    """Before the name of an offset in it."""
    what: str


ARENA = Memory("arena", "AT_", "the arena of model_invoke")
STATE = Memory("state", "STATE_AT_", "the state of a stream")


def statement(call: Call) -> str:
    """The call of a kernel, without what comes before it."""
    return f"{call.kernel.name}({', '.join(call.arguments)});"


def invoke_prototype(graph: Graph) -> str:
    """Of model_invoke."""
    inputs = zip(graph.inputs, pointer_names("input", len(graph.inputs)), strict=True)
    outputs = zip(graph.outputs, pointer_names("output", len(graph.outputs)), strict=True)
    parameters = [f"const {CTYPES[tensor.dtype]} *{name}" for tensor, name in inputs]
    parameters += [f"{CTYPES[tensor.dtype]} *{name}" for tensor, name in outputs]
    return f"void model_invoke({', '.join(parameters)}, void *arena)"


class Body:
    """Collects statements; `text` gives the function."""

    def __init__(self, plan: Plan, memory: Memory) -> None:
        """`plan`: of the memory."""
        self._plan, self._memory = plan, memory
        self._lines: list[str] = []
        self._used: set[str] = set()

    def add(self, *lines: str) -> None:
        self._lines += lines

    def address(self, place: Place) -> str:
        """The C expression of a place; counts what it is in as used."""
        offset = f" + {place.offset}" if place.offset else ""
        if isinstance(place.base, str):
            self._used.add(place.base)
            return f"{place.base}{offset}"
        self._used.add(self._memory.pointer)
        return f"at({self._memory.pointer}, {self._memory.prefix}{place.base.label}{offset})"

    def call(self, function: str, inputs: Sequence[Place], output: Place, scratch: Place | None) -> None:
        """Add a call of one of a layer's functions."""
        places = [*inputs, output, *([scratch] if scratch else [])]
        self.add(f"{function}({', '.join(map(self.address, places))});")

    def run(self, i: int, layer: Layer) -> None:
        """Add a call of the whole layer, the `i`th, unless sharing memory has done its work."""
        if i not in self._plan.done_by_sharing:
            places = self._plan.places
            inputs = [places[tensor.index] for _, tensor in layer.inputs]
            self.call(layer.function, inputs, places[layer.output.index], self._plan.scratch.get(i))

    def copy_outputs(self, names: Sequence[str]) -> None:
        """Add what brings outputs that no layer writes to the parameters `names`."""
        for tensor, i in self._plan.copies:
            self.add(f"memcpy({names[i]}, {self.address(self._plan.places[tensor.index])}, {tensor.bytes});")

    def text(self, prototype: str, parameters: Sequence[str]) -> str:
        """The function; `parameters` are those that it may not use, the memory besides."""
        lines = [f"(void){name};" for name in (self._memory.pointer, *parameters) if name not in self._used]
        if SCRATCH in self._used:
            lines.append(f"_Alignas({ALIGNMENT}) uint8_t {SCRATCH}[{self._plan.stack_bytes}];")
        body = "\n".join(f"  {line}" for line in [*lines, *self._lines])
        return f"{prototype} {{\n{body}\n}}"


def offsets(plan: Plan, memory: Memory) -> str:
    """The names of the offsets of a plan's blocks; empty when it has none."""
    if not plan.blocks:
        return ""
    ordered = sorted(plan.blocks, key=lambda block: (block.offset, block.first))
    lines = "\n".join(f"  {memory.prefix}{b.label} = {b.offset}, /* {b.size} bytes */" for b in ordered)
    return f"/* Where tensors lie in {memory.what}, bytes. */\nenum {{\n{lines}\n}};"
