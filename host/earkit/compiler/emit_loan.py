"""The lending part of model.h and model.c: model_invoke_lent and model_step_whole."""

from collections.abc import Iterator

from earkit.compiler.ctext import statement, working_memory
from earkit.compiler.emit_stream import START_VALUE, StepEmitter
from earkit.compiler.loan import Loan

CANNOT = """/* The state has nothing to lend. */
#define MODEL_LOAN 0
"""


def header(loan: Loan | None) -> str:
    if loan is None:
        return CANNOT
    return f"""/* The state can lend memory: MODEL_LOAN_INPUT bytes into it, 4-byte aligned, its owner puts a
 * whole input and has it run. The window goes on by model_step_whole meanwhile, not by model_step. */
#define MODEL_LOAN 1
#define MODEL_LOAN_INPUT {loan.input_place}

/* model_invoke on the input that was lent the place, which stays as it is. */
void model_invoke_lent(int8_t *output, void *state);

/* model_step, the same results with more work: as long as the place is lent, and once more after that
 * with `is_lent` 0, before model_step may be called again. A state of {START_VALUE} throughout
 * may start so too, instead of by model_start. */
void model_step_whole(const int8_t *rows, int8_t *output, void *state, int is_lent);
"""


def source(emitter: StepEmitter, loan: Loan) -> list[str]:
    mover = emitter.layers[loan.mover]
    window = emitter.place(emitter.graph.inputs[0].index, 0)
    rows, row_bytes = emitter.place(mover.output.index, 0), emitter.motion(mover.output.index).row_bytes
    kept, lent = (f"(int8_t *)(void *)({at})" for at in (rows, f"bytes + {loan.rows_place}"))
    given = f"(const int8_t *)(void *)(bytes + {loan.input_place})"
    whole = "\n  ".join(_whole(emitter, loan))
    moved = "\n  ".join(emitter.take_rows())
    return [
        f"""/* The whole window at `input`. The rows of the layer that moves go to `rows`, `row_bytes` apart:
 * 0 where they need not stay. */
static void whole(const int8_t *input, int8_t *rows, int32_t row_bytes, int8_t *output, uint8_t *bytes) {{
  {whole}
}}""",
        f"""void model_invoke_lent(int8_t *output, void *state) {{
  uint8_t *bytes = state;
  whole({given}, {lent}, 0, output, bytes);
}}""",
        f"""void model_step_whole(const int8_t *rows, int8_t *output, void *state, int is_lent) {{
  uint8_t *bytes = state;
  {moved}
  int8_t *to = is_lent ? {lent} : {kept};
  whole((const int8_t *)(void *)({window}), to, is_lent ? 0 : {row_bytes}, output, bytes);
}}""",
    ]


def _whole(emitter: StepEmitter, loan: Loan) -> list[str]:
    taker = emitter.layers[loan.taker]
    assert taker.parts is not None
    output = emitter.plan.places[taker.output.index]
    lines = []
    for i in range(len(emitter.layers)):
        if i == loan.taker:
            lines += [f"int32_t sums[{taker.parts.sums}];", *_rows(emitter, loan, _pointer(output))]
        elif i != loan.mover:
            lines += emitter.step(i)
    lines += emitter.copies()
    first, *memory = working_memory(emitter.plan, lines, "bytes")
    return [*memory, *([first] if first.startswith("(void)") else []), *lines]


def _pointer(place: str) -> str:
    return f"(int8_t *)(void *)({place})" if place.startswith("bytes") else place


def _rows(emitter: StepEmitter, loan: Loan, output: str) -> Iterator[str]:
    """Those near the edges at once, the inner ones one by one."""
    layer, taker = emitter.layers[loan.mover], emitter.layers[loan.taker]
    assert layer.rows is not None and taker.parts is not None
    motion, source = emitter.motion(layer.output.index), emitter.motion(emitter.graph.inputs[0].index)
    scratch = ", scratch" if layer.scratch_bytes else ""
    size = motion.row_bytes

    def run(role: str, start: str) -> str:
        return f"{emitter.function(loan.mover, role)}({start}, rows{scratch});"

    def take(first: str, count: int) -> str:
        assert taker.parts is not None
        return statement(taker, taker.parts.take("rows", first, count, output))

    if motion.head.count:
        yield run("head", "input")
        yield take("0", motion.head.count * size)
        yield f"rows += {motion.head.count} * row_bytes;"
    read = f"(row * {layer.rows.stride} - {layer.rows.pad}) * {source.row_bytes}"
    yield f"for (int32_t row = {motion.head.last}; row < {motion.tail.first}; row++, rows += row_bytes) {{"
    yield "  " + run("start", f"input + {read}")
    yield "  " + take(f"row * {size}", size)
    yield "}"
    last = max(0, motion.tail.first * layer.rows.stride - layer.rows.pad)
    yield run("tail", f"input + {last * source.row_bytes}")
    yield take(str(motion.tail.first * size), motion.tail.count * size)
