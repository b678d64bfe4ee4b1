"""What a stream can lend: its computed rows, which only save work, make room for a whole input of somebody
else's. Until they are back, windows are computed whole.

That needs a model that can be computed with few rows at a time: one layer that is taken row by row, then one
that takes those rows in parts, as in micro_speech (a convolution, a dense layer).
"""

from collections.abc import Sequence

from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.layer import Layer
from earkit.compiler.motion import Stream
from earkit.compiler.place import ALIGNMENT, Plan
from earkit.compiler.program import Loan


def find_loan(graph: Graph, layers: Sequence[Layer], stream: Stream, plan: Plan) -> Loan | None:
    """What the state of `plan`, that of a step, lends; None where the model is another, or has no room."""
    moving = [i for i, layer in enumerate(layers) if stream.is_moving(layer)]
    if len(moving) != 1:
        return None
    source, output = graph.inputs[0], layers[moving[0]].output
    takers = _readers(output, layers, plan)
    if _readers(source, layers, plan) != moving or len(takers) != 1 or output in graph.outputs:
        return None
    window, rows = stream.motions[source.index], stream.motions[output.index]
    place = plan.places[output.index]
    taken = -(-source.bytes // ALIGNMENT) * ALIGNMENT
    needed = taken + max(rows.head.count, rows.tail.count) * rows.row_bytes
    can = layers[takers[0]].parts and rows.row_bytes % 4 == 0 and window.start == rows.start == 0
    return Loan(moving[0], takers[0], place, place.plus(taken)) if can and needed <= rows.bytes else None


def _readers(tensor: Tensor, layers: Sequence[Layer], plan: Plan) -> list[int]:
    """The layers that run and read the tensor, by whatever name."""
    names = {tensor.index}
    for i in sorted(plan.done_by_sharing):
        if layers[i].is_alias and layers[i].inputs[0][1].index in names:
            names.add(layers[i].output.index)
    return [
        i
        for i, layer in enumerate(layers)
        if i not in plan.done_by_sharing and names & {t.index for _, t in layer.inputs}
    ]
