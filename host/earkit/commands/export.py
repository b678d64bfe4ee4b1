"""earkit export: a .tflite model as C for the board."""

import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earkit.bench.measured import measured
from earkit.commands._grammar import NEW_FILE, json_option, needed_model, out_option, subcommand
from earkit.commands._terminal import print_json
from earkit.compiler.export import export_model
from earkit.compiler.report import Report, write_report
from earkit.toolchain.arduino_library import write_zip


@subcommand(
    "export",
    "earkit export my.tflite --out out/my",
    "earkit export micro_speech --arduino Earkit.zip",
)
@needed_model
@out_option("Folder to write, made when missing.")
@click.option(
    "--arduino", type=NEW_FILE, help="Write a library for the Arduino IDE, model inside, to this .zip."
)
@click.option("--labels", help="Comma-separated, one per output, instead of those inside the model.")
@click.option("--fast", is_flag=True, help="Convolutions with twice the flash and fewer instructions.")
@json_option
def command(
    model: Path, out: Path | None, arduino: Path | None, labels: str | None, fast: bool, as_json: bool
) -> None:
    """Turn a model into C for the board, with a report.

    MODEL is a .tflite or the name of a model that ships. It becomes a C array for TFLite Micro and compiled
    C; the report says what each layer costs.
    """
    if out is None and arduino is None:
        raise click.UsageError("say where to: --out DIR, --arduino FILE.zip, or both")
    names = [label.strip() for label in labels.split(",")] if labels is not None else None
    with tempfile.TemporaryDirectory(prefix="earkit-export-") as scratch:
        folder = out or Path(scratch)
        report = measured(export_model(model, folder, names, fast=fast), folder)
        write_report(report, folder)
        if arduino:
            write_zip(folder, arduino)
    if as_json:
        print_json(asdict(report) | {"macs": report.macs, "weight_bytes": report.weight_bytes})
        return
    show(report, " and ".join(str(path) for path in (out, arduino) if path))


def show(report: Report, places: str) -> None:
    """Print what the model costs."""
    console = Console(highlight=False)
    table = Table(title=escape(report.name), title_justify="left", box=None, header_style="bold")
    for name in ("layer", "operator", "output"):
        table.add_column(name)
    for name in ("MACs", "bytes", "instructions", "in a step"):
        table.add_column(name, justify="right")
    for cost in report.layers:
        counts = (_count(cost.instructions), _count(cost.step_instructions))
        shape = "×".join(map(str, cost.output_shape))
        table.add_row(
            str(cost.index), cost.operator, shape, f"{cost.macs:,}", f"{cost.weight_bytes:,}", *counts
        )
    counts = (_count(report.instructions), _count(report.step_instructions))
    table.add_row("", "[bold]total", "", f"{report.macs:,}", f"{report.weight_bytes:,}", *counts)
    console.print(table)
    console.print(
        f"working memory {report.arena_bytes:,} bytes "
        f"(no plan needs less than {report.arena_lower_bound:,}); "
        f"TFLite Micro's arena {report.tflm_arena_bytes:,} bytes"
    )
    for note in report.notes:
        console.print(f"note: {note}", markup=False)
    console.print(f"written to {places}", markup=False)


def _count(instructions: int | None) -> str:
    return "" if instructions is None else f"{instructions:,}"
