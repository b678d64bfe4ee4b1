"""The part of model.c that lends memory: model_invoke_lent and model_step_whole."""

from earkit.compiler.emit.body import STATE, Body, statement
from earkit.compiler.emit.steps import take_rows
from earkit.compiler.program import Loan, Program, Streaming

WHOLE = "static void whole(const int8_t *input, int8_t *rows, int32_t row_bytes, int8_t *output, void *state)"
INVOKE = "void model_invoke_lent(int8_t *output, void *state)"
STEP = "void model_step_whole(const int8_t *rows, int8_t *output, void *state, int is_lent)"


def lent_parts(program: Program, streaming: Streaming, loan: Loan) -> list[str]:
    """The two functions, and the one that both call."""
    whole = f"""/* The whole window at `input`. The rows of the layer that moves go to `rows`, `row_bytes`
 * apart: 0 where they need not stay. */
{_whole(program, streaming, loan)}"""
    return [whole, _invoke(streaming, loan), _step(program, streaming, loan)]


def _invoke(streaming: Streaming, loan: Loan) -> str:
    body = Body(streaming.plan, STATE)
    given, rows = body.address(loan.input), body.address(loan.rows)
    body.add(f"whole({given}, {rows}, 0, output, state);")
    return body.text(INVOKE, [])


def _step(program: Program, streaming: Streaming, loan: Loan) -> str:
    body = Body(streaming.plan, STATE)
    moved = program.layers[loan.mover].output.index
    take_rows(program, streaming, body)
    lent, kept = (body.address(place) for place in (loan.rows, streaming.row_place(moved, 0)))
    window = body.address(streaming.row_place(program.graph.inputs[0].index, 0))
    row_bytes = streaming.stream.motions[moved].row_bytes
    body.add(
        f"int8_t *to = is_lent ? {lent} : {kept};",
        f"whole({window}, to, is_lent ? 0 : {row_bytes}, output, state);",
    )
    return body.text(STEP, [])


def _whole(program: Program, streaming: Streaming, loan: Loan) -> str:
    body = Body(streaming.plan, STATE)
    for i, layer in enumerate(program.layers):
        if i == loan.taker:
            _take(program, streaming, loan, body)
        elif i != loan.mover:
            body.run(i, layer)
    body.copy_outputs(["output"])
    return body.text(WHOLE, [])


def _take(program: Program, streaming: Streaming, loan: Loan, body: Body) -> None:
    """Rows near the edges at once, the inner ones one by one; each goes to the layer that takes them."""
    mover, taker = program.layers[loan.mover], program.layers[loan.taker]
    assert mover.rows is not None and taker.parts is not None
    parts, rows = taker.parts, mover.rows
    motions, functions = streaming.stream.motions, streaming.stream.functions[mover.operator.index]
    motion, source = motions[mover.output.index], motions[program.graph.inputs[0].index]
    output = body.address(streaming.plan.places[taker.output.index])
    place = streaming.plan.scratch.get(loan.mover)
    scratch = f", {body.address(place)}" if place else ""
    size = motion.row_bytes

    def run(role: str, start: str) -> str:
        return f"{functions[role].name}({start}, rows{scratch});"

    def take(first: str, count: int) -> str:
        return statement(parts.take("rows", first, count, output))

    body.add(f"int32_t sums[{parts.sums}];")
    if motion.head.count:
        body.add(run("head", "input"), take("0", motion.head.count * size))
        body.add(f"rows += {motion.head.count} * row_bytes;")
    read = f"(row * {rows.stride} - {rows.pad}) * {source.row_bytes}"
    body.add(
        f"for (int32_t row = {motion.head.last}; row < {motion.tail.first}; row++, rows += row_bytes) {{",
        f"  {run('start', f'input + {read}')}",
        f"  {take(f'row * {size}', size)}",
        "}",
    )
    last = rows.reads_from(motion.tail.first) * source.row_bytes
    body.add(run("tail", f"input + {last}"), take(str(motion.tail.first * size), motion.tail.count * size))
