"""earkit build"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from earkit.commands import _figures
from earkit.commands._grammar import FILE, NEW_FILE, json_option, optional_model, subcommand
from earkit.commands._terminal import print_json
from earkit.spotter.image import model_folder
from earkit.toolchain import platformio, size


@subcommand("build", "earkit build", "earkit build my.tflite --env nano33ble_compiled")
@optional_model(folders=True)
@click.option("--env", default="sim", show_default=True, help="An environment of platformio.ini.")
@click.option("--csv", type=NEW_FILE, help="Write the sizes to this CSV file.")
@click.option("--diff", type=FILE, help="Compare with such a file; status 1: larger.")
@json_option
def command(model: Path | None, env: str, csv: Path | None, diff: Path | None, as_json: bool) -> None:
    """Build the firmware and show what it takes of the board.

    MODEL is a .tflite, an exported folder or the name of a model that ships.
    """
    console = Console(highlight=False, stderr=as_json)
    before = _figures.load(diff) if diff else {}
    with console.status(f"building {env}"):
        image = platformio.build(env, model_folder(model) if model else None)
    if image.suffix == ".elf":
        measured = size.measure(image)
        if csv:
            _figures.save(figures(measured), csv)
        if diff:
            table, is_larger = _figures.compare(before, figures(measured))
            print_json({"image": str(image), "bytes": figures(measured)}) if as_json else console.print(table)
            sys.exit(is_larger)
        if not as_json:
            show(console, measured)
    if as_json:
        sizes = figures(measured) if image.suffix == ".elf" else {}
        print_json({"image": str(image), "bytes": sizes})
    else:
        console.print(str(image), soft_wrap=True, markup=False)


def figures(measured: size.Size) -> dict[str, float]:
    """By part and in all, bytes; padding is nobody's, and left out."""
    found: dict[str, float] = {}
    for name, part in sorted(measured.parts.items()):
        if name != "padding":
            found |= {f"{name}, flash": part.flash, f"{name}, RAM": part.ram}
    return found | {"all, flash": measured.flash, "all, RAM": measured.ram + measured.stack}


def show(console: Console, measured: size.Size) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    table.add_column("flash", justify="right")
    table.add_column("RAM", justify="right")
    for name, part in measured.parts.items():
        table.add_row(name, f"{part.flash:,}", f"{part.ram:,}")
    table.add_row("stack", "", f"{measured.stack:,}")
    table.add_row("[bold]in all", f"[bold]{measured.flash:,}", f"[bold]{measured.ram + measured.stack:,}")
    console.print(table)
