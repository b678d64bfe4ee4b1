"""The streaming half of model.h and model.c: model_start and model_step."""

from collections.abc import Iterator, Sequence

from earkit.compiler.ctext import call, function, working_memory
from earkit.compiler.graph import Graph
from earkit.compiler.layer import Layer
from earkit.compiler.plan import Plan
from earkit.compiler.stream import STEP_ROWS, Motion, Range, Stream

CANNOT = """/* This model cannot be computed step by step. */
#define MODEL_STEP_ROWS 0
"""
START_VALUE = -128
"""Of a window that has heard nothing: a feature of 0."""


def header(graph: Graph, stream: Stream | None, plan: Plan | None, loan: str) -> str:
    """The part of model.h; `plan` is that of a step, `loan` emit_loan.header's part."""
    if stream is None or plan is None:
        return f"{CANNOT}\n{loan}"
    source = stream.motions[graph.inputs[0].index]
    return f"""/* Step by step, for a window of rows that moves on in time: each step takes the newest rows,
 * and the result is model_invoke's on the whole window, bit for bit. The state holds what is kept
 * from step to step, and is the caller's: MODEL_STATE_BYTES, aligned as working memory is. */
#define MODEL_STEP_ROWS {STEP_ROWS}
#define MODEL_ROW_BYTES {source.row_bytes}
#define MODEL_STATE_BYTES {plan.arena_bytes}

/* Makes `state` that of a window which is {START_VALUE} throughout. */
void model_start(void *state);

/* Moves the window on by MODEL_STEP_ROWS and runs the model. `rows`: the newest, oldest first, read
 * only; `output`: as of model_invoke. */
void model_step(const int8_t *rows, int8_t *output, void *state);

{loan}"""


class StepEmitter:
    """The part of model.c."""

    def __init__(self, graph: Graph, layers: Sequence[Layer], stream: Stream, plan: Plan) -> None:
        self.graph, self.layers, self.stream, self.plan = graph, layers, stream, plan
        self.functions: dict[str, str] = {}

    def parts(self) -> Iterator[str]:
        start = [*self._fill_input(), *(s for i in self._moving() for s in self._start(i))]
        step = [*self.take_rows(), *(s for i in range(len(self.layers)) for s in self.step(i))]
        step += self.copies()
        yield from self.functions.values()
        yield self._function("void model_start(void *state)", start)
        yield self._function("void model_step(const int8_t *rows, int8_t *output, void *state)", step)

    def copies(self) -> list[str]:
        return [f"memcpy(output, {self.plan.places[t.index]}, {t.bytes});" for t, _ in self.plan.copies]

    def _moving(self) -> list[int]:
        return [i for i, layer in enumerate(self.layers) if self.stream.is_moving(layer)]

    def motion(self, index: int) -> Motion:
        return self.stream.motions[index]

    def place(self, tensor: int, row: int) -> str:
        """The address of a row of a tensor that moves."""
        base = int(self.plan.places[tensor].removeprefix("bytes + "))
        return f"bytes + {base + self.motion(tensor).offset(row)}"

    def _fill_input(self) -> list[str]:
        index = self.graph.inputs[0].index
        motion = self.motion(index)
        return [f"memset({self.place(index, motion.start)}, {START_VALUE}, {motion.bytes});"]

    def _start(self, i: int) -> list[str]:
        """All inner rows of a window whose rows are all the same are the same: compute one."""
        index = self.layers[i].output.index
        motion = self.motion(index)
        last = motion.inner.last - 1
        return [
            self._call(i, "start"),
            f"ear_repeat_row({self.place(index, motion.start)}, {motion.row_bytes}, {last - motion.start});",
        ]

    def take_rows(self) -> list[str]:
        index = self.graph.inputs[0].index
        motion = self.motion(index)
        taken = Range(max(motion.start, motion.rows - motion.hop), motion.rows)
        skipped = (taken.first - (motion.rows - motion.hop)) * motion.row_bytes
        rows = f"rows + {skipped}" if skipped else "rows"
        return [
            *self._move(index),
            f"memcpy({self.place(index, taken.first)}, {rows}, {taken.count * motion.row_bytes});",
        ]

    def _move(self, index: int) -> list[str]:
        motion = self.motion(index)
        if motion.kept.count <= 0:
            return []
        place = self.place(index, motion.kept.first)
        kept, by = motion.kept.count * motion.row_bytes, motion.hop * motion.row_bytes
        return [f"ear_move_rows({place}, {by}, {kept});"]

    def step(self, i: int) -> list[str]:
        layer = self.layers[i]
        if i in self.plan.done_by_sharing:
            return []
        if not self.stream.is_moving(layer):
            places = [self.plan.places[t.index] for _, t in layer.inputs]
            output = self.plan.places[layer.output.index]
            return [call(layer, layer.function, places, output, self.plan.scratch.get(i))]
        motion = self.motion(layer.output.index)
        calls = [*self._move(layer.output.index)]
        if motion.head.count > 0:
            calls.append(self._call(i, "head"))
        return [*calls, self._call(i, "tail")]

    def function(self, i: int, role: str) -> str:
        """The name of the function that computes a layer's `head`, `tail` or, for `start`, one inner row; it
        goes into model.c."""
        layer = self.layers[i]
        assert layer.rows is not None
        rows = self._rows(i, role)
        if role == "start" and rows == self._rows(i, "tail"):
            role = "tail"
        name = f"{layer.function}_{role}"
        text = function(layer, name, layer.rows.body(rows.first, rows.count))
        self.functions[name] = f"/* Rows {rows.first} to {rows.last - 1} of the output. */\n{text}"
        return name

    def _rows(self, i: int, role: str) -> Range:
        motion = self.motion(self.layers[i].output.index)
        last = motion.inner.last
        return {"head": motion.head, "start": Range(last - 1, last), "tail": motion.tail}[role]

    def _call(self, i: int, role: str) -> str:
        layer, rows, name = self.layers[i], self._rows(i, role), self.function(i, role)
        assert layer.rows is not None
        read = max(0, rows.first * layer.rows.stride - layer.rows.pad)
        inputs = [self.place(t.index, read) for _, t in layer.inputs]
        output = self.place(layer.output.index, rows.first)
        return call(layer, name, inputs, output, self.plan.scratch.get(i))

    def _function(self, prototype: str, statements: Sequence[str]) -> str:
        lines = "\n  ".join([*working_memory(self.plan, statements, "state"), *statements])
        return f"{prototype} {{\n  {lines}\n}}"
