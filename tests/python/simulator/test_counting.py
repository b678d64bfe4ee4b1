"""The block counter against QEMU run one instruction at a time: equal to the last one."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from earkit.simulator._counter import ffi

from earkit import paths
from earkit.toolchain import arm

KIT = paths.kit()
EXECUTED = re.compile(r"^Trace .*\[[0-9a-f]+/([0-9a-f]{8})/", re.MULTILINE)


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    frontend = sorted((KIT / "firmware/core/frontend").glob("*.c"))
    workload = KIT / "tests/firmware/counting/workload.c"
    return arm.link_probe([workload, *frontend], [], tmp_path_factory.mktemp("counting") / "workload.elf")


def by_counter(elf: Path, bare_core: Callable[[Path], Any]) -> tuple[int, str]:
    """Instructions between the marks, and what the program printed."""
    bare = bare_core(elf)
    counter = bare.core.cpu.counter
    marks = sorted(bare.image.address(name) for name in ("counting_begin", "counting_end"))
    kept = ffi.new("uint32_t[]", marks), ffi.new("uint64_t[]", 4)
    counter.marks, counter.log = kept
    counter.mark_count, counter.log_size = 2, 2
    output = bare.run()
    assert counter.log_count == 2
    return kept[1][3] - kept[1][1], output


def by_qemu(elf: Path, begin: int, end: int, folder: Path) -> tuple[int, str]:
    qemu = shutil.which("qemu-system-arm")
    if qemu is None:
        pytest.skip("no qemu-system-arm")
    log = folder / "executed.txt"
    machine = [qemu, "-M", "mps2-an386", "-cpu", "cortex-m4", "-nographic"]
    trace = ["-singlestep", "-d", "exec,nochain", "-D", log]
    semihosting = ["-semihosting-config", "enable=on,target=native"]
    command = [*machine, *trace, *semihosting, "-kernel", elf]
    result = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    executed = [int(address, 16) for address in EXECUTED.findall(log.read_text())]
    log.unlink()
    return executed.index(end) - executed.index(begin), result.stdout + result.stderr


def test_counts_are_qemus(elf: Path, bare_core: Callable[[Path], Any], tmp_path: Path) -> None:
    symbols = bare_core(elf).image.symbols
    theirs, printed = by_qemu(elf, symbols["counting_begin"], symbols["counting_end"], tmp_path)
    ours, output = by_counter(elf, bare_core)
    assert output == printed, "not even the results are the same"
    assert theirs > 100_000
    assert ours == theirs
