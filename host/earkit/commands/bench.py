"""earkit bench: what the line costs, on the board and on this computer."""

import json
import sys
from pathlib import Path

import click
from rich.table import Table

from earkit.bench.cost import EXACT, bench
from earkit.commands import _figures
from earkit.commands._terminal import console, progress_bars
from earkit.spotter.image import model_folder
from earkit.spotter.model import DEFAULT_MODEL
from earkit.toolchain import platformio

PEERS = {
    "cnn_whole_instructions": ("TFLM with CMSIS-NN", 1_497_000),
    "cnn_step_instructions": ("TFLM with CMSIS-NN, whole", 1_497_000),
    "frontend_hop_instructions": ("microfrontend library", 84_957),
    "startup_instructions": ("microfrontend library", 1_600_000),
    "flash_bytes": ("MicroFlow", 61_800),
    "ram_bytes": ("TFLM, signal ops", 16_900),
    "image_flash_bytes": ("TFLM, Arduino", 157_500),
}
"""Measured on TFLM's micro_speech model (docs/lab-book/cost.md says how)."""


@click.command(name="bench")
@click.argument("model", default=DEFAULT_MODEL)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--save", type=click.Path(path_type=Path), help="Keep the exact figures in this CSV file.")
@click.option("--diff", type=click.Path(path_type=Path), help="Compare with such a file; status 1: worse.")
def command(model: str, as_json: bool, save: Path | None, diff: Path | None) -> None:
    """Measure MODEL (a .tflite or a shipped one): instructions, bytes, and speeds on this computer."""
    before = _figures.load(diff) if diff else {}
    with progress_bars() as progress:
        folder = model_folder(model)
        figures = bench(platformio.build("sim", folder, progress), folder, progress)
    exact = {name: value for name, value in figures.items() if name in EXACT}
    if save:
        _figures.save(exact, save)
    if diff:
        table, is_worse = _figures.compare(before, exact)
        console.print(table)
        sys.exit(is_worse)
    if as_json:
        click.echo(json.dumps(figures))
    else:
        console.print(beside_peers(figures))


def beside_peers(figures: dict[str, float]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("figure", "here", "a peer", "ratio"):
        table.add_column(heading, justify="left" if heading in ("figure", "a peer") else "right")
    for name, value in figures.items():
        peer, theirs = PEERS.get(name, ("", 0))
        ratio = f"{theirs / value:.1f}" if theirs else ""
        table.add_row(name, f"{value:,}", f"{peer} {theirs:,}" if theirs else "", ratio)
    return table
