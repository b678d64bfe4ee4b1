"""ADD, int8, with broadcasting and a fused activation; one operand may be constant.

Recipe: broadcast the shapes to four dimensions; bring both operands to a common scale, twice the larger
one, as TFLM does; emit one call.
"""

import numpy as np

from earkit.compiler.check import require_counts, require_rank, require_shape, require_type, tensor
from earkit.compiler.graph import Operator, Tensor, strides
from earkit.compiler.layer import Constant, Layer, c_struct, elementwise_rows
from earkit.compiler.quantize import activation_range, quantize_multiplier


def compile_add(operator: Operator) -> Layer:
    require_counts(operator, 2)
    a, b, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    for checked in (a, b, output):
        require_type(operator, checked, "int8")
        require_rank(operator, checked, 0, 4)
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError as error:
        raise operator.error(
            f"the shapes {list(a.shape)} and {list(b.shape)} do not fit", "export or copy the model again"
        ) from error
    require_shape(operator, output, shape)
    operands = [("a", a), ("b", b)]

    name = f"layer_{operator.index}_add"

    def some(count: int) -> str:
        return f"ear_add_shape add = {name};\nadd.shape[3] = {count};\near_add(&add, a, b, output);"

    return Layer(
        operator=operator,
        inputs=tuple((name, x) for name, x in operands if x.data is None),
        body=f"ear_add(&{name}, a, b, output);",
        declaration=_struct(name, operator, a, b, output),
        rows=elementwise_rows(output, some) if _is_plain(a, b) else None,
        kernel="ear_add",
        constants=tuple(
            Constant(name, x.data.ravel(), "as in the model") for name, x in operands if x.data is not None
        ),
        in_place=frozenset(name for name, x in operands if x.shape == output.shape),
    )


def _is_plain(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and a.data is None and b.data is None


def _struct(name: str, operator: Operator, a: Tensor, b: Tensor, output: Tensor) -> str:
    common = 2.0 * max(a.scale, b.scale)
    of_a, of_b = quantize_multiplier(a.scale / common), quantize_multiplier(b.scale / common)
    of_output = quantize_multiplier(common / (2.0**20 * output.scale))
    if of_output.shift > 0 or common >= 2.0**20 * output.scale:
        raise operator.error("its output's scale is far too small", "convert the model with better data")
    out_min, out_max = activation_range(operator, output)
    shape, stride_a, stride_b = _layout(a.shape, b.shape, output.shape)
    return c_struct(
        "ear_add_shape",
        name,
        [("shape", shape), ("stride_a", stride_a), ("stride_b", stride_b),
         ("zero_point_a", a.zero_point), ("zero_point_b", b.zero_point),
         ("out_zero_point", output.zero_point),
         ("multiplier_a", of_a.value), ("shift_a", of_a.shift),
         ("multiplier_b", of_b.value), ("shift_b", of_b.shift),
         ("out_multiplier", of_output.value), ("out_shift", of_output.shift),
         ("out_min", out_min), ("out_max", out_max)],
    )  # fmt: skip


def _layout(
    a: tuple[int, ...], b: tuple[int, ...], output: tuple[int, ...]
) -> tuple[list[int], list[int], list[int]]:
    """Shape and strides in four dimensions; a stride of 0 repeats. Equal shapes become one run."""
    if a == b:
        return [1, 1, 1, int(np.prod(output))], [0, 0, 0, 1], [0, 0, 0, 1]
    shape = [1] * (4 - len(output)) + list(output)

    def spread(operand: tuple[int, ...]) -> list[int]:
        full = (1,) * (4 - len(operand)) + operand
        return [0 if size == 1 else stride for size, stride in zip(full, strides(full), strict=True)]

    return shape, spread(a), spread(b)
