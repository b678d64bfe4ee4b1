"""The compiler, or a skip; and images of the board with a test's own main."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from earkit import paths
from earkit.toolchain import arm

BOARD = paths.kit() / "firmware/boards/nrf52840"


@pytest.fixture(scope="session")
def arm_gcc() -> Path:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    return arm.find_compiler()


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds are shared by the tests of a run, and never with the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.delenv("EARKIT_MODEL", raising=False)


LinkBoard = Callable[[str], Path]


@pytest.fixture
def link_board(arm_gcc: Path, tmp_path: Path) -> LinkBoard:
    """Link a C source text that has a main with the nRF52840's board files, as the builder does."""

    def link(text: str) -> Path:
        main = tmp_path / "main.c"
        main.write_text(text)
        objects = [
            arm.compile_c(source, [], tmp_path / f"{source.stem}.o")
            for source in [main, *sorted(BOARD.glob("*.c"))]
        ]
        flags = arm.flags()
        script = BOARD / "nrf52840.ld"
        elf = tmp_path / "board.elf"
        arm.run([arm_gcc, *flags.cpu, *flags.link, "-Wl,--gc-sections", "-Wl,--defsym=flash_start=0",
                 "-Wl,--defsym=store_pages=0xDE000", "-T", script, *objects, "-o", elf])  # fmt: skip
        return elf

    return link
