"""What one operator becomes: a call of a kernel, its constants and what it costs. Names in model.c of what
belongs to a layer come from Operator.own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from earkit.compiler.graph import Array, Operator, Tensor

CTYPES = {"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}


@dataclass(frozen=True)
class Kernel:
    """A function of firmware/core/kernels/kernels.h."""

    name: str
    files: tuple[str, ...]
    """Those in firmware/core/kernels that define it and what it calls."""


@dataclass(frozen=True)
class Call:
    """A call of a kernel, in a function that has the layer's inputs, `output` and `scratch` as parameters."""

    kernel: Kernel
    arguments: tuple[str, ...]
    """C expressions."""
    before: tuple[str, ...] = ()
    """Statements that come first: local variables."""


@dataclass(frozen=True)
class Constant:
    """A `static const` array beside the layer's function."""

    name: str
    """As Operator.own takes it."""
    values: Array
    """One or two dimensions; a row is a line of C."""
    note: str
    """What the order of the values is."""

    @property
    def bytes(self) -> int:
        return int(self.values.nbytes)


@dataclass(frozen=True)
class Channels:
    """A table with one row per output channel, `channels`."""

    kind: str
    """`ear_channel` or `ear_packed_channel`."""
    rows: tuple[tuple[int, ...], ...]
    """In the order of the struct's fields."""

    @property
    def bytes(self) -> int:
        return 4 * sum(map(len, self.rows))


@dataclass(frozen=True)
class Struct:
    """A `static const` struct of kernels.h beside the layer's function."""

    kind: str
    name: str
    """In model.c."""
    fields: tuple[tuple[str, int | tuple[int, ...]], ...]


@dataclass(frozen=True)
class RowWise:
    """How the rows of a layer's output (dimension 1 of four, batch 1) depend on its inputs' rows.

    Row r is made of the `reach` input rows from r * stride - pad on; those outside the input are padding.
    """

    call: Callable[[int, int], Call]
    """Like Layer.call, for `count` rows from `first` on: `output` is the place of row `first`, and each
    input that of row max(0, first * stride - pad)."""
    stride: int = 1
    pad: int = 0
    reach: int = 1

    def reads_from(self, row: int) -> int:
        """The first input row of a row of the output."""
        return max(0, row * self.stride - self.pad)


@dataclass(frozen=True)
class Parts:
    """How a layer takes its one input part after part, which need not all be there at once."""

    sums: int
    """int32 that it keeps in between, `sums`."""
    take: Callable[[str, str, int, str], Call]
    """Like Layer.call: the part, where it lies in the input, its bytes, and the output, which the last part
    writes. Place and bytes are multiples of 4, but for the last part's bytes."""


@dataclass(frozen=True)
class Layer:
    operator: Operator
    inputs: tuple[tuple[str, Tensor], ...]
    """What the function takes, by the parameter's name."""
    call: Call
    """What the function does."""
    constants: tuple[Constant, ...] = ()
    channels: Channels | None = None
    struct: Struct | None = None
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
    def kernel(self) -> Kernel:
        return self.call.kernel

    @property
    def weight_bytes(self) -> int:
        """Flash that the constants take."""
        table = self.channels.bytes if self.channels else 0
        return sum(constant.bytes for constant in self.constants) + table


def elementwise_rows(output: Tensor, call: Callable[[int], Call]) -> RowWise | None:
    """For Layer.rows, of a layer that is `call` of the number of elements."""
    if len(output.shape) != 4 or output.shape[0] != 1:
        return None
    row = output.count // output.shape[1]
    return RowWise(lambda _, count: call(count * row))
