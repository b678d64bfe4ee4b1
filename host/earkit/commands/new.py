"""earkit new: a project of one's own that uses Earkit as a library."""

from pathlib import Path

import click

from earkit import files, paths
from earkit.commands._terminal import console, progress_bars
from earkit.errors import EarkitError
from earkit.spotter.image import model_folder
from earkit.spotter.model import DEFAULT_MODEL
from earkit.toolchain import arduino_library

PROJECT = """; pio run -t upload, then: pio device monitor
; Earkit and its model lie in lib/Earkit. With another model: earkit new . --model MODEL.tflite

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


@click.command(name="new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A .tflite file or a shipped model.")
def command(folder: Path, model: str) -> None:
    """Make FOLDER a PlatformIO project for the Nano 33 BLE Sense: a main that hears words, and the library.

    In a project that is there already only the library and its model are written anew.
    """
    is_project = (folder / "platformio.ini").exists()
    if not is_project and folder.is_dir() and any(folder.iterdir()):
        raise EarkitError(f"{folder} is not empty and no PlatformIO project", "name a new folder")
    with progress_bars() as progress:
        arduino_library.write_folder(model_folder(model, progress), folder / "lib" / arduino_library.NAME)
    if not is_project:
        files.write_text(folder / "src/main.cpp", f"#include <Arduino.h>\n{EXAMPLE.read_text()}")
        files.write_text(folder / "platformio.ini", PROJECT)
    console.print(f"{folder}: edit src/main.cpp, then in it: pio run -t upload", markup=False)
