"""Pieces of C that model.c is made of."""

from collections.abc import Sequence

from earkit.compiler.graph import Array
from earkit.compiler.layer import CTYPES, Channels, Constant, Layer, c_float
from earkit.compiler.plan import ALIGNMENT, Plan


def comment(text: str) -> str:
    """Text that is safe inside a C comment."""
    return "".join(c if c.isprintable() and c not in "*/\\?" else "_" for c in text)


def function(layer: Layer, name: str, body: str) -> str:
    """A function of the layer: its inputs, output and scratch as arguments, `body` as statements."""
    body = statement(layer, body)
    arguments = [f"const {CTYPES[t.dtype]} *{name}" for name, t in layer.inputs]
    arguments.append(f"{CTYPES[layer.output.dtype]} *output")
    if layer.scratch_bytes:
        arguments.append("void *scratch")
    prototype = f"{name}({', '.join(arguments)})"
    lines = "\n".join(f"  {line}" for line in body.splitlines())
    return f"LAYER {prototype};\nLAYER {prototype} {{\n{lines}\n}}"


def statement(layer: Layer, text: str) -> str:
    """A statement with the layer's constants, outside its functions."""
    prefix = f"layer_{layer.operator.index}"
    for name in [*(constant.name for constant in layer.constants), *(["channels"] if layer.channels else [])]:
        text = _rename(text, name, f"{prefix}_{name}")
    return text


def constants(layer: Layer) -> list[str]:
    """What the layer's functions share: arrays, table of channels, struct."""
    prefix = f"layer_{layer.operator.index}"
    parts = [array(f"{prefix}_{c.name}", c.values, c.note) for c in _visible(layer.constants)]
    if layer.channels:
        parts.append(_channels(f"{prefix}_channels", layer.channels))
    if layer.declaration:
        parts.append(layer.declaration)
    return parts


def call(layer: Layer, name: str, inputs: Sequence[str], output: str, scratch: str | None) -> str:
    """A call of one of the layer's functions; the addresses as memory plans write them."""
    arguments = [
        _address(place, f"const {CTYPES[t.dtype]} *")
        for place, (_, t) in zip(inputs, layer.inputs, strict=True)
    ]
    arguments.append(_address(output, f"{CTYPES[layer.output.dtype]} *"))
    return f"{name}({', '.join([*arguments, *([scratch] if scratch else [])])});"


def working_memory(plan: Plan, statements: Sequence[str], memory: str) -> list[str]:
    """What the statements need declared first: `bytes`, which is `memory`, and `scratch`."""
    text = "\n".join(statements)
    lines = [f"uint8_t *bytes = {memory};" if "bytes + " in text else f"(void){memory};"]
    if "scratch)" in text:
        lines.append(f"_Alignas({ALIGNMENT}) uint8_t scratch[{plan.stack_bytes}];")
    return lines


def _address(place: str, pointer: str) -> str:
    return f"({pointer})(void *)({place})" if place.startswith("bytes") else place


def array(name: str, values: Array, note: str) -> str:
    """A 4-byte aligned constant array, with what its order is."""
    rows = values.reshape(values.shape[0], -1) if values.ndim > 1 else values.reshape(1, -1)
    ctype = CTYPES[values.dtype.name]
    literals = [[c_float(v) if ctype == "float" else str(int(v)) for v in row] for row in rows]
    lines = "\n".join(_wrapped(row) for row in literals)
    return f"/* {note} */\n_Alignas(4) static const {ctype} {name}[{values.size}] = {{\n{lines}\n}};"


def _visible(constants: Sequence[Constant]) -> list[Constant]:
    return [constant for constant in constants if constant.values.size]


def _rename(body: str, name: str, full: str) -> str:
    """Replace a constant's short name where it stands as an argument."""
    for before, after in ((", ", ","), (", ", ")"), ("(", ",")):
        body = body.replace(f"{before}{name}{after}", f"{before}{full}{after}")
    return body


def _wrapped(literals: Sequence[str], width: int = 100) -> str:
    lines, line = [], "   "
    for literal in literals:
        if len(line) + len(literal) + 2 > width:
            lines.append(line)
            line = "   "
        line += f" {literal},"
    return "\n".join([*lines, line])


def _channels(name: str, channels: Channels) -> str:
    rows = "\n".join(f"    {{{', '.join(map(str, row))}}}," for row in channels.rows)
    return f"static const {channels.kind} {name}[{len(channels.rows)}] = {{\n{rows}\n}};"
