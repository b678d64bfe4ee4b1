"""The simulated Cortex-M4 against QEMU's: one program, the same output from both."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from earkit import paths
from earkit.toolchain import arm

BareCore = Callable[[Path], Any]
PROGRAM = paths.kit() / "tests/firmware/conformance"


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    folder = tmp_path_factory.mktemp("conformance")
    objects = [
        arm.compile_c(source, [], folder / f"{source.stem}.o") for source in sorted(PROGRAM.glob("*.c"))
    ]
    flags = arm.flags()
    script = PROGRAM / "conformance.ld"
    arm.run([arm.find_compiler(), *flags.cpu, *flags.link, "-T", script, *objects, "-o", folder / "elf"])
    return folder / "elf"


def by_qemu(elf: Path) -> str:
    qemu = shutil.which("qemu-system-arm")
    if qemu is None:
        pytest.skip("no qemu-system-arm")
    machine = ["-M", "mps2-an386", "-cpu", "cortex-m4", "-nographic", "-semihosting-config"]
    command = [qemu, *machine, "enable=on,target=native", "-kernel", elf]
    result = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    return result.stdout + result.stderr


def test_same_as_qemu(elf: Path, bare_core: BareCore) -> None:
    ours, theirs = bare_core(elf).run().splitlines(), by_qemu(elf).splitlines()
    assert len(theirs) > 400 and theirs[-1] == "end"
    assert ours == theirs


def test_says_what_the_architecture_says(elf: Path, bare_core: BareCore) -> None:
    """A few lines worked out by hand from the ARMv7-M manual, for where there is no QEMU."""
    output = bare_core(elf).run().splitlines()
    for line in (
        "nesting lhLm",
        "wfi with primask whl",
        "basepri 0x80 h.l",
        "SysTick above, PendSV below atAv",
        "switches 201010101010101",
        "frame bytes 00000024",
        "set by hand 00000004",
        " nested fffffff1",
        " exc_return ffffffe9",
        "end",
    ):
        assert line in output
