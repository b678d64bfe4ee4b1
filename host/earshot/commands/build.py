"""earshot build"""

import click
from rich.console import Console
from rich.table import Table

from earshot.commands._image import model_folder
from earshot.toolchain import platformio, size


@click.command(name="build")
@click.option("--env", default="sim", show_default=True, help="An environment of platformio.ini.")
@click.option("--model", help="A .tflite file, an exported folder, or the name of a model that ships.")
def command(env: str, model: str | None) -> None:
    """Build the firmware with a model in it and show what it takes of the board."""
    console = Console(highlight=False)
    with console.status(f"building {env}"):
        image = platformio.build(env, model_folder(model) if model else None)
    if image.suffix == ".elf":
        show(console, size.measure(image))
    console.print(str(image), soft_wrap=True, markup=False)


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
