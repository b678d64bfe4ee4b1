"""earkit build"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from earkit.commands import _figures
from earkit.spotter.image import model_folder
from earkit.toolchain import platformio, size


@click.command(name="build")
@click.option("--env", default="sim", show_default=True, help="An environment of platformio.ini.")
@click.option("--model", help="A .tflite file, an exported folder, or the name of a model that ships.")
@click.option("--save", type=click.Path(path_type=Path), help="Keep the sizes in this CSV file.")
@click.option("--diff", type=click.Path(path_type=Path), help="Compare with such a file; status 1: larger.")
def command(env: str, model: str | None, save: Path | None, diff: Path | None) -> None:
    """Build the firmware with a model in it and show what it takes of the board."""
    console = Console(highlight=False)
    before = _figures.load(diff) if diff else {}
    with console.status(f"building {env}"):
        image = platformio.build(env, model_folder(model) if model else None)
    if image.suffix == ".elf":
        measured = size.measure(image)
        if save:
            _figures.save(figures(measured), save)
        if diff:
            table, is_larger = _figures.compare(before, figures(measured))
            console.print(table)
            sys.exit(is_larger)
        show(console, measured)
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
