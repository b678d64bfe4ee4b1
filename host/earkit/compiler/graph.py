"""A .tflite model as plain typed data, whatever the file format looks like."""

import hashlib
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from earkit.errors import ModelError

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Quantization:
    """real = (quantised - zero_point) * scale, per tensor or per slice along `dimension`."""

    scales: tuple[float, ...]
    """Values of float32."""
    zero_points: tuple[int, ...]
    dimension: int = 0


@dataclass(frozen=True)
class Tensor:
    index: int
    name: str
    dtype: str
    """numpy's name of the type; for types that numpy lacks the schema's name."""
    shape: tuple[int, ...]
    quantization: Quantization | None
    data: Array | None = field(default=None, compare=False)
    """The values of a constant, in `shape`; None for what is computed."""

    @property
    def count(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.count * (4 if self.dtype in ("float32", "int32") else 1)

    @property
    def scale(self) -> float:
        """The scale of a tensor that is quantised as a whole. Raises ModelError when it has none."""
        return self._whole().scales[0]

    @property
    def zero_point(self) -> int:
        """The zero point of a tensor that is quantised as a whole. Raises ModelError when it has none."""
        return self._whole().zero_points[0]

    def _whole(self) -> Quantization:
        if self.quantization is None:
            raise ModelError(
                f"tensor '{self.name}' has no scale and zero point",
                "convert the model with full int8 quantisation",
            )
        if len(self.quantization.scales) != 1:
            raise ModelError(
                f"tensor '{self.name}' is quantised per channel where one scale is needed",
                "convert the model again with the TFLite converter",
            )
        return self.quantization


@dataclass(frozen=True)
class Refusal:
    """Why a sound model is not compiled. A field in braces in `what` is filled in where it is raised."""

    what: str
    todo: str


@dataclass(frozen=True)
class Operator:
    index: int
    """Its place in the order of execution."""
    name: str
    """The schema's name, for example CONV_2D; `custom NAME` for a custom operator."""
    inputs: tuple[Tensor | None, ...]
    """None for an optional input that is absent."""
    outputs: tuple[Tensor, ...]
    options: dict[str, Any]
    """The builtin options that the compiler reads, by the schema's names."""

    def own(self, name: str) -> str:
        """The name in model.c of what belongs to this operator, such as `weights`."""
        return f"layer_{self.index}_{name}"

    def refuse(self, refusal: Refusal, tensor: Tensor | None = None, **fields: object) -> ModelError:
        """The error of a sound model that is not supported; it names this operator and `tensor`, by default
        the output. Every refusal stands in the table of its operation (operation.py)."""
        return self._error(refusal.what.format(**fields), refusal.todo, tensor)

    def damaged(self, what: str, tensor: Tensor | None = None) -> ModelError:
        """The error of a model that no converter writes; it names likewise."""
        return self._error(what, "export or copy the model again", tensor)

    def _error(self, what: str, todo: str, tensor: Tensor | None) -> ModelError:
        named = tensor or (self.outputs[0] if self.outputs else None)
        where = f" (tensor '{named.name}')" if named else ""
        return ModelError(f"operator {self.index} {self.name}{where}: {what}", todo)


@dataclass(frozen=True)
class Graph:
    name: str
    """The file's stem."""
    data: bytes = field(repr=False)
    """The whole file."""
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: dict[str, bytes]

    @property
    def sha256(self) -> str:
        """Of the file, 64 hex digits."""
        return hashlib.sha256(self.data).hexdigest()


def strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Elements from one index to the next in each dimension of a contiguous tensor."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


NOT_CONSTANT = Refusal("its {what} are not constant", "convert the model with fixed weights and shapes")


def constant(operator: Operator, position: int, what: str) -> Array:
    """The values of a constant input. Raises ModelError when it is absent or computed."""
    tensor = operator.inputs[position] if position < len(operator.inputs) else None
    if tensor is None or tensor.data is None:
        raise operator.refuse(NOT_CONSTANT, tensor, what=what)
    return np.asarray(tensor.data)
