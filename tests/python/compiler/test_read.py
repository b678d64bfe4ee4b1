"""Broken files end in one ModelError: never a traceback, never a hang."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_models import models
from tflite_writer import Writer

from earkit.compiler.compile import compile_graph
from earkit.compiler.read import parse, read_model
from earkit.errors import ModelError

QUIET = settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))


def compile_or_refuse(data: bytes) -> None:
    """Whatever the bytes are: compiled, or refused with a ModelError of one line."""
    try:
        compile_graph(parse(data, "m", "m.tflite"))
    except ModelError as error:
        assert "\n" not in str(error)


def small_model() -> bytes:
    w = Writer()
    x = w.tensor((1, 8), "int8", [0.1], [3])
    weights = w.tensor((4, 8), "int8", [0.05], [0], data=np.arange(-16, 16, dtype=np.int8).reshape(4, 8))
    y = w.tensor((1, 4), "int8", [0.2], [-5])
    w.operator("FULLY_CONNECTED", [x, weights, -1], [y], "FullyConnectedOptions", FusedActivationFunction=0)
    return w.bytes([x], [y])


def test_every_truncation() -> None:
    data = small_model()
    compile_graph(parse(data, "m", "m.tflite"))
    for length in range(len(data)):
        compile_or_refuse(data[:length])


def test_every_byte_changed() -> None:
    data = small_model()
    for position in range(8, len(data)):
        for value in (0, 0x7F, 0x80, 0xFF):
            compile_or_refuse(data[:position] + bytes([value]) + data[position + 1 :])


@QUIET
@given(models(), st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 255)), min_size=1, max_size=8))
def test_random_damage(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for position, value in changes:
        damaged[position % len(damaged)] = value
    compile_or_refuse(bytes(damaged))


@QUIET
@given(st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    compile_or_refuse(data)
    compile_or_refuse(b"\x1c\0\0\0TFL3" + data)


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "empty"), (b"RIFF....WAVE", "not a .tflite"), (b"\x1c\0\0\0TFL3", "damaged")]
)
def test_files_that_are_no_model(tmp_path: Path, content: bytes, word: str) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=word):
        read_model(file)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read"):
        read_model(tmp_path / "none.tflite")
    with pytest.raises(ModelError, match="cannot read"):
        read_model(tmp_path)
