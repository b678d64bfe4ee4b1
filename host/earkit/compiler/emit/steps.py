"""The part of model.c that streams: model_start and model_step."""

from collections.abc import Iterator

from earkit.compiler.emit.body import STATE, Body
from earkit.compiler.layer import Layer
from earkit.compiler.motion import START_VALUE, Range
from earkit.compiler.place import Place
from earkit.compiler.program import Program, Streaming


def step_parts(program: Program, streaming: Streaming) -> Iterator[str]:
    """The two functions."""
    start, step = Body(streaming.plan, STATE), Body(streaming.plan, STATE)
    _fill_input(program, streaming, start)
    take_rows(program, streaming, step)
    for i, layer in enumerate(program.layers):
        if streaming.stream.is_moving(layer):
            _start(i, layer, streaming, start)
            _move(layer.output.index, streaming, step)
            _run_rows(i, layer, streaming, step)
        else:
            step.run(i, layer)
    step.copy_outputs(["output"])
    yield start.text("void model_start(void *state)", [])
    yield step.text("void model_step(const int8_t *rows, int8_t *output, void *state)", [])


def take_rows(program: Program, streaming: Streaming, body: Body) -> None:
    """Add what moves the window on and copies the newest rows into it, from the parameter `rows`."""
    index = program.graph.inputs[0].index
    motion = streaming.stream.motions[index]
    taken = Range(max(motion.start, motion.rows - motion.hop), motion.rows)
    skipped = (taken.first - (motion.rows - motion.hop)) * motion.row_bytes
    rows = body.address(Place("rows", skipped))
    _move(index, streaming, body)
    place = body.address(streaming.row_place(index, taken.first))
    body.add(f"memcpy({place}, {rows}, {taken.count * motion.row_bytes});")


def _fill_input(program: Program, streaming: Streaming, body: Body) -> None:
    index = program.graph.inputs[0].index
    motion = streaming.stream.motions[index]
    place = body.address(streaming.row_place(index, motion.start))
    body.add(f"memset({place}, {START_VALUE}, {motion.bytes});")


def _start(i: int, layer: Layer, streaming: Streaming, body: Body) -> None:
    """All inner rows of a window whose rows are all the same are the same: compute one."""
    index = layer.output.index
    motion = streaming.stream.motions[index]
    _call(i, layer, "start", streaming, body)
    first = body.address(streaming.row_place(index, motion.start))
    body.add(f"ear_repeat_row({first}, {motion.row_bytes}, {motion.inner.last - 1 - motion.start});")


def _move(tensor: int, streaming: Streaming, body: Body) -> None:
    motion = streaming.stream.motions[tensor]
    if motion.kept.count:
        kept, by = motion.kept.count * motion.row_bytes, motion.hop * motion.row_bytes
        first = body.address(streaming.row_place(tensor, motion.kept.first))
        body.add(f"ear_move_rows({first}, {by}, {kept});")


def _run_rows(i: int, layer: Layer, streaming: Streaming, body: Body) -> None:
    for role in ("head", "tail"):
        if role in streaming.stream.functions[layer.operator.index]:
            _call(i, layer, role, streaming, body)


def _call(i: int, layer: Layer, role: str, streaming: Streaming, body: Body) -> None:
    function = streaming.stream.functions[layer.operator.index][role]
    assert layer.rows is not None
    read = layer.rows.reads_from(function.rows.first)
    inputs = [streaming.row_place(tensor.index, read) for _, tensor in layer.inputs]
    output = streaming.row_place(layer.output.index, function.rows.first)
    body.call(function.name, inputs, output, streaming.plan.scratch.get(i))
