"""What an ops/ file says of its operators: all that the rest of the compiler, TFLite Micro's header, the
documentation (docs/operators.md) and the random models of the tests know of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from earkit.compiler.check import require_counts, require_rank, require_shape, require_type, tensor
from earkit.compiler.graph import Operator, Refusal
from earkit.compiler.layer import Layer

RESCALES = Refusal(
    "it changes the scale or the zero point, which TFLite Micro ignores", "convert the model again"
)
FIXED_SCALE = Refusal(
    "its output's scale is not {scale} with zero point {zero_point}", "convert the model again"
)
PROBABILITIES = (1 / 256, -128)
"""Scale and zero point of an int8 output from 0 to 1."""


@dataclass(frozen=True)
class Operation:
    compile: Callable[[Operator], Layer]
    """Makes the layer of an operator that `check` has let through. Raises ModelError, by Operator.refuse and
    Operator.damaged."""
    resolver: str
    """TFLite Micro's MicroMutableOpResolver has a method AddNAME."""
    types: tuple[tuple[str, str], ...]
    """Of the first input and the output, each pair that is supported."""
    inputs: int = 1
    """How many there must be, and how many more there may be."""
    optional: int = 0
    ranks: tuple[int, int] | None = None
    """The fewest and the most dimensions of the first input; None for any."""
    options: tuple[Any, tuple[str, ...]] | None = None
    """The schema's table of options, and the fields of it that go into Operator.options."""
    is_elementwise: bool = False
    """One input, and an output of its shape. Random models find such an operator without a line of theirs."""
    keeps_scale: bool = False
    """The output's scale and zero point must be the input's."""
    output_scale: tuple[float, int] | None = None
    """The scale and zero point that the output must have."""
    fast: Callable[[Operator], Layer] | None = None
    """Like `compile`, where flash can be spent for fewer instructions."""
    refuses: tuple[Refusal, ...] = ()
    """What else is not supported: all that `compile` refuses."""

    def check(self, operator: Operator) -> None:
        """Raise ModelError unless the operator is what the fields above say."""
        require_counts(operator, self.inputs, self.optional)
        source, output = tensor(operator, 0), operator.outputs[0]
        require_type(operator, source, *dict(self.types))
        require_type(operator, output, *(after for before, after in self.types if before == source.dtype))
        if self.ranks:
            require_rank(operator, source, *self.ranks)
        if self.is_elementwise:
            require_shape(operator, output, source.shape)
        if self.keeps_scale and (source.scale, source.zero_point) != (output.scale, output.zero_point):
            raise operator.refuse(RESCALES)
        if self.output_scale and (output.scale, output.zero_point) != self.output_scale:
            scale, zero_point = self.output_scale
            raise operator.refuse(FIXED_SCALE, scale=scale, zero_point=zero_point)
