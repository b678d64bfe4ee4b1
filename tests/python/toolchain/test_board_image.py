"""What the linker makes of the board: where things lie, and that there is no heap."""

import configparser
import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from earkit import paths
from earkit.errors import ToolError

LinkBoard = Callable[[str], Path]
PLATFORMS = paths.kit() / "firmware/platforms"

EMPTY = '#include "board.h"\nint main(void) { board_init(); for (;;) board_sleep(); }'
PRINTS = '#include <stdio.h>\nchar line[32]; int main(void) { return snprintf(line, 32, "%d", 7); }'
LARGE = "const char large[LENGTH] = {1}; int main(void) { return *(const volatile char *)large; }"
STORE_PAGES, BEHIND_BOOTLOADER = 0xDE000, 0x10000
ALLOCATES = "#include <stdlib.h>\nvoid *kept; int main(void) { kept = malloc(7); return 0; }"


def open_elf(path: Path) -> tuple[bytes, dict[str, int]]:
    with path.open("rb") as file:
        elf = ELFFile(file)
        names = {
            symbol.name: symbol["st_value"] for symbol in elf.get_section_by_name(".symtab").iter_symbols()
        }
        return elf.get_section_by_name(".text").data(), names


def test_vectors_and_stack(link_board: LinkBoard) -> None:
    text, names = open_elf(link_board(EMPTY))
    vectors = struct.unpack("<64I", text[:256])
    assert vectors[0] == names["stack_top"] and vectors[1] == names["reset"]
    assert names["stack_bottom"] == 0x20000000, "below the stack there is no RAM: outgrowing it faults"
    served = {16 + 2: "serial_interrupt", 16 + 9: "timer_interrupt", 16 + 29: "microphone_interrupt"}
    for number in range(2, 64):
        assert vectors[number] == names[served.get(number, "fault_entry")], number


def test_printing_brings_no_heap(link_board: LinkBoard) -> None:
    _, names = open_elf(link_board(PRINTS))
    assert "snprintf" in names and not {"malloc", "free", "_sbrk"} & names.keys()


def test_a_heap_is_refused(link_board: LinkBoard) -> None:
    with pytest.raises(ToolError, match="no heap"):
        link_board(ALLOCATES)


def test_an_image_that_reaches_the_settings_is_refused(link_board: LinkBoard) -> None:
    assert open_elf(link_board(LARGE.replace("LENGTH", str(STORE_PAGES - 0x2000))))
    with pytest.raises(ToolError, match="flash"):
        link_board(LARGE.replace("LENGTH", str(STORE_PAGES - 0x200)))


def test_every_environment_keeps_the_same_pages() -> None:
    """The bare board's linker script and PlatformIO's check of an Arduino image end at the same place."""
    bare = json.loads((PLATFORMS / "nrf52840/boards/nano33ble_bare.json").read_text())
    arduino = configparser.ConfigParser(interpolation=None)
    arduino.read(paths.kit() / "platformio.ini")
    assert int(bare["build"]["store_pages"], 0) == STORE_PAGES
    assert f"--defsym=store_pages={STORE_PAGES:#X}".replace("0X", "0x") in arduino["arduino"]["build_flags"]
    assert BEHIND_BOOTLOADER + int(arduino["arduino"]["board_upload.maximum_size"]) == STORE_PAGES
