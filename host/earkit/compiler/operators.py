"""docs/operators.md, from the tables of ops/: `python -m earkit.compiler.operators docs/operators.md`."""

import re
import sys
from pathlib import Path

from earkit import files
from earkit.compiler.graph import Refusal
from earkit.compiler.operation import FIXED_SCALE, RESCALES, Operation
from earkit.compiler.ops import OPERATIONS

HEAD = """# Operators

What `earkit export` compiles. The tables in `host/earkit/compiler/ops/` say so; do not edit this page, run
`python -m earkit.compiler.operators docs/operators.md`.

*Types* are those of the first input and of the output. Weights, paddings and axes must be constants; int8
weights have one scale, or one for each output channel. Results equal TFLite Micro's: int8 bit for bit,
float32 within one unit in the last place. Other operators are refused by name. So are models with several
subgraphs, variables, sparse weights, shapes that are not known in advance, and inputs or outputs of other
types than int8 and float32.
"""


def document() -> str:
    """The text of docs/operators.md."""
    rows = [
        f"| {name} | {_types(operation)} | {_dimensions(operation)} | {_fused(operation)} |"
        for name, operation in OPERATIONS.items()
    ]
    table = ["| operator | types | dimensions | fused activation |", "|---|---|---|---|", *rows]
    head = ["## What is refused", "", "| message | what to do | operators |", "|---|---|---|"]
    refused = [f"| {_plain(r.what)} | {r.todo} | {', '.join(names)} |" for r, names in _refusals().items()]
    return "\n".join([HEAD, *table, "", *head, *refused]) + "\n"


def _types(operation: Operation) -> str:
    return ", ".join(f"{before} → {after}" for before, after in operation.types)


def _dimensions(operation: Operation) -> str:
    if operation.ranks is None:
        return "any"
    low, high = operation.ranks
    return str(low) if low == high else f"{low} to {high}"


def _fused(operation: Operation) -> str:
    fields = operation.options[1] if operation.options else ()
    return "none, RELU, RELU_N1_TO_1, RELU6" if "FusedActivationFunction" in fields else ""


def _refusals() -> dict[Refusal, list[str]]:
    """Each with the operators that may be refused so."""
    found: dict[Refusal, list[str]] = {}
    for name, operation in OPERATIONS.items():
        for refusal in (*_general(operation), *operation.refuses):
            found.setdefault(refusal, []).append(name)
    return found


def _general(operation: Operation) -> list[Refusal]:
    """What Operation.check refuses, but for types and dimensions, which have their columns."""
    general = [RESCALES] if operation.keeps_scale else []
    if operation.output_scale:
        scale, zero_point = operation.output_scale
        general.append(Refusal(FIXED_SCALE.what.format(scale=scale, zero_point=zero_point), FIXED_SCALE.todo))
    return general


def _plain(what: str) -> str:
    return re.sub(r"\{\w+\}", "…", what)


if __name__ == "__main__":
    files.write_text(Path(sys.argv[1]), document())
