"""AVERAGE_POOL_2D and MAX_POOL_2D, int8.

Recipe: read the window; emit one call. Like TFLM, the kernels do not rescale.
"""

from functools import partial

import tflite

from earkit.compiler.check import tensor
from earkit.compiler.graph import Operator
from earkit.compiler.layer import Call, Kernel, Layer
from earkit.compiler.operation import Operation
from earkit.compiler.quantize import UNFUSABLE, activation_range
from earkit.compiler.window import make_window

AVERAGE = Kernel("ear_average_pool_2d", ("pool_2d.c",))
MAX = Kernel("ear_max_pool_2d", ("pool_2d.c",))


def compile_pool_2d(kernel: Kernel, operator: Operator) -> Layer:
    source, output = tensor(operator, 0), operator.outputs[0]
    size = (operator.options["FilterHeight"], operator.options["FilterWidth"], 1)
    window = make_window(operator, source, size, source.shape[3], activation_range(operator, output))
    name = operator.own("window")

    def call(used: str) -> Call:
        return Call(kernel, (f"&{used}", "input", "output"))

    return Layer(
        operator=operator,
        inputs=(("input", source),),
        call=call(name),
        struct=window.struct(name),
        rows=window.row_wise(name, call),
    )


OPERATIONS = {
    name: Operation(
        compile=partial(compile_pool_2d, kernel),
        resolver=resolver,
        types=(("int8", "int8"),),
        ranks=(4, 4),
        options=(
            tflite.Pool2DOptions,
            ("Padding", "StrideH", "StrideW", "FilterHeight", "FilterWidth", "FusedActivationFunction"),
        ),
        refuses=(UNFUSABLE,),
    )
    for name, kernel, resolver in (
        ("AVERAGE_POOL_2D", AVERAGE, "AveragePool2D"),
        ("MAX_POOL_2D", MAX, "MaxPool2D"),
    )
}
