"""What one operator becomes: a C function, its constants and what it costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from earkit.compiler.graph import Array, Operator, Tensor

CTYPES = {"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}


@dataclass(frozen=True)
class Constant:
    """A `static const` array beside the layer's function."""

    name: str
    values: Array
    """One or two dimensions; a row is a line of C."""
    note: str
    """What the order of the values is."""

    @property
    def bytes(self) -> int:
        return int(self.values.nbytes)


@dataclass(frozen=True)
class Channels:
    """A table with one row per output channel."""

    kind: str
    """`ear_channel` or `ear_packed_channel`."""
    rows: tuple[tuple[int, ...], ...]
    """In the order of the struct's fields."""

    @property
    def bytes(self) -> int:
        return 4 * sum(map(len, self.rows))


@dataclass(frozen=True)
class RowWise:
    """How the rows of a layer's output (dimension 1 of four, batch 1) depend on its inputs' rows.

    Row r is made of the `reach` input rows from r * stride - pad on; those outside the input are padding.
    """

    body: Callable[[int, int], str]
    """Like Layer.body, for `count` rows from `first` on: `output` is the place of row `first`, and each
    input that of row max(0, first * stride - pad)."""
    stride: int = 1
    pad: int = 0
    reach: int = 1


@dataclass(frozen=True)
class Parts:
    """How a layer takes its one input part after part, which need not all be there at once."""

    sums: int
    """int32 that it keeps in between, `sums`."""
    take: Callable[[str, str, int, str], str]
    """A statement like Layer.body's: the part, where it lies in the input, its bytes, and the output, which
    the last part writes. Place and bytes are multiples of 4, but for the last part's bytes."""


@dataclass(frozen=True)
class Layer:
    operator: Operator
    inputs: tuple[tuple[str, Tensor], ...]
    """What the function takes, by the parameter's name."""
    body: str
    """The function's statements; parameters, constants by name, and `output` and `scratch`."""
    kernel: str
    """What does the work, for the report."""
    constants: tuple[Constant, ...] = ()
    channels: Channels | None = None
    declaration: str = ""
    """A struct that the layer's functions share, at file scope."""
    scratch_bytes: int = 0
    macs: int = 0
    in_place: frozenset[str] = field(default_factory=frozenset)
    """Parameters whose memory may become the output's."""
    is_alias: bool = False
    """The output is the input's bytes: nothing to do when they may share memory."""
    rows: RowWise | None = None
    """For layers that can compute some rows of their output without the others."""
    parts: Parts | None = None
    """For layers that can take some of their input without the rest."""

    @property
    def output(self) -> Tensor:
        return self.operator.outputs[0]

    @property
    def function(self) -> str:
        return f"model_layer_{self.operator.index}_{self.operator.name.lower()}"

    @property
    def weight_bytes(self) -> int:
        """Flash that the constants take."""
        table = self.channels.bytes if self.channels else 0
        return sum(constant.bytes for constant in self.constants) + table


def elementwise_rows(output: Tensor, body: Callable[[int], str]) -> RowWise | None:
    """For Layer.rows, of a layer whose statements are `body` of the number of elements."""
    if len(output.shape) != 4 or output.shape[0] != 1:
        return None
    row = output.count // output.shape[1]
    return RowWise(lambda _, count: body(count * row))


def c_float(value: float) -> str:
    """A C literal of exactly this float32."""
    return str(np.float32(value)) + "f"


def c_struct(kind: str, name: str, fields: Sequence[tuple[str, object]]) -> str:
    """`static const kind name = {...};` with designated initialisers; sequences become braces."""

    def literal(value: object) -> str:
        return "{" + ", ".join(map(str, value)) + "}" if isinstance(value, (tuple, list)) else str(value)

    inner = ",\n    ".join(f".{key} = {literal(value)}" for key, value in fields)
    return f"static const {kind} {name} = {{\n    {inner},\n}};"
