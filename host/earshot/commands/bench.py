"""earshot bench: what the line costs, on the board and on this computer."""

import json

import click
from rich.table import Table

from earshot.commands._image import DEFAULT_MODEL, model_folder
from earshot.commands._terminal import console, progress_bars
from earshot.evaluation.cost import bench
from earshot.toolchain import platformio

PEERS = {
    "cnn_whole_instructions": ("TFLM with CMSIS-NN", 1_497_000),
    "frontend_hop_instructions": ("microfrontend library", 84_957),
    "image_flash_bytes": ("TFLM, Arduino", 157_500),
}
"""Measured on the same model (docs/lab-book/cost.md says how)."""


@click.command(name="bench")
@click.argument("model", default=DEFAULT_MODEL)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, as_json: bool) -> None:
    """Measure MODEL (a .tflite or a shipped one): instructions, bytes, and speeds on this computer."""
    with progress_bars() as progress:
        folder = model_folder(model)
        figures = bench(platformio.build("sim", folder, progress), folder, progress)
    if as_json:
        click.echo(json.dumps(figures))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("figure", "here", "a peer", "ratio"):
        table.add_column(heading, justify="left" if heading in ("figure", "a peer") else "right")
    for name, value in figures.items():
        peer, theirs = PEERS.get(name, ("", 0))
        ratio = f"{theirs / value:.1f}" if theirs else ""
        table.add_row(name, f"{value:,}", f"{peer} {theirs:,}" if theirs else "", ratio)
    console.print(table)
