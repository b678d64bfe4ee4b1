"""Writes .tflite files directly, with full control over shapes and scales."""

from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
import numpy as np
import tflite

TYPES = {
    "float32": tflite.TensorType.FLOAT32,
    "int8": tflite.TensorType.INT8,
    "int16": tflite.TensorType.INT16,
    "uint8": tflite.TensorType.UINT8,
    "int32": tflite.TensorType.INT32,
}


class Writer:
    """Collects tensors and operators, then gives the file."""

    def __init__(self) -> None:
        self.tensors: list[dict[str, Any]] = []
        self.operators: list[tuple[str, list[int], list[int], str, dict[str, Any]]] = []

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        scales: Sequence[float] = (),
        zero_points: Sequence[int] = (),
        dimension: int = 0,
        data: Any = None,
        name: str = "",
        signature: Sequence[int] = (),
    ) -> int:
        """`signature`: the schema's shape_signature, with -1 for a dimension that the model leaves open."""
        index = len(self.tensors)
        self.tensors.append(
            {
                "shape": list(shape),
                "dtype": dtype,
                "scales": list(scales),
                "zero_points": list(zero_points),
                "dimension": dimension,
                "data": data,
                "name": name or f"t{index}",
                "signature": list(signature),
            }
        )
        return index

    def constant(self, values: Any, dtype: str = "int32") -> int:
        data = np.asarray(values, dtype)
        return self.tensor(data.shape, dtype, data=data)

    def operator(
        self, name: str, inputs: Sequence[int], outputs: Sequence[int], kind: str = "", **options: Any
    ) -> None:
        """`kind`: the schema's options table, for example Conv2DOptions; `options`: its fields."""
        self.operators.append((name, list(inputs), list(outputs), kind, options))

    def bytes(
        self,
        inputs: Sequence[int],
        outputs: Sequence[int],
        metadata: dict[str, bytes] | None = None,
        subgraphs: int = 1,
    ) -> bytes:
        b = flatbuffers.Builder(1 << 16)
        metadata = metadata or {}
        contents = [t["data"] for t in self.tensors if t["data"] is not None]
        blobs = [b"", *(np.ascontiguousarray(c).tobytes() for c in contents), *metadata.values()]
        buffers = _vector(b, [_buffer(b, blob) for blob in blobs])
        names = sorted({name for name, *_ in self.operators})
        codes = _vector(b, [_code(b, name) for name in names])
        graphs = _vector(b, [self._subgraph(b, names, inputs, outputs) for _ in range(subgraphs)])
        first = 1 + len(contents)
        entries = _vector(b, [_entry(b, name, first + i) for i, name in enumerate(metadata)])
        tflite.ModelStart(b)
        tflite.ModelAddVersion(b, 3)
        tflite.ModelAddOperatorCodes(b, codes)
        tflite.ModelAddSubgraphs(b, graphs)
        tflite.ModelAddBuffers(b, buffers)
        tflite.ModelAddMetadata(b, entries)
        b.Finish(tflite.ModelEnd(b), file_identifier=b"TFL3")
        return bytes(b.Output())

    def _subgraph(self, b: Any, names: list[str], inputs: Sequence[int], outputs: Sequence[int]) -> int:
        buffer = iter(range(1, len(self.tensors) + 1))
        tensors = _vector(
            b, [_tensor(b, t, next(buffer) if t["data"] is not None else 0) for t in self.tensors]
        )
        operators = _vector(b, [_operator(b, names.index(op[0]), *op[1:]) for op in self.operators])
        ends = _ints(b, inputs), _ints(b, outputs)
        tflite.SubGraphStart(b)
        tflite.SubGraphAddTensors(b, tensors)
        tflite.SubGraphAddOperators(b, operators)
        tflite.SubGraphAddInputs(b, ends[0])
        tflite.SubGraphAddOutputs(b, ends[1])
        return int(tflite.SubGraphEnd(b))


def _vector(b: Any, offsets: list[int]) -> int:
    b.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        b.PrependUOffsetTRelative(offset)
    return int(b.EndVector())


def _ints(b: Any, values: Sequence[int]) -> int:
    return int(b.CreateNumpyVector(np.asarray(values, np.int32)))


def _buffer(b: Any, blob: bytes) -> int:
    data = None
    if blob:
        b.StartVector(1, len(blob), 16)
        b.head -= len(blob)
        b.Bytes[b.head : b.head + len(blob)] = blob
        data = b.EndVector()
    tflite.BufferStart(b)
    if data is not None:
        tflite.BufferAddData(b, data)
    return int(tflite.BufferEnd(b))


def _code(b: Any, name: str) -> int:
    custom = b.CreateString(name) if not hasattr(tflite.BuiltinOperator, name) else None
    number = getattr(tflite.BuiltinOperator, name, tflite.BuiltinOperator.CUSTOM)
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(number, 127))
    tflite.OperatorCodeAddBuiltinCode(b, number)
    if custom is not None:
        tflite.OperatorCodeAddCustomCode(b, custom)
    tflite.OperatorCodeAddVersion(b, 1)
    return int(tflite.OperatorCodeEnd(b))


def _entry(b: Any, name: str, buffer: int) -> int:
    text = b.CreateString(name)
    tflite.MetadataStart(b)
    tflite.MetadataAddName(b, text)
    tflite.MetadataAddBuffer(b, buffer)
    return int(tflite.MetadataEnd(b))


def _tensor(b: Any, t: dict[str, Any], buffer: int) -> int:
    quantization = None
    if t["scales"]:
        scales = b.CreateNumpyVector(np.asarray(t["scales"], np.float32))
        zero_points = b.CreateNumpyVector(np.asarray(t["zero_points"], np.int64))
        tflite.QuantizationParametersStart(b)
        tflite.QuantizationParametersAddScale(b, scales)
        tflite.QuantizationParametersAddZeroPoint(b, zero_points)
        tflite.QuantizationParametersAddQuantizedDimension(b, t["dimension"])
        quantization = tflite.QuantizationParametersEnd(b)
    name, shape = b.CreateString(t["name"]), _ints(b, t["shape"])
    signature = _ints(b, t["signature"]) if t["signature"] else None
    tflite.TensorStart(b)
    tflite.TensorAddShape(b, shape)
    if signature is not None:
        tflite.TensorAddShapeSignature(b, signature)
    tflite.TensorAddType(b, TYPES[t["dtype"]])
    tflite.TensorAddBuffer(b, buffer)
    tflite.TensorAddName(b, name)
    if quantization is not None:
        tflite.TensorAddQuantization(b, quantization)
    return int(tflite.TensorEnd(b))


def _operator(
    b: Any, code: int, inputs: list[int], outputs: list[int], kind: str, options: dict[str, Any]
) -> int:
    table = None
    if kind:
        getattr(tflite, f"{kind}Start")(b)
        for field, value in options.items():
            add: Callable[[Any, Any], None] = getattr(tflite, f"{kind}Add{field}")
            add(b, value)
        table = getattr(tflite, f"{kind}End")(b)
    ins, outs = _ints(b, inputs), _ints(b, outputs)
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, code)
    tflite.OperatorAddInputs(b, ins)
    tflite.OperatorAddOutputs(b, outs)
    if table is not None:
        tflite.OperatorAddBuiltinOptionsType(b, getattr(tflite.BuiltinOptions, kind))
        tflite.OperatorAddBuiltinOptions(b, table)
    return int(tflite.OperatorEnd(b))
