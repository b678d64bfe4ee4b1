"""PAD and PADV2, int8, up to four dimensions.

Recipe: read the constant paddings; the value is the output's zero point, or PADV2's constant; emit one
call.
"""

from earkit.compiler.check import require_shape, require_type, tensor
from earkit.compiler.graph import NOT_CONSTANT, Operator, constant
from earkit.compiler.layer import Call, Kernel, Layer, Struct
from earkit.compiler.operation import Operation

KERNEL = Kernel("ear_pad", ("pad.c",))


def compile_pad(operator: Operator) -> Layer:
    """The padding is zeros."""
    return _layer(operator, operator.outputs[0].zero_point)


def compile_pad_v2(operator: Operator) -> Layer:
    """The padding is the third input."""
    require_type(operator, tensor(operator, 2), "int8")
    return _layer(operator, int(constant(operator, 2, "padding values").ravel()[0]))


def _layer(operator: Operator, value: int) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, tensor(operator, 1), "int32", "int64")
    paddings = constant(operator, 1, "paddings")
    rank = len(source.shape)
    if paddings.shape != (rank, 2) or paddings.min() < 0:
        raise operator.damaged("its paddings do not fit the input")
    before, after = tuple(int(p) for p in paddings[:, 0]), tuple(int(p) for p in paddings[:, 1])
    require_shape(
        operator, output, tuple(b + size + a for b, size, a in zip(before, source.shape, after, strict=True))
    )
    fill, name = (0,) * (4 - rank), operator.own("pad")
    shape = Struct(
        "ear_pad_shape",
        name,
        (("shape", (1,) * (4 - rank) + source.shape), ("before", fill + before), ("after", fill + after),
         ("value", value)),
    )  # fmt: skip
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=Call(KERNEL, (f"&{name}", "input", "output")),
        struct=shape,
    )


OPERATIONS = {
    name: Operation(
        compile=function,
        resolver=resolver,
        types=(("int8", "int8"),),
        inputs=inputs,
        ranks=(1, 4),
        keeps_scale=True,
        refuses=(NOT_CONSTANT,),
    )
    for name, function, resolver, inputs in (
        ("PAD", compile_pad, "Pad", 2),
        ("PADV2", compile_pad_v2, "PadV2", 3),
    )
}
