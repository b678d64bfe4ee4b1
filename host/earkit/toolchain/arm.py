"""The Arm compiler: where it is, the firmware's flags, and probes (functions linked without a main)."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earkit import paths
from earkit.errors import ToolError
from earkit.files import replacing

INSTALL = "run: sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"

ERROR_MARKS = (
    re.compile(r"^Error: (.*)"),
    re.compile(r"(.*\berror: .*)"),
    re.compile(r"(undefined reference to .*)"),
    re.compile(r"\bld(?:\.bfd)?: (?!warning)(.*)"),
    re.compile(r"^\*\*\* (.*)"),
)
"""What lines that name an error look like, the most telling first."""


@dataclass(frozen=True)
class Flags:
    """What `firmware/platforms/nrf52840/flags.json` holds; PlatformIO's builder reads the same file."""

    cpu: tuple[str, ...]
    c: tuple[str, ...]
    warnings: tuple[str, ...]
    link: tuple[str, ...]
    fast: str
    small: str
    small_parts: tuple[str, ...]
    """Folders and files below `firmware/` that are compiled for size; everything else is for speed."""

    def optimize(self, source: Path) -> str:
        """The optimisation level of `source`."""
        firmware = paths.kit().resolve() / "firmware"
        is_small = any(source.resolve().is_relative_to(firmware / folder) for folder in self.small_parts)
        return self.small if is_small else self.fast


def flags() -> Flags:
    """The firmware's compiler flags."""
    raw: dict[str, Any] = json.loads((paths.kit() / "firmware/platforms/nrf52840/flags.json").read_text())
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()
    }
    return Flags(**fields)


def find_compiler() -> Path:
    """arm-none-eabi-gcc with its C library. Raises ToolError when either is not installed."""
    found = shutil.which("arm-none-eabi-gcc")
    if found is None:
        raise ToolError("the Arm compiler is not installed", INSTALL)
    specs = run([found, "-print-file-name=nano.specs"]).strip()
    if not Path(specs).is_absolute():
        raise ToolError("the Arm compiler has no C library (newlib)", INSTALL)
    return Path(found)


def link_probe(
    sources: Sequence[Path], includes: Sequence[Path], out: Path, keep: Sequence[str] = ()
) -> Path:
    """Link C `sources` into the ELF `out`, flash at 0x0 and RAM at 0x20000000, with no main.

    Compiled with the firmware's flags. `includes` are searched before `firmware/core` and
    `firmware/boards`. `keep` names the functions and variables to keep, with what they need; without it
    everything is kept. Initialised data lies at its place in RAM: load the segments, enable the FPU
    (calling `probe_reset` does it and halts at a breakpoint) and call by symbol. The stack starts at
    `probe_stack_top`; RAM from `probe_ram_free` on is unused. The linker's map lies beside `out`, for
    `size.measure`. Returns `out`; raises ToolError.
    """
    compiler = find_compiler()
    probe = paths.kit() / "firmware/app/probe"
    chosen = flags()
    with tempfile.TemporaryDirectory(prefix="earkit-probe-") as folder, replacing(out) as elf:
        objects = [
            compile_c(source, includes, object_path(Path(folder), source, index))
            for index, source in enumerate([probe / "probe.c", *sources])
        ]
        sections = [f"-Wl,--undefined={name},--require-defined={name}" for name in keep]
        if keep:
            sections.append("-Wl,--gc-sections")
        run([compiler, *chosen.cpu, *chosen.link, *sections, "-T", probe / "probe.ld", *objects, "-lm",
             f"-Wl,-Map={Path(folder) / 'map'}", "-o", elf])  # fmt: skip
        with replacing(out.with_suffix(".map")) as memory_map:
            shutil.copyfile(Path(folder) / "map", memory_map)
    return out


def object_path(folder: Path, source: Path, index: int) -> Path:
    """Where the object of `source` goes: below its folder in `firmware/`, so that maps tell the parts."""
    firmware = paths.kit().resolve() / "firmware"
    inside = source.resolve().is_relative_to(firmware)
    parent = source.resolve().relative_to(firmware).parent if inside else Path("model")
    (folder / parent).mkdir(parents=True, exist_ok=True)
    return folder / parent / f"{source.stem}-{index}.o"


def compile_c(source: Path, includes: Sequence[Path], out: Path) -> Path:
    """Compile one C file to the object `out` with the firmware's flags. Returns `out`; raises ToolError."""
    chosen = flags()
    firmware = paths.kit() / "firmware"
    source = source.absolute()  # a name that begins with - is no option
    searched = [f"-I{folder}" for folder in (*includes, firmware / "core", firmware / "boards")]
    run([find_compiler(), *chosen.cpu, *chosen.c, *chosen.warnings, chosen.optimize(source), *searched,
         "-c", source, "-o", out])  # fmt: skip
    return out


def run(command: Sequence[str | Path]) -> str:
    """Run a compiler or linker and return what it printed. Raises ToolError with its first error line."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ToolError(f"{Path(command[0]).name} failed: {first_error(result.stderr)}")
    return result.stdout


def first_error(output: str) -> str:
    """The line of a compiler's, linker's or builder's output that says what is wrong first."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and "collect2:" not in line]
    for mark in ERROR_MARKS:
        for line in lines:
            if found := mark.search(line):
                return found[1]
    return lines[-1] if lines else "it said nothing"
