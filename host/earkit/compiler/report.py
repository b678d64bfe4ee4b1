"""What a compiled model costs, per layer: report.json, report.md and memory.png."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from earkit import files
from earkit.compiler.compile import CompiledSource
from earkit.compiler.layer import Layer
from earkit.compiler.tflm_arena import TflmArena
from earkit.errors import MissingExtraError, require
from earkit.settings import ModelSettings


@dataclass(frozen=True)
class LayerCost:
    index: int
    operator: str
    function: str
    """In model.c; empty when nothing runs, because input and output share memory."""
    kernel: str
    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]
    macs: int
    weight_bytes: int
    """Flash of weights, biases, multipliers and tables as laid out."""
    instructions: int | None = None
    """On a Cortex-M4, counted exactly; None when not measured."""
    step_instructions: int | None = None
    """Likewise, in one step of a stream."""


@dataclass(frozen=True)
class Report:
    name: str
    sha256: str
    file_bytes: int
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    layers: tuple[LayerCost, ...]
    arena_bytes: int
    arena_lower_bound: int
    stack_bytes: int
    """What the layers take of the stack besides."""
    memory: tuple[dict[str, Any], ...]
    """Blocks of the arena: names, offset, size, first and last layer."""
    tflm_arena_bytes: int
    tflm_arena_is_measured: bool
    state_bytes: int | None = None
    """What a stream keeps; None when the model cannot be computed step by step."""
    instructions: int | None = None
    """Of one model_invoke."""
    step_instructions: int | None = None
    """Of one model_step."""

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        return sum(layer.weight_bytes for layer in self.layers)

    def with_instructions(self, total: int, by_function: Mapping[str, int]) -> "Report":
        """The same with instruction counts, by the names of model.c's functions."""
        layers = tuple(replace(layer, instructions=by_function.get(layer.function)) for layer in self.layers)
        return replace(self, layers=layers, instructions=total)

    def with_step(self, total: int, by_function: Mapping[str, int]) -> "Report":
        """The same for a step, which has a function for each range of a layer's rows."""
        layers = tuple(
            replace(
                layer,
                step_instructions=sum(
                    count
                    for name, count in by_function.items()
                    if layer.function and (name == layer.function or name.startswith(f"{layer.function}_"))
                ),
            )
            for layer in self.layers
        )
        return replace(self, layers=layers, step_instructions=total)


def make_report(
    compiled: CompiledSource, settings: ModelSettings | None, notes: tuple[str, ...], tflm: TflmArena
) -> Report:
    """The report, instructions not measured yet."""
    plan, graph = compiled.plan, compiled.graph
    memory = tuple(
        {"names": list(b.names), "offset": b.offset, "bytes": b.size, "first": b.first, "last": b.last}
        for b in sorted(plan.blocks, key=lambda b: (b.first, b.offset))
    )
    return Report(
        name=graph.name,
        sha256=graph.sha256,
        file_bytes=len(graph.data),
        labels=settings.labels if settings else (),
        notes=notes,
        layers=tuple(_cost(layer, i not in plan.done_by_sharing) for i, layer in enumerate(compiled.layers)),
        arena_bytes=plan.arena_bytes,
        arena_lower_bound=plan.lower_bound,
        stack_bytes=plan.stack_bytes,
        memory=memory,
        tflm_arena_bytes=tflm.bytes,
        tflm_arena_is_measured=tflm.is_measured,
        state_bytes=compiled.streaming.plan.arena_bytes if compiled.streaming else None,
    )


def _cost(layer: Layer, runs: bool) -> LayerCost:
    return LayerCost(
        index=layer.operator.index,
        operator=layer.operator.name,
        function=layer.function if runs else "",
        kernel=layer.kernel.name if runs else "",
        input_shapes=tuple(tensor.shape for _, tensor in layer.inputs),
        output_shape=layer.output.shape,
        macs=layer.macs,
        weight_bytes=layer.weight_bytes if runs else 0,
    )


