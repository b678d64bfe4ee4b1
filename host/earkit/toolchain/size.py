"""What an image costs: flash and RAM, in all and by part, from the ELF and the linker's map beside it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earkit.errors import ToolError, require

PARTS = (
    (re.compile(r"/core/frontend/"), "front end"),
    (re.compile(r"/core/kernels/"), "kernels"),
    (re.compile(r"/core/(recognizer|spotter|link)/"), "spotter and link"),
    (re.compile(r"/engines/"), "engine"),
    (re.compile(r"/model/[^/]+\.o$"), "model"),
    (re.compile(r"/app/"), "app"),
    (re.compile(r"/boards/"), "board"),
    (re.compile(r"\.a\("), "libc"),
)
"""Which part an object file belongs to, by its path in the build folder; first match counts."""

# "` .text.name   0xADDRESS   0xSIZE FILE`"; the linker breaks the line after a long name.
INPUT_SECTION = re.compile(r"^ (\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", re.MULTILINE)
OUTPUT_SECTION = re.compile(r"^(\.\S+)", re.MULTILINE)


@dataclass
class Part:
    flash: int = 0
    """Bytes, initial values of data included."""
    ram: int = 0
    """Bytes, without the stack."""


@dataclass
class Size:
    flash: int
    """Bytes of flash in all."""
    ram: int
    """Bytes of static RAM in all, without the stack."""
    stack: int
    """Bytes of RAM kept for the stack."""
    parts: dict[str, Part] = field(default_factory=dict)
    """By part, the largest in flash first; `padding` is what the linker put in between."""


def measure(elf: Path) -> Size:
    """Measure an ELF that has its map (`.map`) beside it, as `platformio.build` and `link_probe` leave it.

    Raises ToolError when either file is missing or is not what it should be.
    """
    try:
        sections = allocated(elf)
        memory_map = elf.with_suffix(".map").read_text(errors="replace")
    except OSError as error:
        raise ToolError(
            f"cannot measure {elf}: {error.strerror} ({error.filename})", "build it again"
        ) from error
    size = Size(
        flash=sum(section.size for section in sections.values() if section.in_flash),
        ram=sum(section.size for section in sections.values() if section.in_ram and section.name != ".stack"),
        stack=sections[".stack"].size if ".stack" in sections else 0,
    )
    parts = parts_of(memory_map, sections)
    padding = Part(
        size.flash - sum(part.flash for part in parts.values()),
        size.ram - sum(part.ram for part in parts.values()),
    )
    parts["padding"] = padding
    size.parts = dict(sorted(parts.items(), key=lambda item: -item[1].flash))
    return size


@dataclass(frozen=True)
class Section:
    name: str
    size: int
    in_flash: bool
    in_ram: bool


def allocated(elf: Path) -> dict[str, Section]:
    """The output sections that take room on the board."""
    elffile: Any = require("elftools.elf.elffile", "sim")
    errors: Any = require("elftools.common.exceptions", "sim")
    found = {}
    with elf.open("rb") as file:
        try:
            for section in elffile.ELFFile(file).iter_sections():
                if section["sh_flags"] & 2 and section["sh_size"]:  # SHF_ALLOC
                    found[section.name] = Section(
                        section.name,
                        section["sh_size"],
                        in_flash=section["sh_type"] != "SHT_NOBITS",
                        in_ram=bool(section["sh_flags"] & 1),  # SHF_WRITE
                    )
        except errors.ELFError as error:
            raise ToolError(f"{elf} is not an ELF file", "build it again") from error
    return found


def parts_of(memory_map: str, sections: dict[str, Section]) -> dict[str, Part]:
    """Add up the map's input sections by part."""
    _, _, body = memory_map.partition("Linker script and memory map")
    heads = [*OUTPUT_SECTION.finditer(body)]
    ends = [head.start() for head in heads[1:]] + [len(body)]
    parts: dict[str, Part] = {}
    for head, end in zip(heads, ends, strict=True):
        section = sections.get(head[1])
        if section is None:
            continue
        for entry in INPUT_SECTION.finditer(body, head.end(), end):
            part = parts.setdefault(part_of(entry[4]), Part())
            part.flash += section.in_flash * int(entry[3], 16)
            part.ram += section.in_ram * int(entry[3], 16)
    return parts


def part_of(file: str) -> str:
    """The part that an object file, or a member of a library, belongs to."""
    return next((name for pattern, name in PARTS if pattern.search(file)), "other")
