"""MEAN, int8, over any axes, with or without keeping the dimensions.

Recipe: read the axes; join neighbouring dimensions that are both kept or both reduced; fold the division
by the number of elements into the multiplier as TFLM does (it truncates there); emit one call.
"""

import math

from earkit.compiler.check import require_type, tensor
from earkit.compiler.graph import NOT_CONSTANT, Operator, Refusal, constant, strides
from earkit.compiler.layer import Call, Kernel, Layer, Struct
from earkit.compiler.operation import Operation
from earkit.compiler.quantize import Multiplier, quantize_multiplier

KERNEL = Kernel("ear_mean", ("mean.c",))
SCATTERED = Refusal("the mean over axes {axes} is too scattered", "split it into two means")
Run = tuple[int, int]
"""Size and stride of joined dimensions."""


def compile_mean(operator: Operator) -> Layer:
    source, axes, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    require_type(operator, axes, "int32")
    rank = len(source.shape)
    given = [int(axis) for axis in constant(operator, 1, "axes").ravel()]
    if not all(-rank <= axis < rank for axis in given):
        raise operator.damaged(f"its axes {given} are outside the input")
    reduced = {axis % rank for axis in given}
    kept_runs, reduced_runs = _runs(source.shape, reduced)
    if len(kept_runs) > 3 or len(reduced_runs) > 2:
        raise operator.refuse(SCATTERED, axes=given)
    elements = math.prod(source.shape[axis] for axis in reduced)
    if output.count * elements != source.count:
        raise operator.damaged("its output has the wrong size")
    multiplier = _mean_multiplier(quantize_multiplier(source.scale / output.scale), elements)
    return _layer(operator, kept_runs, reduced_runs, elements, multiplier)


def _runs(shape: tuple[int, ...], reduced: set[int]) -> tuple[list[Run], list[Run]]:
    kept_runs: list[Run] = []
    reduced_runs: list[Run] = []
    last: list[Run] | None = None
    for axis, (size, stride) in enumerate(zip(shape, strides(shape), strict=True)):
        runs = reduced_runs if axis in reduced else kept_runs
        if runs is last:
            runs[-1] = (runs[-1][0] * size, stride)
        elif size > 1:
            runs.append((size, stride))
            last = runs
    return kept_runs, reduced_runs


def _mean_multiplier(multiplier: Multiplier, elements: int) -> Multiplier:
    shift = min(elements.bit_length() - 1, 32, 31 + multiplier.shift)
    return Multiplier((multiplier.value << shift) // elements, multiplier.shift - shift)


def _layer(
    operator: Operator, kept: list[Run], reduced: list[Run], elements: int, multiplier: Multiplier
) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    kept = [(1, 0)] * (3 - len(kept)) + kept
    reduced = [(1, 0)] * (2 - len(reduced)) + reduced
    name = operator.own("mean")
    shape = Struct(
        "ear_mean_shape",
        name,
        (("kept", tuple(size for size, _ in kept)), ("kept_stride", tuple(stride for _, stride in kept)),
         ("reduced", tuple(size for size, _ in reduced)),
         ("reduced_stride", tuple(stride for _, stride in reduced)),
         ("offset", source.zero_point * elements), ("multiplier", multiplier.value),
         ("shift", multiplier.shift), ("out_zero_point", output.zero_point)),
    )  # fmt: skip
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=Call(KERNEL, (f"&{name}", "input", "output")),
        struct=shape,
    )


OPERATIONS = {
    "MEAN": Operation(
        compile=compile_mean,
        resolver="Mean",
        types=(("int8", "int8"),),
        inputs=2,
        refuses=(SCATTERED, NOT_CONSTANT),
    ),
}
