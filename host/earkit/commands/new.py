"""earkit new: a project of one's own that uses Earkit as a library."""

from pathlib import Path

import click

from earkit.commands._grammar import NEW_FOLDER, json_option, model_argument, subcommand
from earkit.commands._terminal import console, notes, print_json, progress_bars
from earkit.spotter.image import model_folder
from earkit.toolchain import project


@subcommand("new", "earkit new my-project", "earkit new my-project my.tflite")
@click.argument("folder", metavar="DIR", type=NEW_FOLDER)
@model_argument(folders=True)
@json_option
def command(folder: Path, model: Path, as_json: bool) -> None:
    """Make a PlatformIO project of your own that hears words.

    DIR gets a main for the Nano 33 BLE Sense, and Earkit as a library with MODEL inside. In a project that is
    there already only the library and its model are written anew.
    """
    with progress_bars(notes(as_json)) as progress:
        is_new = project.write(folder, lambda: model_folder(model, progress))
    if as_json:
        print_json({"folder": str(folder), "model": str(model), "is_new": is_new})
        return
    console.print(f"{folder}: edit src/main.cpp, then in it: pio run -t upload", markup=False)
