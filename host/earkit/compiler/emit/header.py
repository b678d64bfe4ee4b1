"""model.h: what a program that runs the model must know."""

from collections.abc import Iterator

from earkit.compiler.ctext import ORIGIN, c_float, comment
from earkit.compiler.emit.body import invoke_prototype
from earkit.compiler.graph import Graph, Tensor
from earkit.compiler.layer import CTYPES
from earkit.compiler.motion import START_VALUE, STEP_ROWS
from earkit.compiler.place import ALIGNMENT
from earkit.compiler.program import Loan, Program, Streaming

CANNOT_STEP = """/* This model cannot be computed step by step. */
#define MODEL_STEP_ROWS 0
"""
CANNOT_LEND = """/* The state has nothing to lend. */
#define MODEL_LOAN 0
"""


def header(program: Program) -> str:
    """The text of model.h."""
    graph, plan, streaming = program.graph, program.plan, program.streaming
    step = _step(graph, streaming) if streaming else CANNOT_STEP
    loan = _loan(streaming.loan) if streaming and streaming.loan else CANNOT_LEND
    return f"""/* {ORIGIN}
 *
 * The model {comment(graph.name)}, compiled. It needs firmware/core/kernels and nothing else. Of a tensor:
 * its elements, shape and type, and scale and zero point (real = (quantised - zero point) *
 * scale; 1 and 0 for float32).
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

#define MODEL_SHA256 "{graph.sha256}"

{chr(10).join(_facts(graph))}
/* Working memory and its alignment; layers take {plan.stack_bytes} bytes of the stack besides. */
#define MODEL_ARENA_BYTES {plan.arena_bytes}
#define MODEL_ARENA_ALIGNMENT {ALIGNMENT}

/* Runs the model once. Inputs are read only, outputs are written; each holds as many elements as said
 * above and is 4-byte aligned. `arena` is working memory that need not be kept between calls. The
 * buffers must not overlap. Keeps no state: calls with different arenas may run at the same time. */
{invoke_prototype(graph)};

{step}
{loan}
#ifdef __cplusplus
}}
#endif
#endif
"""


def _facts(graph: Graph) -> Iterator[str]:
    for kind, tensors in (("INPUT", graph.inputs), ("OUTPUT", graph.outputs)):
        yield f"#define MODEL_{kind}_COUNT {len(tensors)}"
        for i, tensor in enumerate(tensors):
            yield from _tensor(f"MODEL_{kind}_{i}", tensor)
        yield ""


def _tensor(prefix: str, tensor: Tensor) -> Iterator[str]:
    is_int8 = tensor.dtype == "int8"
    yield f"#define {prefix}_TYPE {CTYPES[tensor.dtype]}"
    yield f"#define {prefix}_IS_INT8 {int(is_int8)}"
    yield f"#define {prefix}_ELEMENTS {tensor.count}"
    yield f"#define {prefix}_SHAPE {{{', '.join(map(str, tensor.shape))}}}"
    yield f"#define {prefix}_SCALE {c_float(tensor.scale if is_int8 else 1.0)}"
    yield f"#define {prefix}_ZERO_POINT ({tensor.zero_point if is_int8 else 0})"


def _step(graph: Graph, streaming: Streaming) -> str:
    return f"""/* Step by step, for a window of rows that moves on in time: each step takes the newest rows,
 * and the result is model_invoke's on the whole window, bit for bit. The state holds what is kept
 * from step to step, and is the caller's: MODEL_STATE_BYTES, aligned as working memory is. */
#define MODEL_STEP_ROWS {STEP_ROWS}
#define MODEL_ROW_BYTES {streaming.stream.motions[graph.inputs[0].index].row_bytes}
#define MODEL_STATE_BYTES {streaming.plan.arena_bytes}

/* Makes `state` that of a window which is {START_VALUE} throughout. */
void model_start(void *state);

/* Moves the window on by MODEL_STEP_ROWS and runs the model. `rows`: the newest, oldest first, read
 * only; `output`: as of model_invoke. */
void model_step(const int8_t *rows, int8_t *output, void *state);
"""


def _loan(loan: Loan) -> str:
    return f"""/* The state can lend memory: MODEL_LOAN_INPUT bytes into it, 4-byte aligned, its owner puts a
 * whole input and has it run. The window goes on by model_step_whole meanwhile, not by model_step. */
#define MODEL_LOAN 1
#define MODEL_LOAN_INPUT {loan.input_bytes}

/* model_invoke on the input that was lent the place, which stays as it is. */
void model_invoke_lent(int8_t *output, void *state);

/* model_step, the same results with more work: as long as the place is lent, and once more after that
 * with `is_lent` 0, before model_step may be called again. A state of {START_VALUE} throughout
 * may start so too, instead of by model_start. */
void model_step_whole(const int8_t *rows, int8_t *output, void *state, int is_lent);
"""
