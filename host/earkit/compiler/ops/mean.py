"""MEAN, int8, over any axes, with or without keeping the dimensions.

Recipe: read the axes; join neighbouring dimensions that are both kept or both reduced; fold the division
by the number of elements into the multiplier as TFLM does (it truncates there); emit one call.
"""

import math

from earkit.compiler.check import require_counts, require_type, tensor
from earkit.compiler.graph import Operator, constant, strides
from earkit.compiler.layer import Layer, c_struct
from earkit.compiler.quantize import Multiplier, quantize_multiplier

Run = tuple[int, int]
"""Size and stride of joined dimensions."""


def compile_mean(operator: Operator) -> Layer:
    require_counts(operator, 2)
    source, axes, output = tensor(operator, 0), tensor(operator, 1), operator.outputs[0]
    for checked in (source, output):
        require_type(operator, checked, "int8")
    require_type(operator, axes, "int32")
    rank = len(source.shape)
    given = [int(axis) for axis in constant(operator, 1, "axes").ravel()]
    if not all(-rank <= axis < rank for axis in given):
        raise operator.error(f"its axes {given} are outside the input", "export or copy the model again")
    reduced = {axis % rank for axis in given}
    kept_runs, reduced_runs = _runs(source.shape, reduced)
    if len(kept_runs) > 3 or len(reduced_runs) > 2:
        raise operator.error(f"the mean over axes {given} is too scattered", "split it into two means")
    elements = math.prod(source.shape[axis] for axis in reduced)
    if output.count * elements != source.count:
        raise operator.error("its output has the wrong size", "export or copy the model again")
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
    shape = c_struct(
        "ear_mean_shape",
        "mean",
        [("kept", [size for size, _ in kept]), ("kept_stride", [stride for _, stride in kept]),
         ("reduced", [size for size, _ in reduced]), ("reduced_stride", [stride for _, stride in reduced]),
         ("offset", source.zero_point * elements), ("multiplier", multiplier.value),
         ("shift", multiplier.shift), ("out_zero_point", output.zero_point)],
    )  # fmt: skip
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=f"{shape}\near_mean(&mean, input, output);",
        kernel="ear_mean",
    )
