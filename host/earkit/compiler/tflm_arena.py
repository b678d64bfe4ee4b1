"""How much working memory the TFLite Micro interpreter needs, measured with the PyPI wheel.

Runs as a program of its own (`python -m earkit.compiler.tflm_arena MODEL.tflite`), because the
interpreter writes to stderr for each size that is too small, and crashes on sizes that are far too small
and on models that it does not like. It prints each size that was enough; the last one counts.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earkit.compiler.compile import CompiledSource

STEP = 16
START = 1 << 16
LARGEST = 1 << 26


@dataclass(frozen=True)
class TflmArena:
    """What the TFLite Micro interpreter needs as working memory."""

    bytes: int
    is_measured: bool
    """False: estimated, because the tflite-micro wheel is not installed."""
    note: str
    """What a person should know of it."""


MEASURED = (
    "measured on a 64-bit computer, whose pointers are twice as long as the board's: the board needs less"
)
ESTIMATED = "estimated; install tflite-micro and export again to have it measured"


def measure_arena(model: Path, compiled: CompiledSource) -> TflmArena:
    """The smallest arena in which the model runs; an estimate where the wheel is missing or refuses it."""
    if importlib.util.find_spec("tflite_micro"):
        command = [sys.executable, "-m", "earkit.compiler.tflm_arena", str(model)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if sizes := result.stdout.split():
            return TflmArena(int(sizes[-1]), True, MEASURED)
    tensors = sum(t.bytes for t in (*compiled.graph.inputs, *compiled.graph.outputs))
    bookkeeping = 1024 + 128 * len(compiled.graph.operators) + 24 * len(compiled.graph.tensors)
    size = 2 * compiled.plan.arena_bytes + tensors + bookkeeping
    return TflmArena(-(-size // STEP) * STEP, False, ESTIMATED)


def enough_arenas(data: bytes) -> Iterator[int]:
    """Sizes that are enough, each smaller than the one before, down to the least multiple of 16."""
    enough = START
    while not _runs(data, enough):
        enough *= 2
        if enough > LARGEST:
            return
    yield enough
    too_small = enough // 2
    while _runs(data, too_small):
        enough, too_small = too_small, too_small // 2
        yield enough
    while enough - too_small > STEP:
        middle = (enough + too_small) // (2 * STEP) * STEP
        if _runs(data, middle):
            enough = middle
            yield enough
        else:
            too_small = middle


def _runs(data: bytes, arena: int) -> bool:
    from tflite_micro.python.tflite_micro import runtime

    try:
        runtime.Interpreter.from_bytes(data, arena_size=arena)
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    for size in enough_arenas(Path(sys.argv[1]).read_bytes()):
        print(size, flush=True)
