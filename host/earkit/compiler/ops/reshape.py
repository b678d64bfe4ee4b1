"""RESHAPE (and EXPAND_DIMS, SQUEEZE), int8 and float32: the same bytes under another shape.

Recipe: check the sizes; the memory plan lets input and output share memory, so that nothing is emitted;
where they cannot, one copy is.
"""

from earkit.compiler.check import tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Call, Kernel, Layer
from earkit.compiler.operation import Operation

COPY = Kernel("memcpy", ())


def compile_reshape(operator: Operator) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    if source.count != output.count:
        raise operator.damaged(f"it turns {list(source.shape)} into {list(output.shape)}")
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=Call(COPY, ("output", "input", str(output.bytes))),
        is_alias=True,
    )


OPERATIONS = {
    name: Operation(
        compile=compile_reshape,
        resolver=resolver,
        types=(("int8", "int8"), ("float32", "float32")),
        optional=1,
    )
    for name, resolver in (("EXPAND_DIMS", "ExpandDims"), ("RESHAPE", "Reshape"), ("SQUEEZE", "Squeeze"))
}
