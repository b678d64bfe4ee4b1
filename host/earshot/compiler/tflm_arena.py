"""How much working memory the TFLite Micro interpreter needs, measured with the PyPI wheel.

Runs as a program of its own (`python -m earshot.compiler.tflm_arena MODEL.tflite`), because the
interpreter writes to stderr for each size that is too small, and dies on some models it does not like.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

from earshot.compiler.compile import CompiledSource
from earshot.compiler.data import TflmArena

STEP = 16
LARGEST = 1 << 26


def measure_arena(model: Path, compiled: CompiledSource) -> TflmArena:
    """The smallest arena in which the model runs; an estimate where the wheel is missing or refuses it."""
    if importlib.util.find_spec("tflite_micro"):
        command = [sys.executable, "-m", "earshot.compiler.tflm_arena", str(model)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return TflmArena(int(result.stdout), is_measured=True)
    tensors = sum(t.bytes for t in (*compiled.graph.inputs, *compiled.graph.outputs))
    bookkeeping = 1024 + 128 * len(compiled.graph.operators) + 24 * len(compiled.graph.tensors)
    size = 2 * compiled.plan.arena_bytes + tensors + bookkeeping
    return TflmArena(-(-size // STEP) * STEP, is_measured=False)


def smallest_arena(data: bytes) -> int:
    """By bisection, in steps of 16 bytes. Raises ValueError when no size is enough."""
    enough = STEP
    while not _runs(data, enough):
        enough *= 2
        if enough > LARGEST:
            raise ValueError("no arena is large enough")
    too_small = enough // 2
    while enough - too_small > STEP:
        middle = (enough + too_small) // (2 * STEP) * STEP
        if _runs(data, middle):
            enough = middle
        else:
            too_small = middle
    return enough


def _runs(data: bytes, arena: int) -> bool:
    from tflite_micro.python.tflite_micro import runtime

    try:
        runtime.Interpreter.from_bytes(data, arena_size=arena)
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    print(smallest_arena(Path(sys.argv[1]).read_bytes()))
