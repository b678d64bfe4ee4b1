"""Finding the compiler, and probes."""

import shutil
import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from earkit import paths
from earkit.errors import ToolError
from earkit.toolchain import arm, size

SOURCE = """
int counted = 7;
int zeroed[4];
int add(int a, int b) { counted += a; return counted + b; }
int twice(int a) { return 2 * a; }
"""


def write(folder: Path, text: str) -> Path:
    source = folder / "source.c"
    source.write_text(text)
    return source


def symbols(elf: Path) -> dict[str, int]:
    with elf.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}


def loads(elf: Path) -> list[tuple[int, int, bytes]]:
    with elf.open("rb") as file:
        segments = ELFFile(file).iter_segments("PT_LOAD")
        return [(segment["p_vaddr"], segment["p_paddr"], segment.data()) for segment in segments]


@pytest.mark.usefixtures("arm_gcc")
def test_probe_keeps_everything(tmp_path: Path) -> None:
    elf = arm.link_probe([write(tmp_path, SOURCE)], [], tmp_path / "probe.elf")
    names = symbols(elf)
    assert {"add", "twice", "counted", "zeroed", "probe_reset"} <= names.keys()
    (flash, _, code), (ram, ram_load, data), *_ = loads(elf)
    assert flash == 0 and ram == ram_load == 0x20000000
    stack, reset = struct.unpack("<II", code[:8])
    assert stack == 0x20040000 and reset == names["probe_reset"]
    assert struct.unpack("<I", data[names["counted"] - ram :][:4]) == (7,)
    assert names["probe_ram_free"] >= names["zeroed"] + 16


@pytest.mark.usefixtures("arm_gcc")
def test_probe_keeps_only_what_is_asked_for(tmp_path: Path) -> None:
    elf = arm.link_probe([write(tmp_path, SOURCE)], [], tmp_path / "probe.elf", keep=["twice"])
    names = symbols(elf)
    assert "twice" in names and "add" not in names and "counted" not in names
    with pytest.raises(ToolError, match="nowhere"):
        arm.link_probe([write(tmp_path, SOURCE)], [], tmp_path / "other.elf", keep=["nowhere"])
    assert not (tmp_path / "other.elf").exists()


@pytest.mark.usefixtures("arm_gcc")
def test_probe_of_two_files_of_one_name(tmp_path: Path) -> None:
    sources = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        sources.append(write(tmp_path / name, f"int {name}(void) {{ return 1; }}"))
    assert {"one", "two"} <= symbols(arm.link_probe(sources, [], tmp_path / "p.elf")).keys()


@pytest.mark.usefixtures("arm_gcc")
def test_a_warning_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"source\.c:1:.*unused") as raised:
        arm.link_probe([write(tmp_path, "static int unused;")], [], tmp_path / "probe.elf")
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("arm_gcc")
def test_parts_of_a_probe(tmp_path: Path) -> None:
    frontend = sorted((paths.kit() / "firmware/core/frontend").glob("*.c"))
    elf = arm.link_probe([*frontend, write(tmp_path, SOURCE)], [], tmp_path / "probe.elf")
    measured = size.measure(elf)
    assert measured.parts["front end"].flash > 5000
    assert 8 <= measured.parts["model"].flash <= 64 and measured.parts["model"].ram == 20
    assert sum(part.flash for part in measured.parts.values()) == measured.flash
    assert sum(part.ram for part in measured.parts.values()) == measured.ram
    content = [data for _, _, data in loads(elf)]
    assert measured.flash == sum(map(len, content))


def test_without_the_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="not installed; run: sudo apt-get install gcc-arm-none-eabi"):
        arm.find_compiler()


def test_without_the_c_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This computer's own gcc is one that has no newlib."""
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("no gcc")
    (tmp_path / "arm-none-eabi-gcc").symlink_to(gcc)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"no C library \(newlib\); run: sudo apt-get install"):
        arm.find_compiler()


def test_measuring_what_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot measure"):
        size.measure(tmp_path / "none.elf")
    (tmp_path / "text.elf").write_text("text")
    with pytest.raises(ToolError, match="not an ELF file"):
        size.measure(tmp_path / "text.elf")
