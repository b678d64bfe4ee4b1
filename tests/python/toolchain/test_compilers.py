"""The portable core under other compilers and ABIs than the firmware's own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from earkit import paths

CORE = paths.kit() / "firmware/core"
SOURCES = sorted(CORE.glob("*/*.c"))
CPU = ["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16"]
STRICT = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{CORE}", "-c"]
NEWLIB = Path("/usr/include/newlib")

COMPILERS = {
    "softfp, as Arduino's core": ["arm-none-eabi-gcc", *CPU, "-mfloat-abi=softfp"],
    "soft": ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft"],
    "Cortex-M0+, without DSP": ["arm-none-eabi-gcc", "-mcpu=cortex-m0plus", "-mthumb"],
    "clang": ["clang", "--target=arm-none-eabi", *CPU, "-mfloat-abi=softfp", "-isystem", str(NEWLIB)],
    "clang, this computer": ["clang"],
}


@pytest.mark.parametrize("name", COMPILERS)
def test_core_compiles(name: str, tmp_path: Path) -> None:
    compiler, *flags = COMPILERS[name]
    if not shutil.which(compiler) or ("none-eabi" in " ".join(flags) and not NEWLIB.exists()):
        pytest.skip(f"{compiler} is not installed")
    for source in SOURCES:
        command = [compiler, *flags, *STRICT, str(source), "-o", str(tmp_path / "object.o")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{source.name}: {done.stderr}"
