"""A compiled model (a model's folder written by `earshot export`) run on this computer."""

import ctypes
import hashlib
import math
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot import files, paths
from earshot.errors import ModelError, ToolError

FLAGS = ("-std=c11", "-O2", "-shared", "-fPIC", "-ffp-contract=off")
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TensorFacts:
    """What model.h says of one input or output."""

    dtype: Any
    shape: tuple[int, ...]
    scale: float
    zero_point: int

    @property
    def count(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """What model.h says."""

    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    arena_bytes: int


def read_header(folder: Path) -> Header:
    """Read `folder`/model.h. Raises ModelError when it is missing or not one of ours."""
    try:
        text = (folder / "model.h").read_text()
        macros = dict(re.findall(r"^#define (MODEL_\w+) (.+)$", text, re.MULTILINE))
        tensors = {
            kind: tuple(
                _facts(macros, f"MODEL_{kind}_{i}") for i in range(int(macros[f"MODEL_{kind}_COUNT"]))
            )
            for kind in ("INPUT", "OUTPUT")
        }
        return Header(tensors["INPUT"], tensors["OUTPUT"], int(macros["MODEL_ARENA_BYTES"]))
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(
            f"{folder} is not the folder of a compiled model",
            "write one: earshot export MODEL.tflite --out DIR",
        ) from error


def _facts(macros: dict[str, str], prefix: str) -> TensorFacts:
    return TensorFacts(
        dtype=np.int8 if macros[f"{prefix}_IS_INT8"] == "1" else np.float32,
        shape=tuple(int(size) for size in re.findall(r"\d+", macros[f"{prefix}_SHAPE"])),
        scale=float(macros[f"{prefix}_SCALE"].rstrip("f")),
        zero_point=int(macros[f"{prefix}_ZERO_POINT"].strip("()")),
    )


class CompiledModel:
    """The C of a model's folder, compiled with the system's gcc into a cached shared object.

    Raises ToolError when gcc is missing or fails, ModelError when the folder is not a model's.
    """

    def __init__(self, folder: Path) -> None:
        self.header = read_header(folder)
        library = ctypes.CDLL(str(build(folder)))
        self._invoke = library.model_invoke
        self._invoke.restype = None
        self._arena = np.zeros(self.header.arena_bytes // 8 + 1, np.int64)

    def invoke(self, *inputs: Array) -> list[Array]:
        """Run once. Each input has the type and number of elements of its tensor; outputs have its shape.

        Raises ModelError when an input does not fit. Not for several threads at once.
        """
        if len(inputs) != len(self.header.inputs):
            raise ModelError(
                f"the model takes {len(self.header.inputs)} inputs, not {len(inputs)}", "give each"
            )
        given = [_fitting(x, facts) for x, facts in zip(inputs, self.header.inputs, strict=True)]
        outputs = [np.empty(facts.shape, facts.dtype) for facts in self.header.outputs]
        self._invoke(*(ctypes.c_void_p(x.ctypes.data) for x in (*given, *outputs, self._arena)))
        return outputs


def _fitting(values: Array, facts: TensorFacts) -> Array:
    array = np.ascontiguousarray(values)
    if array.dtype != facts.dtype or array.size != facts.count:
        raise ModelError(
            f"the model takes {facts.count} {np.dtype(facts.dtype).name}, not {array.size} {array.dtype}",
            "give it in the model's type and shape",
        )
    return array


def kernel_sources(source: str) -> list[Path]:
    """The C files of the kernels that a model.c calls."""
    called = set(re.findall(r"\bear_\w+(?=\()", source))
    kernels = sorted((paths.kit() / "firmware/core/kernels").glob("*.c"))
    return [kernel for kernel in kernels if called & _defined(kernel)]


def _defined(kernel: Path) -> set[str]:
    return set(re.findall(r"^void (ear_\w+)\(", kernel.read_text(), re.MULTILINE))


def build(folder: Path, flags: Sequence[str] = FLAGS) -> Path:
    """Compile `folder`/model.c with the kernels it calls; returns the shared object, cached by content."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise ToolError("no C compiler (gcc) is installed", "run: sudo apt-get install gcc libc6-dev")
    core = paths.kit() / "firmware/core"
    model = folder / "model.c"
    sources = [model, *kernel_sources(model.read_text())]
    headers = [folder / "model.h", core / "dsp.h", *sorted((core / "kernels").glob("*.h"))]
    digest = hashlib.sha256(" ".join((gcc, *flags)).encode())
    for file in (*sources, *headers):
        digest.update(file.read_bytes())
    library = paths.cache("compiled") / f"{digest.hexdigest()[:32]}.so"
    if not library.exists():
        with files.replacing(library) as temporary:
            command = [gcc, *flags, f"-I{folder}", f"-I{core}", *map(str, sources), "-o", str(temporary)]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode != 0:
                line = next((x for x in result.stderr.splitlines() if "error" in x), "unknown error")
                raise ToolError(f"gcc cannot compile {folder}: {line}", "export the model again")
    return library
