"""Earkit with a model inside as an Arduino library: a folder for PlatformIO, a zip for the Arduino IDE."""

import json
import zipfile
from pathlib import Path

from earkit import __version__, files, paths
from earkit.errors import ModelError

NAME = "Earkit"
SOURCES = (
    "core/*.h",
    "core/frontend/*.[ch]",
    "core/kernels/*.[ch]",
    "core/recognizer/*.[ch]",
    "core/spotter/*.[ch]",
)
"""Patterns below firmware/; what lies in core/ comes to lie in src/, where the library's includes begin."""
OTHERS = {
    "engines/compiled/engine.c": "engine.c",
    "boards/board.h": "board.h",
    "boards/arduino/microphone.cpp": "arduino/microphone.cpp",
    "boards/arduino/ports.h": "arduino/ports.h",
    "app/sketch/Earkit.h": "Earkit.h",
    "app/sketch/Earkit.cpp": "Earkit.cpp",
}
MODEL = ("model.c", "model.h", "model_info.c")
EXAMPLE = "examples/Hear/Hear.ino"


def library_files(model: Path) -> dict[str, bytes]:
    """What the library holds, by path inside it, with the exported `model` folder's C."""
    firmware = paths.kit() / "firmware"
    library = firmware / "library"
    found = {EXAMPLE: (library / EXAMPLE).read_bytes(), **_manifests(library)}
    for pattern in SOURCES:
        for file in sorted(firmware.glob(pattern)):
            found[f"src/{file.relative_to(firmware / 'core').as_posix()}"] = file.read_bytes()
    for source, target in OTHERS.items():
        found[f"src/{target}"] = (firmware / source).read_bytes()
    for name in MODEL:
        if not (model / name).is_file():
            raise ModelError(f"{model} has no {name}", "export the model again")
        found[f"src/{name}"] = (model / name).read_bytes()
    return found


def _manifests(library: Path) -> dict[str, bytes]:
    """What PlatformIO and the Arduino IDE read, with the version."""
    manifest = {"version": __version__} | json.loads((library / "library.json").read_text())
    properties = (library / "library.properties").read_text() + f"version={__version__}\n"
    return {
        "library.json": f"{json.dumps(manifest, indent=2)}\n".encode(),
        "library.properties": properties.encode(),
    }


def write_zip(model: Path, out: Path) -> None:
    """Write the library as a zip that the Arduino IDE takes (Sketch, Include Library, Add .ZIP Library)."""
    with files.replacing(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in library_files(model).items():
            archive.writestr(zipfile.ZipInfo(f"{NAME}/{name}", (2026, 1, 1, 0, 0, 0)), content)


def write_folder(model: Path, folder: Path) -> None:
    """Write the library as `folder`, such as a PlatformIO project's lib/Earkit; other files there stay."""
    for name, content in library_files(model).items():
        files.write_bytes(folder / name, content)
