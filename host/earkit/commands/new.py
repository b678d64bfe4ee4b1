"""earkit new: a project of one's own that uses Earkit as a library."""

from pathlib import Path

import click

from earkit import files, paths
from earkit.commands._grammar import NEW_FOLDER, json_option, model_argument, subcommand
from earkit.commands._terminal import console, notes, print_json, progress_bars
from earkit.errors import EarkitError
from earkit.spotter.image import model_folder
from earkit.toolchain import arduino_library

PROJECT = """; pio run -t upload, then: pio device monitor
; Earkit and its model lie in lib/Earkit. With another model: earkit new . MODEL.tflite

[env:nano33ble]
platform = nordicnrf52@~10.11.0
board = nano33ble
framework = arduino
platform_packages = platformio/toolchain-gccarmnoneeabi@~1.90201.0
; the platform's builder would turn the FPU off
build_unflags = -mfloat-abi=soft
monitor_speed = 115200
"""
EXAMPLE = paths.kit() / "firmware/library/examples/Hear/Hear.ino"


@subcommand("new", "earkit new my-project", "earkit new my-project my.tflite")
@click.argument("folder", metavar="DIR", type=NEW_FOLDER)
@model_argument(folders=True)
@json_option
def command(folder: Path, model: Path, as_json: bool) -> None:
    """Make a PlatformIO project of your own that hears words.

    DIR gets a main for the Nano 33 BLE Sense, and Earkit as a library with MODEL inside. In a project that is
    there already only the library and its model are written anew.
    """
    is_project = (folder / "platformio.ini").exists()
    if not is_project and folder.is_dir() and any(folder.iterdir()):
        raise EarkitError(f"{folder} is not empty and no PlatformIO project", "name a new folder")
    with progress_bars(notes(as_json)) as progress:
        arduino_library.write_folder(model_folder(model, progress), folder / "lib" / arduino_library.NAME)
    if not is_project:
        files.write_text(folder / "src/main.cpp", f"#include <Arduino.h>\n{EXAMPLE.read_text()}")
        files.write_text(folder / "platformio.ini", PROJECT)
    if as_json:
        print_json({"folder": str(folder), "model": str(model), "is_new": not is_project})
        return
    console.print(f"{folder}: edit src/main.cpp, then in it: pio run -t upload", markup=False)
