"""`earkit check`: right models give 0, a wrong kernel is found, and the output is as promised."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from earkit.bench import exactness
from earkit.bench.exactness import equal, model_inputs
from earkit.compiler.compile import CompiledSource
from earkit.compiler.graph import Graph
from earkit.compiler.read import read_model

pytest.importorskip("tflite_micro")


@pytest.fixture
def micro_speech(tflm_micro_speech: Path) -> Path:
    return tflm_micro_speech / "models/micro_speech_quantized.tflite"


def earkit(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "earkit", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_micro_speech_is_exact(micro_speech: Path) -> None:
    done = earkit("check", str(micro_speech), "--inputs", "100", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["inputs"] == 100
    assert found["mismatches"]["host"] == 0
    assert found["mismatches"]["board"] == 0 or found["board_reason"]


def test_a_wrong_model_is_found(micro_speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: one weight of the compiled C is not the model's."""
    real = exactness.compile_graph

    def wrong(graph: Graph, fast: bool) -> CompiledSource:
        compiled = real(graph, fast)
        source = compiled.source.replace("ear_softmax(1, 4, 1575942400", "ear_softmax(1, 4, 1475942400")
        assert source != compiled.source
        object.__setattr__(compiled, "source", source)
        return compiled

    monkeypatch.setattr(exactness, "compile_graph", wrong)
    result = exactness.check_graph(read_model(micro_speech), 60)
    assert result.host > 0
    assert result.board is None or result.board == result.host
    assert not result.is_exact


def test_inputs_repeat_and_cover(micro_speech: Path) -> None:
    tensors = read_model(micro_speech).inputs
    first, second = (list(model_inputs(tensors, 60)) for _ in range(2))
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first, second, strict=True))
    assert len({a[0].tobytes() for a in first}) > 50
    assert {-128, 127} <= {int(a[0].ravel()[0]) for a in first[:2]}


def test_one_ulp_and_no_more() -> None:
    x = np.array([1.0, -2.5e-38, 0.0, 3e38], np.float32)
    assert equal([x], [np.nextafter(x, np.float32(np.inf))])
    assert not equal([x], [np.nextafter(np.nextafter(x, np.float32(np.inf)), np.float32(np.inf))])
    assert equal([np.array([0.0], np.float32)], [np.array([-0.0], np.float32)])


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x1c\0\0\0TFL3\0\0\0\0"])
def test_broken_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.tflite").write_bytes(content)
    for command in (["check"], ["export", "--out", str(tmp_path / "out")]):
        done = earkit(*command, str(tmp_path / "m.tflite"))
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "out").exists()
