"""model.c: the compiled model as readable C11."""

from earkit.compiler.ctext import ORIGIN
from earkit.compiler.emit.body import ARENA, STATE, offsets
from earkit.compiler.emit.invoke import invoke
from earkit.compiler.emit.layers import constant_parts, layer_parts
from earkit.compiler.emit.lent import lent_parts
from earkit.compiler.emit.steps import step_parts
from earkit.compiler.program import Program

HEAD = f"""/* {ORIGIN} The contract is in model.h. */

#include "model.h"

#include <stddef.h>
#include <string.h>

#include "kernels/kernels.h"

/* Not inlined, so that a profile shows each layer. */
#define LAYER __attribute__((noinline)) void"""
AT = """static inline void *at(void *memory, int32_t offset) {
  return (uint8_t *)memory + offset;
}"""


def source(program: Program) -> str:
    """The text of model.c."""
    streaming = program.streaming
    memories = [offsets(program.plan, ARENA), offsets(streaming.plan, STATE) if streaming else ""]
    parts = [HEAD, *memories, AT if any(memories) else "", *constant_parts(program)]
    parts += [*layer_parts(program), invoke(program)]
    if streaming:
        parts += step_parts(program, streaming)
        if streaming.loan:
            parts += lent_parts(program, streaming, streaming.loan)
    return "\n\n".join(part for part in parts if part) + "\n"
