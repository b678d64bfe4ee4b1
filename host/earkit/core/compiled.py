"""A compiled model (a model's folder written by `earkit export`) run on this computer."""

import ctypes
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earkit import files, paths
from earkit.core.model_folder import Header, TensorFacts, read_header
from earkit.errors import ModelError, ToolError

FLAGS = ("-std=c11", "-O2", "-shared", "-fPIC", "-ffp-contract=off")
Array = npt.NDArray[Any]


class CompiledModel:
    """The C of a model's folder, compiled with the system's gcc into a cached shared object.

    Raises ToolError when gcc is missing or fails, ModelError when the folder is not a model's.
    """

    def __init__(self, folder: Path) -> None:
        self.header = read_header(folder)
        self._library = ctypes.CDLL(str(build(folder, self.header)))
        self._arena = np.zeros(self.header.arena_bytes // 8 + 1, np.int64)
        self._state = np.zeros(self.header.state_bytes // 8 + 1, np.int64)

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
        self._library.model_invoke(*_addresses(*given, *outputs, self._arena))
        return outputs

    def stream(self, rows: Array, restart: bool = True) -> Array:
        """int8[steps, outputs]: the output after every `step_rows` of `rows`, int8[n, row_bytes].

        Each is that of `invoke` on the window which then holds the newest rows, bit for bit. The window
        starts as -128 throughout, or goes on where the last call left it. Rows that are left over are not
        heard. Raises ModelError for a model that cannot be computed step by step.
        """
        size = self.header.step_rows * self.header.row_bytes
        if not size:
            raise ModelError("this model cannot be computed step by step", "give it whole windows")
        chunk = np.ascontiguousarray(rows, np.int8).ravel()
        outputs = np.empty((chunk.size // size, self.header.outputs[0].count), np.int8)
        if restart:
            self._library.model_start(*_addresses(self._state))
        for i, output in enumerate(outputs):
            self._library.model_step(*_addresses(chunk[i * size :], output, self._state))
        return outputs

    def invoke_all(self, inputs: Array) -> Array:
        """Run a model of one input and one output once for each row of `inputs`, [n, elements] or
        [n, ...]; returns [n, elements of the output]. On all processors.

        Raises ModelError when the rows or the model do not fit.
        """
        facts = (*self.header.inputs, *self.header.outputs)
        rows = np.ascontiguousarray(inputs).reshape(len(inputs), -1)
        if len(facts) != 2 or rows.shape[1] != facts[0].count or rows.dtype != facts[0].dtype:
            raise ModelError("the model does not take such rows", "give a model of one input and one output")
        outputs = np.empty((len(rows), facts[1].count), facts[1].dtype)
        with ThreadPoolExecutor() as pool:  # C runs without Python's lock
            list(pool.map(lambda part: self._invoke_rows(rows[part], outputs[part]), _parts(len(rows))))
        return outputs

    def _invoke_rows(self, rows: Array, outputs: Array) -> None:
        arena = np.zeros_like(self._arena)
        invoke, pointer = self._library.model_invoke, ctypes.c_void_p
        source, target = rows.ctypes.data, outputs.ctypes.data
        for _ in range(len(rows)):
            invoke(pointer(source), pointer(target), pointer(arena.ctypes.data))
            source += rows.strides[0]
            target += outputs.strides[0]


def _addresses(*arrays: Array) -> list[ctypes.c_void_p]:
    return [ctypes.c_void_p(array.ctypes.data) for array in arrays]


def _parts(count: int) -> list[slice]:
    return [slice(start, start + 1000) for start in range(0, count, 1000)]


def _fitting(values: Array, facts: TensorFacts) -> Array:
    array = np.ascontiguousarray(values)
    if array.dtype != facts.dtype or array.size != facts.count:
        raise ModelError(
            f"the model takes {facts.count} {np.dtype(facts.dtype).name}, not {array.size} {array.dtype}",
            "give it in the model's type and shape",
        )
    return array


def build(folder: Path, header: Header, flags: Sequence[str] = FLAGS) -> Path:
    """Compile `folder`/model.c with the kernels it needs; returns the shared object, cached by content."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise ToolError("no C compiler (gcc) is installed", "run: sudo apt-get install gcc libc6-dev")
    folder = folder.absolute()  # a name that begins with - is no option
    core = paths.kit() / "firmware/core"
    sources = [folder / "model.c", *header.kernels]
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
