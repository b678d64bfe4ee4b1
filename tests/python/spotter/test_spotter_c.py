"""The spotter's C on its own, with the sanitizers."""

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_several_ears_clock_and_quiet_time(compile_c: Callable[..., Path]) -> None:
    core = ROOT / "firmware/core"
    sources = [file for part in ("frontend", "recognizer", "spotter") for file in (core / part).glob("*.c")]
    program = compile_c("test_spotter", ROOT / "tests/firmware/test_spotter.c", *sources)
    subprocess.run([program], check=True)