def write_report(report: Report, folder: Path) -> None:
    """Write report.json, report.md and, where matplotlib is installed, memory.png."""
    raw = asdict(report) | {"macs": report.macs, "weight_bytes": report.weight_bytes}
    files.write_text(folder / "report.json", json.dumps(raw, indent=2, ensure_ascii=False) + "\n")
    files.write_text(folder / "report.md", markdown(report))
    try:
        draw_memory(report, folder / "memory.png")
    except MissingExtraError:
        (folder / "memory.png").unlink(missing_ok=True)


def markdown(report: Report) -> str:
    """report.md."""
    rows = [
        [str(c.index), c.operator, _shapes(c), c.kernel or "shares memory",
         f"{c.macs:,}", f"{c.weight_bytes:,}",
         _count(c.instructions),
         f"{c.instructions / c.macs:.2f}" if c.instructions and c.macs else "–",
         _count(c.step_instructions)]
        for c in report.layers
    ]  # fmt: skip
    head = ["", "operator", "shape", "kernel", "MACs", "bytes", "instructions", "per MAC", "in a step"]
    layers = _table(head, rows)
    memory = _table(
        ["tensors", "offset", "bytes", "layers"],
        [[_cell(", ".join(b["names"])), str(b["offset"]), str(b["bytes"]), f"{b['first']}–{b['last']}"]
         for b in report.memory],
    )  # fmt: skip
    notes = "".join(f"- {note}\n" for note in report.notes)
    return f"""# {_cell(report.name)}

- SHA-256 `{report.sha256}`, {report.file_bytes:,} bytes
- labels: {_cell(", ".join(report.labels)) or "none"}
- {report.macs:,} multiply-accumulates, {report.weight_bytes:,} bytes of weights and tables
- instructions of one inference on a Cortex-M4: {_count(report.instructions)}
{_streaming(report)}
- working memory: {report.arena_bytes:,} bytes; no plan needs less than {report.arena_lower_bound:,}
- stack that layers take besides: {report.stack_bytes:,} bytes
- TFLite Micro's arena: {report.tflm_arena_bytes:,} bytes
{notes}
## Layers

{layers}

## Working memory

{memory}
"""


def _streaming(report: Report) -> str:
    if report.state_bytes is None:
        return "- cannot be computed step by step: every window is computed whole"
    return (
        f"- instructions of one step, two rows further: {_count(report.step_instructions)}; "
        f"a stream keeps {report.state_bytes:,} bytes"
    )


def _count(instructions: int | None) -> str:
    return "–" if instructions is None else f"{instructions:,}"


def _shapes(cost: LayerCost) -> str:
    sources = " + ".join("×".join(map(str, shape)) for shape in cost.input_shapes)
    return f"{sources} → {'×'.join(map(str, cost.output_shape))}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def draw_memory(report: Report, path: Path) -> None:
    """The arena over the layers as a picture. Raises MissingExtraError without matplotlib."""
    figure = require("matplotlib.figure", "train").Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for i, block in enumerate(report.memory):
        width = block["last"] - block["first"] + 1
        x, y = block["first"] - 0.5, block["offset"]
        axes.bar(x, block["bytes"], width, y, align="edge", color=f"C{i % 10}", edgecolor="black", alpha=0.75)
        axes.text(
            x + width / 2, y + block["bytes"] / 2, f"{block['bytes']:,}", ha="center", va="center", fontsize=7
        )
    axes.axhline(report.arena_bytes, color="black", linewidth=0.8)
    axes.set_xticks(
        [c.index for c in report.layers], [c.operator for c in report.layers], rotation=45, ha="right"
    )
    axes.set_ylabel("bytes")
    axes.set_title(f"{report.arena_bytes:,} bytes (at least {report.arena_lower_bound:,})", parse_math=False)
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=120, metadata={"Software": None})
