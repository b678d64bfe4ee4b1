"""The part of model.c that runs the model once: model_invoke."""

from earkit.compiler.emit.body import ARENA, Body, invoke_prototype
from earkit.compiler.place import pointer_names
from earkit.compiler.program import Program


def invoke(program: Program) -> str:
    """The function."""
    graph, body = program.graph, Body(program.plan, ARENA)
    for i, layer in enumerate(program.layers):
        body.run(i, layer)
    body.copy_outputs(pointer_names("output", len(graph.outputs)))
    return body.text(invoke_prototype(graph), pointer_names("input", len(graph.inputs)))
