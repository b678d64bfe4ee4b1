"""The native C tests of the front end and the recogniser, with sanitizers."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CORE = ROOT / "firmware/core"
SANITIZED = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror"]


@pytest.mark.parametrize("level", ["-O2", "-Os"])
@pytest.mark.parametrize("room", ["frontend", "recognizer"])
def test_native(room: str, level: str, tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    program = tmp_path / room
    sources = [ROOT / f"tests/firmware/test_{room}.c", *sorted((CORE / room).glob("*.c"))]
    command = [compiler, level, *STRICT, *SANITIZED, f"-I{CORE}", *sources, "-lm", "-o", program]
    subprocess.run(command, check=True)
    subprocess.run([program], check=True)
