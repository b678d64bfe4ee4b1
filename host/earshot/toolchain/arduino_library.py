"""Earshot with a model inside as an Arduino library: a folder for PlatformIO, a zip for the Arduino IDE."""

import zipfile
from pathlib import Path

from earshot import files, paths

NAME = "Earshot"
SOURCES = ("core/*.h", "core/frontend/*.[ch]", "core/kernels/*.[ch]", "core/recognizer/*.[ch]")
"""Patterns below firmware/; what lies in core/ comes to lie in src/, where the library's includes begin."""
OTHERS = {
    "engines/compiled/engine.c": "engine.c",
    "boards/board.h": "board.h",
    "boards/arduino/microphone.cpp": "arduino/microphone.cpp",
    "boards/arduino/ports.h": "arduino/ports.h",
    "app/sketch/Earshot.h": "Earshot.h",
    "app/sketch/Earshot.cpp": "Earshot.cpp",
}
MODEL = ("model.c", "model.h", "model_info.c")
MANIFESTS = ("library.json", "library.properties", "examples/Hear/Hear.ino")


def library_files(model: Path) -> dict[str, bytes]:
    """What the library holds, by path inside it, with the exported `model` folder's C."""
    firmware = paths.kit() / "firmware"
    found = {name: (firmware / "library" / name).read_bytes() for name in MANIFESTS}
    for pattern in SOURCES:
        for file in sorted(firmware.glob(pattern)):
            found[f"src/{file.relative_to(firmware / 'core').as_posix()}"] = file.read_bytes()
    for source, target in OTHERS.items():
        found[f"src/{target}"] = (firmware / source).read_bytes()
    for name in MODEL:
        found[f"src/{name}"] = (model / name).read_bytes()
    return found


def write_zip(model: Path, out: Path) -> None:
    """Write the library as a zip that the Arduino IDE takes (Sketch, Include Library, Add .ZIP Library)."""
    with files.replacing(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in library_files(model).items():
            archive.writestr(zipfile.ZipInfo(f"{NAME}/{name}", (2026, 1, 1, 0, 0, 0)), content)


def write_folder(model: Path, folder: Path) -> None:
    """Write the library as `folder`, such as a PlatformIO project's lib/Earshot; other files there stay."""
    for name, content in library_files(model).items():
        files.write_bytes(folder / name, content)
