"""Exact streaming: what of a model need not be computed again when its window moves on in time.

The window's rows (dimension 1) move down by STEP_ROWS. A row of a layer's output whose inputs neither touch
padding nor are computed from such rows is an *inner* row: after a step it is an old row in another place.
So a step moves the inner rows and computes what is left: the new inner rows, and the rows near the edges
where the padding shows. A layer that cannot be taken row by row (a dense layer, a mean over time) is computed
whole, and so is all that follows it.
"""

from collections.abc import Sequence
from dataclasses import replace

from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.layer import Layer, RowWise
from earkit.compiler.motion import STEP_ROWS, Motion, Range, RowFunction, Stream


def find_stream(graph: Graph, layers: Sequence[Layer]) -> Stream | None:
    """How the model streams, or None when a step would save nothing: then each window is computed whole."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return None
    motions = _find_motions(graph.inputs[0], layers)
    stream = Stream(_without_what_nobody_reads(motions, graph, layers))
    saves = any(stream.is_moving(layer) and layer.macs for layer in layers)
    is_int8 = all(end.dtype == "int8" for end in (graph.inputs[0], graph.outputs[0]))
    if not saves or not is_int8:
        return None
    moving = (layer for layer in layers if stream.is_moving(layer))
    return replace(stream, functions={layer.operator.index: _functions(layer, stream) for layer in moving})


def _functions(layer: Layer, stream: Stream) -> dict[str, RowFunction]:
    motion = stream.motions[layer.output.index]
    last = motion.inner.last
    ranges = {"start": Range(last - 1, last), "head": motion.head, "tail": motion.tail}
    functions = {role: _function(layer, role, rows) for role, rows in ranges.items() if rows.count}
    if motion.tail == ranges["start"]:
        functions["start"] = functions["tail"]
    return functions


def _function(layer: Layer, role: str, rows: Range) -> RowFunction:
    assert layer.rows is not None
    return RowFunction(f"{layer.function}_{role}", rows, layer.rows.call(rows.first, rows.count))


def _find_motions(source: Tensor, layers: Sequence[Layer]) -> dict[int, Motion]:
    rows = _input_rows(source, layers)
    if rows <= STEP_ROWS:
        return {}
    motions = {source.index: Motion(rows, source.count // rows, STEP_ROWS, Range(0, rows), rows)}
    for layer in layers:
        sources = [motions.get(tensor.index) for _, tensor in layer.inputs]
        moving = [motion for motion in sources if motion is not None]
        if moving and len(moving) == len(sources) and layer.output.index not in motions:
            found = _after(layer, moving)
            if found is not None:
                motions[layer.output.index] = found
    return motions


def _input_rows(source: Tensor, layers: Sequence[Layer]) -> int:
    """Those of the input, or (TFLM's has one dimension of 1960) those that a reshape gives it."""
    shaped = [source, *(x.output for x in layers if x.is_alias and x.inputs[0][1] is source)]
    return next((t.shape[1] for t in shaped if len(t.shape) >= 3 and t.shape[0] == 1), 0)


def _after(layer: Layer, sources: Sequence[Motion]) -> Motion | None:
    """How a layer's output moves, or None when it must be computed whole."""
    source = sources[0]
    shape = layer.output.shape
    if len(shape) < 3 or shape[0] != 1:
        return None
    row_bytes = layer.output.bytes // shape[1]
    if layer.is_alias:
        return replace(source, row_bytes=row_bytes) if shape[1] == source.rows else None
    if layer.rows is None or any((s.rows, s.hop) != (source.rows, source.hop) for s in sources):
        return None
    inner = Range(max(s.inner.first for s in sources), min(s.inner.last for s in sources))
    if source.hop % layer.rows.stride:
        return None
    motion = Motion(
        shape[1], row_bytes, source.hop // layer.rows.stride, _inner_after(layer.rows, inner), shape[1]
    )
    is_kept = motion.inner.last - motion.hop > motion.inner.first
    return motion if is_kept else None


def _inner_after(rows: RowWise, source: Range) -> Range:
    """The rows that are made of inner rows only."""
    return Range(
        max(0, -(-(source.first + rows.pad) // rows.stride)),
        (source.last + rows.pad - rows.reach) // rows.stride + 1,
    )


def _without_what_nobody_reads(
    motions: dict[int, Motion], graph: Graph, layers: Sequence[Layer]
) -> dict[int, Motion]:
    """The same with `start` set, from the last layer to the first."""
    starts = {index: motion.rows for index, motion in motions.items()}
    for output in graph.outputs:
        starts[output.index] = 0
    for layer in reversed(layers):
        needed = _needed(layer, motions, starts)
        for _, tensor in layer.inputs:
            if tensor.index in starts:
                starts[tensor.index] = min(starts[tensor.index], needed)
    for layer in layers:
        if layer.is_alias and layer.output.index in motions:
            starts[layer.output.index] = starts[layer.inputs[0][1].index]
    return {index: replace(motion, start=starts[index]) for index, motion in motions.items()}


def _needed(layer: Layer, motions: dict[int, Motion], starts: dict[int, int]) -> int:
    """The first row that the layer reads of its inputs."""
    index = layer.output.index
    if index not in motions:
        return 0
    starts[index] = min(starts[index], motions[index].inner.last - 1)
    if layer.rows is None:
        return starts[index]
    motion = replace(motions[index], start=starts[index])
    first = motion.head.first if motion.head.count else motion.tail.first
    return layer.rows.reads_from(first)
