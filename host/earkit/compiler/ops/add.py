"""ADD, int8, with broadcasting and a fused activation; one operand may be constant.

Recipe: broadcast the shapes to four dimensions; bring both operands to a common scale, twice the larger
one, as TFLM does; emit one call.
"""

import numpy as np
import tflite

from earkit.compiler.check import require_rank, require_shape, require_type, tensor
from earkit.compiler.graph import Operator, Refusal, Tensor, strides
from earkit.compiler.layer import Call, Constant, Kernel, Layer, Struct, elementwise_rows
from earkit.compiler.operation import Operation
from earkit.compiler.quantize import UNFUSABLE, activation_range, quantize_multiplier

KERNEL = Kernel("ear_add", ("add.c",))
TOO_SMALL = Refusal("its output's scale is far too small", "convert the model with better data")


def compile_add(operator: Operator) -> Layer:
    a, b, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_type(operator, b, "int8")
    for checked in (b, output):
        require_rank(operator, checked, 0, 4)
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError as error:
        raise operator.damaged(f"the shapes {list(a.shape)} and {list(b.shape)} do not fit") from error
    require_shape(operator, output, shape)
    operands = [("a", a), ("b", b)]

    name = operator.own("add")
    arguments = tuple(x if y.data is None else operator.own(x) for x, y in operands)

    def some(count: int) -> Call:
        before = (f"ear_add_shape add = {name};", f"add.shape[3] = {count};")
        return Call(KERNEL, ("&add", *arguments, "output"), before)

    return Layer(
        operator=operator,
        inputs=tuple((name, x) for name, x in operands if x.data is None),
        call=Call(KERNEL, (f"&{name}", *arguments, "output")),
        struct=_struct(name, operator, a, b, output),
        rows=elementwise_rows(output, some) if _is_plain(a, b) else None,
        constants=tuple(
            Constant(name, x.data.ravel(), "as in the model") for name, x in operands if x.data is not None
        ),
        in_place=frozenset(name for name, x in operands if x.shape == output.shape),
    )


def _is_plain(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and a.data is None and b.data is None


def _struct(name: str, operator: Operator, a: Tensor, b: Tensor, output: Tensor) -> Struct:
    common = 2.0 * max(a.scale, b.scale)
    of_a, of_b = quantize_multiplier(a.scale / common), quantize_multiplier(b.scale / common)
    of_output = quantize_multiplier(common / (2.0**20 * output.scale))
    if of_output.shift > 0 or common >= 2.0**20 * output.scale:
        raise operator.refuse(TOO_SMALL)
    out_min, out_max = activation_range(operator, output)
    shape, stride_a, stride_b = _layout(a.shape, b.shape, output.shape)
    return Struct(
        "ear_add_shape",
        name,
        (("shape", shape), ("stride_a", stride_a), ("stride_b", stride_b),
         ("zero_point_a", a.zero_point), ("zero_point_b", b.zero_point),
         ("out_zero_point", output.zero_point),
         ("multiplier_a", of_a.value), ("shift_a", of_a.shift),
         ("multiplier_b", of_b.value), ("shift_b", of_b.shift),
         ("out_multiplier", of_output.value), ("out_shift", of_output.shift),
         ("out_min", out_min), ("out_max", out_max)),
    )  # fmt: skip


def _layout(
    a: tuple[int, ...], b: tuple[int, ...], output: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Shape and strides in four dimensions; a stride of 0 repeats. Equal shapes become one run."""
    if a == b:
        return (1, 1, 1, int(np.prod(output))), (0, 0, 0, 1), (0, 0, 0, 1)
    shape = (1,) * (4 - len(output)) + output

    def spread(operand: tuple[int, ...]) -> tuple[int, ...]:
        full = (1,) * (4 - len(operand)) + operand
        return tuple(0 if size == 1 else stride for size, stride in zip(full, strides(full), strict=True))

    return shape, spread(a), spread(b)


OPERATIONS = {
    "ADD": Operation(
        compile=compile_add,
        resolver="Add",
        types=(("int8", "int8"),),
        inputs=2,
        ranks=(0, 4),
        options=(tflite.AddOptions, ("FusedActivationFunction",)),
        refuses=(TOO_SMALL, UNFUSABLE),
    ),
}
