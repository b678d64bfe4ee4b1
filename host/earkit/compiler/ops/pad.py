"""PAD and PADV2, int8, up to four dimensions.

Recipe: read the constant paddings; the value is the output's zero point, or PADV2's constant; emit one
call.
"""

from earkit.compiler.check import require_counts, require_rank, require_shape, require_type, tensor
from earkit.compiler.graph import Operator, constant
from earkit.compiler.layer import Layer, c_struct


def compile_pad(operator: Operator) -> Layer:
    require_counts(operator, 3 if operator.name == "PADV2" else 2)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "int8")
    require_type(operator, output, "int8")
    require_rank(operator, source, 1, 4)
    require_type(operator, tensor(operator, 1), "int32", "int64")
    paddings = constant(operator, 1, "paddings")
    rank = len(source.shape)
    if paddings.shape != (rank, 2) or paddings.min() < 0:
        raise operator.error("its paddings do not fit the input", "export or copy the model again")
    before, after = [int(p) for p in paddings[:, 0]], [int(p) for p in paddings[:, 1]]
    require_shape(
        operator, output, tuple(b + size + a for b, size, a in zip(before, source.shape, after, strict=True))
    )
    if (source.scale, source.zero_point) != (output.scale, output.zero_point):
        raise operator.error("it changes the scale", "convert the model again")
    fill = [0] * (4 - rank)
    shape = c_struct(
        "ear_pad_shape",
        "pad",
        [("shape", [1] * (4 - rank) + list(source.shape)), ("before", fill + before), ("after", fill + after),
         ("value", _value(operator))],
    )  # fmt: skip
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=f"{shape}\near_pad(&pad, input, output);",
        kernel="ear_pad",
    )


def _value(operator: Operator) -> int:
    if operator.name == "PAD":
        return operator.outputs[0].zero_point
    require_type(operator, tensor(operator, 2), "int8")
    return int(constant(operator, 2, "padding values").ravel()[0])
