"""The rooms import what docs/design.md allows, and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST = ROOT / "host" / "earkit"
FIRMWARE = ROOT / "firmware"

LOW = ("audio", "compiler", "core", "device", "simulator", "toolchain")
ALLOWED = {
    **{room: set() for room in LOW},
    "compiler": {"core"},
    "toolchain": {"device"},
    "spotter": set(LOW) - {"audio"},
    "bench": {"core", "compiler", "simulator", "toolchain", "spotter"},
    "training": {"core", "audio"},
    "lessons": {"core", "audio", "training", "compiler"},
    "monitor": {"spotter", "device", "core"},
    "evaluation": {"spotter", "bench", "core", "audio", "training"},
    "commands": set(LOW) | {"training", "lessons", "monitor", "evaluation", "spotter", "bench"},
}
ROOMS = [room for room in ALLOWED if (HOST / room).is_dir()]
WITHIN = {
    "simulator/peripherals": {
        "simulator.peripherals", "simulator.clock", "simulator.cpu", "simulator.exceptions",
    },
    "simulator/renode": {"simulator.renode", "simulator.image", "simulator.port"},
    "compiler/ops": {
        f"compiler.{name}"
        for name in (
            "ops", "channels", "check", "ctext", "fixedpoint", "graph", "layer", "layout", "operation",
            "quantize", "window",
        )
    },
    "compiler/emit": {
        f"compiler.{name}" for name in ("emit", "ctext", "graph", "layer", "motion", "place", "program")
    },
    "training/models": {"training.models", "training.backend", "training.settings"},
}  # fmt: skip
"""What a room's own rooms may use of it: they know their neighbours, not who puts them together."""
ENTRANCES = {"__main__.py", "commands/__init__.py"}
"""Of the command line; the second is where the first and the entry point come in."""

C_ROOMS = {
    "core": r"(boards|board\.h|engines|app)",
    "engines": r"(boards|board\.h|app)",
    "boards": r"(engines|app|engine\.h)",
}
"""What each layer of the firmware must not include."""
CORE_ROOMS = {
    "frontend": {"frontend"},
    "kernels": {"kernels"},
    "link": {"link"},
    "recognizer": {"recognizer"},
    "spotter": {"spotter", "frontend", "recognizer"},
}
"""What the core's own rooms may include of each other; dsp.h and model_info.h lie above them."""


def imported(file: Path) -> set[str]:
    """Modules below `earkit` that a file names, wherever in it: `room.module.name`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name.removeprefix("earkit.") for name in names if name.startswith("earkit.")}


def rooms_imported(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(file)} & set(ALLOWED)


def includes(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every `#include "…"` of C, C++ and Arduino files."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".c", ".h", ".cpp", ".hpp", ".cc", ".ino"):
            for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', file.read_text(), re.MULTILINE):
                yield file, name


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports(room: str) -> None:
    for file in (HOST / room).rglob("*.py"):
        strangers = rooms_imported(file) - ALLOWED[room] - {room}
        assert not strangers, f"{file.relative_to(ROOT)} imports {', '.join(sorted(strangers))}"


@pytest.mark.parametrize("folder", WITHIN)
def test_a_rooms_own_rooms(folder: str) -> None:
    room = folder.partition("/")[0]
    files = list((HOST / folder).rglob("*.py"))
    assert files, folder
    for file in files:
        near = {name for name in imported(file) if name.startswith(f"{room}.")}
        strangers = [
            name for name in near if not any(f"{name}.".startswith(f"{one}.") for one in WITHIN[folder])
        ]
        assert not strangers, f"{file.relative_to(ROOT)} imports {', '.join(sorted(strangers))}"


def test_every_room_and_room_of_a_room_has_a_rule() -> None:
    packages = {file.parent.relative_to(HOST).as_posix() for file in HOST.rglob("*.py")} - {"."}
    assert packages == set(ROOMS) | set(WITHIN) | {"commands/_lesson"}


def test_nobody_imports_the_command_line() -> None:
    for file in HOST.rglob("*.py"):
        name = file.relative_to(HOST).as_posix()
        if not name.startswith("commands/") and name not in ENTRANCES:
            assert "commands" not in rooms_imported(file), name


def test_commands_do_not_import_each_other() -> None:
    """What two of them need begins with an underscore, and a lesson is no other's helper."""
    for file in (HOST / "commands").rglob("*.py"):
        for name in imported(file):
            parts = name.split(".")
            if parts[0] == "commands" and len(parts) > 1:
                assert parts[1].startswith("_"), f"{file.relative_to(ROOT)} imports {name}"
            if parts[:2] == ["commands", "_lesson"]:
                assert file.parent.name == "_lesson", f"{file.relative_to(ROOT)} imports {name}"


def test_no_room_starts_the_command_line() -> None:
    """Nor by a process of its own, whose text it would then read."""
    for file in HOST.rglob("*.py"):
        if file.relative_to(HOST).parts[0] != "commands":
            assert not re.search(r'"-m",\s*"earkit"', file.read_text()), file.relative_to(ROOT)


def test_foundation_imports_no_room() -> None:
    for file in HOST.glob("*.py"):
        if file.name not in ("__main__.py", "pytest_plugin.py"):
            assert not rooms_imported(file), file.name


@pytest.mark.parametrize("layer", C_ROOMS)
def test_firmware_layers(layer: str) -> None:
    found = list(includes(FIRMWARE / layer))
    assert found
    for file, name in found:
        assert not re.match(rf"(\.\./)*{C_ROOMS[layer]}", name), f"{file.relative_to(ROOT)} includes {name}"


@pytest.mark.parametrize("room", CORE_ROOMS)
def test_rooms_of_the_core(room: str) -> None:
    found = list(includes(FIRMWARE / "core" / room))
    assert found
    for file, name in found:
        parts = name.split("/")
        is_near = len(parts) == 1 and ((file.parent / name).is_file() or (FIRMWARE / "core" / name).is_file())
        assert is_near or parts[0] in CORE_ROOMS[room], f"{file.relative_to(ROOT)} includes {name}"


def test_every_room_of_the_core_has_a_rule() -> None:
    assert {folder.name for folder in (FIRMWARE / "core").iterdir() if folder.is_dir()} == set(CORE_ROOMS)
