"""Reads a .tflite file into a Graph with the schema package; TensorFlow is not needed.

Nothing in the file is trusted: it may be cut, damaged or no model at all. Every length is checked
against the size of the file before it is used, so that a damaged one neither hangs nor exhausts memory.
"""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tflite

from earkit.compiler.graph import Graph, Operator, Quantization, Tensor
from earkit.compiler.ops import OPERATIONS
from earkit.errors import ModelError

DTYPES = {value: name.lower() for name, value in vars(tflite.TensorType).items() if not name.startswith("_")}
OPERATORS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if not name.startswith("_")}
SMALLEST_SCALE, LARGEST_SCALE = 2.0**-100, 2.0**100
"""Of a tensor: beyond them, arithmetic in float32 overflows."""
NUMPY = {"float32": "<f4", "int8": "i1", "int32": "<i4", "int64": "<i8"}

LIMIT = 1 << 24
"""Elements that one tensor may have: far more than a microcontroller holds."""

DAMAGED = (
    struct.error,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
    KeyError,
)


def read_model(path: Path) -> Graph:
    """Read the .tflite file at `path`. Raises ModelError when it is not one, or is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}", "check the name of the file") from error
    return parse(data, path.stem, str(path))


def parse(data: bytes, name: str, where: str) -> Graph:
    """Read a .tflite from memory; `where` names it in errors. Raises ModelError."""
    if not data:
        raise ModelError(f"{where} is empty", "export the model again")
    if data[4:8] != b"TFL3":
        raise ModelError(f"{where} is not a .tflite model", "give a file written by the TFLite converter")
    try:
        return _Reader(data).graph(name)
    except DAMAGED as error:
        raise ModelError(f"{where} is damaged or cut off", "export or copy the model again") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.model = tflite.Model.GetRootAsModel(data, 0)

    def graph(self, name: str) -> Graph:
        if self.model.SubgraphsLength() != 1:
            raise ModelError(
                f"the model has {self.model.SubgraphsLength()} subgraphs",
                "convert it without control flow, so that it has one",
            )
        subgraph = self.model.Subgraphs(0)
        tensors = tuple(self._tensor(i, t) for i, t in enumerate(self._each(subgraph, "Tensors")))
        operators = tuple(
            self._operator(i, o, tensors) for i, o in enumerate(self._each(subgraph, "Operators"))
        )
        return Graph(
            name=name,
            data=self.data,
            tensors=tensors,
            operators=operators,
            inputs=tuple(tensors[_index(i, tensors)] for i in self._ints(subgraph, "Inputs")),
            outputs=tuple(tensors[_index(i, tensors)] for i in self._ints(subgraph, "Outputs")),
            metadata=self._metadata(),
        )

    def _length(self, table: Any, field: str) -> int:
        length = int(getattr(table, f"{field}Length")())
        if not 0 <= length <= len(self.data):
            raise ValueError(field)
        return length

    def _each(self, table: Any, field: str) -> list[Any]:
        get: Callable[[int], Any] = getattr(table, field)
        return [get(i) for i in range(self._length(table, field))]

    def _ints(self, table: Any, field: str) -> list[int]:
        if self._length(table, field) == 0:
            return []
        return [int(value) for value in getattr(table, f"{field}AsNumpy")()]

    def _floats(self, table: Any, field: str) -> list[float]:
        if self._length(table, field) == 0:
            return []
        return [float(value) for value in getattr(table, f"{field}AsNumpy")()]

    def _tensor(self, index: int, raw: Any) -> Tensor:
        name = (raw.Name() or b"").decode("utf-8", "replace") or f"tensor {index}"
        dtype = DTYPES.get(raw.Type(), f"type {raw.Type()}")
        shape = tuple(self._ints(raw, "Shape"))
        if any(size < 1 for size in shape):  # shape_signature may leave the batch open: shape is what runs
            raise ModelError(
                f"tensor '{name}' has a dynamic shape {list(shape)}",
                "convert the model with a fixed batch size of 1",
            )
        count = 1
        for size in shape:
            count *= size
        if count > LIMIT or len(shape) > 8:
            raise ModelError(f"tensor '{name}' is too large: {list(shape)}", "use a smaller model")
        if raw.Sparsity() is not None or raw.IsVariable():
            raise ModelError(
                f"tensor '{name}' is {'a variable' if raw.IsVariable() else 'sparse'}",
                "convert the model with plain constant weights",
            )
        data = self._buffer(raw.Buffer())
        values = None
        if data is not None:
            if dtype in NUMPY:
                values = np.frombuffer(data.tobytes(), NUMPY[dtype]).reshape(shape)
            else:
                raise ModelError(
                    f"tensor '{name}' holds {dtype} constants",
                    "convert the model with full int8 quantisation",
                )
        return Tensor(index, name, dtype, shape, self._quantization(raw, name), values)

    def _buffer(self, index: int) -> Any:
        if index == 0:
            return None
        if not 0 <= index < self._length(self.model, "Buffers"):
            raise IndexError(index)
        buffer = self.model.Buffers(index)
        return buffer.DataAsNumpy() if self._length(buffer, "Data") else None

    def _quantization(self, raw: Any, name: str) -> Quantization | None:
        params = raw.Quantization()
        if params is None or params.ScaleLength() == 0:
            return None
        scales = tuple(self._floats(params, "Scale"))
        zero_points = tuple(self._ints(params, "ZeroPoint")) or (0,) * len(scales)
        if len(zero_points) == 1:
            zero_points *= len(scales)
        if len(zero_points) != len(scales) or not all(SMALLEST_SCALE <= s <= LARGEST_SCALE for s in scales):
            raise ModelError(f"tensor '{name}' has damaged scales", "export or copy the model again")
        if raw.Type() == tflite.TensorType.INT8 and not all(-128 <= z <= 127 for z in zero_points):
            raise ModelError(f"tensor '{name}' has a damaged zero point", "export or copy the model again")
        return Quantization(scales, zero_points, int(params.QuantizedDimension()))

    def _operator(self, index: int, raw: Any, tensors: tuple[Tensor, ...]) -> Operator:
        codes = self._length(self.model, "OperatorCodes")
        if not 0 <= raw.OpcodeIndex() < codes:
            raise IndexError(raw.OpcodeIndex())
        code = self.model.OperatorCodes(raw.OpcodeIndex())
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        name = OPERATORS.get(number, f"number {number}")
        if name == "CUSTOM":
            name = f"custom {(code.CustomCode() or b'').decode('utf-8', 'replace')}"
        inputs = [None if i == -1 else tensors[_index(i, tensors)] for i in self._ints(raw, "Inputs")]
        outputs = [tensors[_index(i, tensors)] for i in self._ints(raw, "Outputs")]
        return Operator(index, name, tuple(inputs), tuple(outputs), self._options(name, raw))

    def _options(self, name: str, raw: Any) -> dict[str, Any]:
        read = OPERATIONS[name].options if name in OPERATIONS else None
        if read is None:
            return {}
        kind, fields = read
        options: Any = kind()
        table = raw.BuiltinOptions()
        if table is None:
            raise ValueError(name)
        options.Init(table.Bytes, table.Pos)
        return {field: getattr(options, field)() for field in fields}

    def _metadata(self) -> dict[str, bytes]:
        entries = {}
        for entry in self._each(self.model, "Metadata"):
            data = self._buffer(entry.Buffer())
            entries[(entry.Name() or b"").decode("utf-8", "replace")] = (
                b"" if data is None else data.tobytes()
            )
        return entries


def _index(value: int, tensors: tuple[Tensor, ...]) -> int:
    if not 0 <= value < len(tensors):
        raise IndexError(value)
    return value
