"""The rooms import what docs/design.md allows, and nothing else."""

import ast
import re
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
    "lessons": {"core", "audio", "training"},
    "monitor": {"spotter", "device", "core"},
    "evaluation": {"spotter", "bench", "core", "audio", "training"},
    "commands": set(LOW) | {"training", "lessons", "monitor", "evaluation", "spotter", "bench"},
}
ROOMS = [room for room in ALLOWED if (HOST / room).is_dir()]


def siblings_imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    parts = (name.split(".") for name in names)
    return {part[1] for part in parts if part[0] == "earkit" and len(part) > 1 and part[1] in ALLOWED}


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports(room: str) -> None:
    for file in (HOST / room).rglob("*.py"):
        strangers = siblings_imported(file) - ALLOWED[room] - {room}
        assert not strangers, f"{file.relative_to(ROOT)} imports {', '.join(sorted(strangers))}"


def test_foundation_imports_no_room() -> None:
    for file in HOST.glob("*.py"):
        if file.name not in ("__main__.py", "pytest_plugin.py"):
            assert not siblings_imported(file), file.name


def test_firmware_layers() -> None:
    forbidden = {
        "core": r'#include "(boards|board|engines|app)',
        "engines": r'#include "(boards|board|app)',
        "boards": r'#include "(engines|app|engine\.h)',
    }
    for layer, pattern in forbidden.items():
        for file in (FIRMWARE / layer).rglob("*.[ch]"):
            includes = file.read_text()
            if layer == "boards":
                includes = includes.replace('#include "board.h"', "")
            assert not re.search(pattern, includes), file.relative_to(ROOT)
