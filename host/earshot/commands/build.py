"""earshot build"""

import hashlib
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from earshot import paths
from earshot.compiler.export import export_model
from earshot.errors import ModelError
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


def model_folder(model: str) -> Path:
    """The folder of C that `--model` means; a .tflite file is exported to the cache first."""
    path = Path(model)
    if path.is_dir():
        return path
    if path.is_file():
        name = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        folder = paths.cache("export", f"{path.stem}-{name}")
        export_model(path, folder)
        return folder
    shipped = paths.kit() / "models" / model / "c"
    if not shipped.is_dir():
        names = sorted(found.parent.name for found in (paths.kit() / "models").glob("*/c"))
        raise ModelError(f"there is no model {model}", f"name a .tflite file or one of: {', '.join(names)}")
    return shipped


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
