"""RESHAPE (and EXPAND_DIMS, SQUEEZE), int8 and float32: the same bytes under another shape.

Recipe: check the sizes; the memory plan lets input and output share memory, so that nothing is emitted;
where they cannot, one copy is.
"""

from earkit.compiler.check import require_counts, require_type, tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Layer


def compile_reshape(operator: Operator) -> Layer:
    require_counts(operator, 1, optional=1)
    source, output = tensor(operator, 0), operator.outputs[0]
    require_type(operator, source, "int8", "float32")
    require_type(operator, output, source.dtype)
    if source.count != output.count:
        raise operator.error(
            f"it turns {list(source.shape)} into {list(output.shape)}", "export or copy the model again"
        )
    return Layer(
        operator=operator,
        inputs=(("input", source),),
        body=f"memcpy(output, input, {output.bytes});",
        kernel="memcpy",
        is_alias=True,
    )
