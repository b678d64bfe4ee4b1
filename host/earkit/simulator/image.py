"""An ELF image: what to load, and where its symbols are."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from earkit.errors import SimulatorError, require


@dataclass(frozen=True)
class Image:
    path: Path
    segments: tuple[tuple[int, bytes], ...]
    """(address to load at, content); initialised data at its place in flash, as a flash tool writes it."""
    symbols: dict[str, int] = field(repr=False)
    """Functions and objects; a function's address without its Thumb bit."""
    functions: dict[str, int] = field(repr=False)
    data: tuple[tuple[int, bytes], ...] = field(repr=False)
    """The same content at the addresses where the program runs it."""

    def address(self, symbol: str) -> int:
        """Raises SimulatorError when the image has no such symbol."""
        if symbol not in self.symbols:
            raise SimulatorError(
                f"{self.path.name} has no symbol {symbol}", "build it with that function kept"
            )
        return self.symbols[symbol]

    @cached_property
    def _by_address(self) -> tuple[list[int], list[str]]:
        pairs = sorted((address, name) for name, address in self.functions.items())
        return [address for address, _ in pairs], [name for _, name in pairs]

    def name_of(self, address: int) -> str:
        """`function+offset` of a code address, or the address in hexadecimal."""
        addresses, names = self._by_address
        index = bisect_right(addresses, address) - 1
        if index < 0 or address - addresses[index] > 1 << 16:
            return f"0x{address:08x}"
        return f"{names[index]}+0x{address - addresses[index]:x}"


def load(path: Path) -> Image:
    """Read an Arm ELF executable. Raises SimulatorError when it is none."""
    elffile = require("elftools.elf.elffile", "sim")
    exceptions = require("elftools.common.exceptions", "sim")
    try:
        with path.open("rb") as stream:
            elf = elffile.ELFFile(stream)
            if elf["e_machine"] != "EM_ARM":
                raise SimulatorError(f"{path} is not for Arm", "build it with: earkit build")
            loads = [s for s in elf.iter_segments("PT_LOAD") if s["p_filesz"]]
            table = elf.get_section_by_name(".symtab")
            entries = [] if table is None else list(table.iter_symbols())
            return Image(
                path,
                tuple((s["p_paddr"], s.data()) for s in loads),
                {e.name: e["st_value"] & ~(e["st_info"]["type"] == "STT_FUNC") for e in entries if e.name},
                {
                    e.name: e["st_value"] & ~1
                    for e in entries
                    if e.name and e["st_info"]["type"] == "STT_FUNC"
                },
                tuple((s["p_vaddr"], s.data()) for s in loads),
            )
    except OSError as error:
        raise SimulatorError(
            f"cannot read {path}: {error.strerror}", "build it with: earkit build"
        ) from error
    except (exceptions.ELFError, exceptions.ELFParseError) as error:
        raise SimulatorError(f"{path} is not an ELF image", "build it with: earkit build") from error
