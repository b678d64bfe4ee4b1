"""model.json of a model's folder: written by `earkit export`, described in docs/output-format.md.

Nothing in it is trusted: it may be damaged, or somebody else's.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earkit import paths
from earkit.errors import ModelError

FORMAT = 1
LARGEST_MEMORY = 4 << 20
"""Bytes of an arena or a state: far more than a board has."""
LARGEST_SCALE = 2.0**100
LARGEST_TENSOR = 1 << 24
"""Elements."""
LARGEST_FILE = 16 << 20
DTYPES: dict[str, Any] = {"int8": np.int8, "float32": np.float32}


@dataclass(frozen=True)
class TensorFacts:
    """One input or output."""

    dtype: Any
    shape: tuple[int, ...]
    scale: float
    """1.0 for float32; the zero point is 0 then."""
    zero_point: int

    @property
    def count(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """What runs the model must know of it."""

    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    arena_bytes: int
    step_rows: int
    """Rows of the input that a step takes; 0 when the model cannot be computed step by step."""
    row_bytes: int
    state_bytes: int
    kernels: tuple[Path, ...]
    """The C files that model.c needs."""
    functions: tuple[str, ...]
    """Those of model.c that compute layers, or some rows of them."""


def read_header(folder: Path) -> Header:
    """Read and check `folder`/model.json. Raises ModelError when it is missing or damaged."""
    path = folder / "model.json"
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _damaged(path, "it is too large")
        facts = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(
            f"{folder} is not the folder of a compiled model: it has no readable model.json",
            "write one: earkit export MODEL.tflite --out DIR",
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not JSON") from error
    try:
        return _header(facts)
    except _WrongFactError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> ModelError:
    return ModelError(f"{path} is damaged: {why}", "export the model again")


class _WrongFactError(Exception):
    """Which fact of model.json is not what it must be."""


def _header(facts: Any) -> Header:
    if _get(facts, "format", "model.json") != FORMAT:
        raise _WrongFactError(f"its format is not {FORMAT}")
    inputs, outputs = (
        tuple(_tensor(x, kind) for x in _list(facts, kind, 1, 64)) for kind in ("inputs", "outputs")
    )
    stream = _get(facts, "stream", "model.json")
    step = (0, 0, 0) if stream is None else _stream(stream, inputs, outputs)
    functions = [
        name for layer in _list(facts, "layers", 0, 4096) for name in _list(layer, "functions", 0, 4)
    ]
    return Header(
        inputs,
        outputs,
        _int(facts, "arena_bytes", 1, LARGEST_MEMORY),
        *step,
        kernels=_kernels(_list(facts, "kernel_files", 0, 256)),
        functions=tuple(_function(name) for name in functions),
    )


def _stream(
    facts: Any, inputs: Sequence[TensorFacts], outputs: Sequence[TensorFacts]
) -> tuple[int, int, int]:
    ends = (*inputs, *outputs)
    if len(ends) != 2 or any(end.dtype is not np.int8 for end in ends):
        raise _WrongFactError("a stream has one int8 input and one int8 output")
    row_bytes = _int(facts, "row_bytes", 1, inputs[0].count)
    if inputs[0].count % row_bytes:
        raise _WrongFactError("row_bytes does not divide the input")
    rows = _int(facts, "rows", 1, inputs[0].count // row_bytes)
    return rows, row_bytes, _int(facts, "state_bytes", 1, LARGEST_MEMORY)


def _tensor(facts: Any, kind: str) -> TensorFacts:
    dtype = _get(facts, "dtype", kind)
    if dtype not in ("int8", "float32"):
        raise _WrongFactError(f"the dtype of one of its {kind} is not int8 or float32")
    shape = tuple(_list(facts, "shape", 0, 8))
    if not all(type(size) is int and 1 <= size <= LARGEST_TENSOR for size in shape):
        raise _WrongFactError(f"the shape of one of its {kind} is not one of positive sizes")
    if math.prod(shape) > LARGEST_TENSOR:
        raise _WrongFactError(f"one of its {kind} is too large")
    if dtype == "float32":
        return TensorFacts(np.float32, shape, 1.0, 0)
    scale = _get(facts, "scale", kind)
    if type(scale) not in (int, float) or not 0 < scale < LARGEST_SCALE:
        raise _WrongFactError(f"the scale of one of its {kind} is not a positive number")
    return TensorFacts(np.int8, shape, float(scale), _int(facts, "zero_point", -128, 127))


def _kernels(names: list[Any]) -> tuple[Path, ...]:
    known = {path.name: path for path in (paths.kit() / "firmware/core/kernels").glob("*.c")}
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise _WrongFactError("kernel_files names a file that is none of the kit's kernels")
    return tuple(known[name] for name in sorted(set(names)))


def _function(name: Any) -> str:
    if not isinstance(name, str) or not name.isidentifier() or not name.startswith("model_layer_"):
        raise _WrongFactError("functions names what is no function of a layer")
    return name


def _get(facts: Any, key: str, where: str) -> Any:
    if not isinstance(facts, dict) or key not in facts:
        raise _WrongFactError(f"{key} is missing from {where}")
    return facts[key]


def _int(facts: Any, key: str, low: int, high: int) -> int:
    value = _get(facts, key, "model.json")
    if type(value) is not int or not low <= value <= high:
        raise _WrongFactError(f"{key} is not a whole number from {low} to {high}")
    return value


def _list(facts: Any, key: str, fewest: int, most: int) -> list[Any]:
    value = _get(facts, key, "model.json")
    if not isinstance(value, list) or not fewest <= len(value) <= most:
        raise _WrongFactError(f"{key} is not a list of {fewest} to {most}")
    return value
