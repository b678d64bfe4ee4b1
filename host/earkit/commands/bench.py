"""earkit bench: what the line costs, on the board and on this computer."""

import sys
from pathlib import Path

import click
from rich.table import Table

from earkit.bench.cost import EXACT, bench
from earkit.commands import _figures
from earkit.commands._grammar import FILE, NEW_FILE, json_option, model_argument, subcommand
from earkit.commands._terminal import console, notes, print_json, progress_bars
from earkit.spotter.image import model_folder
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


@subcommand("bench", "earkit bench", "earkit bench my.tflite --csv cost.csv")
@model_argument(folders=True)
@click.option("--csv", type=NEW_FILE, help="Write the exact figures to this CSV file.")
@click.option("--diff", type=FILE, help="Compare with such a file; status 1: worse.")
@json_option
def command(model: Path, csv: Path | None, diff: Path | None, as_json: bool) -> None:
    """Measure what a model costs: instructions, bytes, speeds.

    MODEL is a .tflite, an exported folder or the name of a model that ships. Speeds are this computer's.
    """
    before = _figures.load(diff) if diff else {}
    with progress_bars(notes(as_json)) as progress:
        folder = model_folder(model)
        figures = bench(platformio.build("sim", folder, progress), folder, progress)
    exact = {name: value for name, value in figures.items() if name in EXACT}
    if csv:
        _figures.save(exact, csv)
    if diff:
        table, is_worse = _figures.compare(before, exact)
        print_json(figures) if as_json else console.print(table)
        sys.exit(is_worse)
    if as_json:
        print_json(figures)
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
