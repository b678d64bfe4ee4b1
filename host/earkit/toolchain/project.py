"""A PlatformIO project of a person's own, with Earkit as a library in it."""

from collections.abc import Callable
from pathlib import Path

from earkit import files, paths
from earkit.errors import EarkitError
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


def write(folder: Path, model: Callable[[], Path]) -> bool:
    """Make `folder` a project that hears words; return whether it is new.

    `model` gives the folder of C that goes into the library. In a project that is there already only the
    library is written anew. Raises EarkitError for a folder with something else in it.
    """
    is_project = (folder / "platformio.ini").exists()
    if not is_project and folder.is_dir() and any(folder.iterdir()):
        raise EarkitError(f"{folder} is not empty and no PlatformIO project", "name a new folder")
    arduino_library.write_folder(model(), folder / "lib" / arduino_library.NAME)
    if not is_project:
        files.write_text(folder / "src/main.cpp", f"#include <Arduino.h>\n{EXAMPLE.read_text()}")
        files.write_text(folder / "platformio.ini", PROJECT)
    return not is_project
