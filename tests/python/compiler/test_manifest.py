"""model.json: what the compiler writes is what core reads, and anything else is refused in one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_models import models, moving_models

from earkit import __version__, paths
from earkit.compiler.compile import CompiledSource, compile_graph
from earkit.compiler.read import parse, read_model
from earkit.core.compiled import CompiledModel
from earkit.core.model_folder import read_header
from earkit.errors import ModelError

MODEL = Path(__file__).parents[3] / "models/micro_speech/micro_speech.tflite"
QUIET = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
Facts = dict[str, Any]


@pytest.fixture(scope="module")
def compiled() -> CompiledSource:
    return compile_graph(read_model(MODEL))


@pytest.fixture
def folder(compiled: CompiledSource, tmp_path: Path) -> Path:
    compiled.write(tmp_path)
    return tmp_path


def change(folder: Path, by: Callable[[Facts], object]) -> None:
    facts = json.loads((folder / "model.json").read_text())
    by(facts)
    (folder / "model.json").write_text(json.dumps(facts))


def refused(folder: Path, *words: str) -> None:
    for reader in (read_header, CompiledModel):
        with pytest.raises(ModelError) as caught:
            reader(folder)
        assert "\n" not in str(caught.value) and caught.value.hint
        assert all(word in str(caught.value) for word in words), str(caught.value)


@QUIET
@given(models() | moving_models())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    compiled = compile_graph(parse(data, "m", "m"))
    folder = tmp_path_factory.mktemp("model")
    compiled.write(folder)
    header = read_header(folder)
    for tensors, facts in ((compiled.graph.inputs, header.inputs), (compiled.graph.outputs, header.outputs)):
        for tensor, fact in zip(tensors, facts, strict=True):
            assert (tensor.shape, tensor.scale, tensor.zero_point) == (
                fact.shape,
                fact.scale,
                fact.zero_point,
            )
            assert np.dtype(fact.dtype).name == tensor.dtype
    assert header.arena_bytes == compiled.plan.arena_bytes
    streaming = compiled.streaming
    assert header.state_bytes == (streaming.plan.arena_bytes if streaming else 0)
    assert bool(header.step_rows) == bool(streaming)
    for name in header.functions:
        assert f"LAYER {name}(" in compiled.source
    assert compiled.source.count("LAYER model_layer_") == 2 * len(header.functions)
    called = {layer.kernel.name for layer in compiled.running} - {"memcpy"}
    texts = "".join(path.read_text() for path in header.kernels)
    assert all(f"void {kernel}(" in texts for kernel in called)


def test_what_it_says(compiled: CompiledSource) -> None:
    facts = json.loads(compiled.manifest)
    assert (facts["format"], facts["compiler"]) == (1, f"earkit {__version__}")
    assert facts["sha256"] == compiled.graph.sha256 and facts["sha256"] in compiled.header
    first, reshape, dense, softmax = facts["layers"]
    assert (first["operator"], first["macs"]) == ("DEPTHWISE_CONV_2D", 320_000)
    assert first["inputs"][0]["shape"] == [1, 49, 40, 1] and first["output"]["shape"] == [1, 25, 20, 8]
    assert len(first["inputs"][1]["scale"]) == 8 and first["inputs"][1]["dimension"] == 3
    assert first["kernel"] == "ear_conv_2d_mono" and "rows.c" in first["kernel_files"]
    assert reshape["functions"] == [] and reshape["kernel"] is None
    assert dense["functions"] == ["model_layer_2_fully_connected"]
    assert set(softmax["kernel_files"]) <= set(facts["kernel_files"])
    assert facts["stream"] == {
        "rows": 2, "row_bytes": 40, "state_bytes": 5968, "stack_bytes": 960, "lent_input": 0
    }  # fmt: skip


def test_missing(folder: Path) -> None:
    (folder / "model.json").unlink()
    refused(folder, "model.json", "earkit export")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format": 1e999}', b"7" * 5000]
)
def test_not_the_json_that_it_must_be(folder: Path, content: bytes) -> None:
    (folder / "model.json").write_bytes(content)
    refused(folder, "model.json is damaged", "export the model again")


def test_every_truncation(folder: Path) -> None:
    text = (folder / "model.json").read_bytes()
    for length in range(0, len(text) - 2, 97):
        (folder / "model.json").write_bytes(text[:length])
        with pytest.raises(ModelError, match="damaged"):
            read_header(folder)


@pytest.mark.parametrize(
    "key", ["format", "inputs", "outputs", "arena_bytes", "stream", "kernel_files", "layers"]
)
def test_every_fact_is_needed(folder: Path, key: str) -> None:
    change(folder, lambda facts: facts.pop(key))
    refused(folder, key)


WRONG: dict[str, Callable[[Facts], object]] = {
    "format": lambda f: f.update(format=2),
    "arena_bytes": lambda f: f.update(arena_bytes=1 << 40),
    "arena_bytes ": lambda f: f.update(arena_bytes=-8),
    "arena_bytes  ": lambda f: f.update(arena_bytes=True),
    "arena_bytes   ": lambda f: f.update(arena_bytes="4008"),
    "state_bytes": lambda f: f["stream"].update(state_bytes=1e6),
    "row_bytes": lambda f: f["stream"].update(row_bytes=41),
    "rows": lambda f: f["stream"].update(rows=0),
    "shape": lambda f: f["inputs"][0].update(shape=[1, -49, 40, 1]),
    "shape ": lambda f: f["inputs"][0].update(shape=[1, 49.0, 40, 1]),
    "too large": lambda f: f["inputs"][0].update(shape=[1 << 20] * 8),
    "dtype": lambda f: f["outputs"][0].update(dtype="object"),
    "scale": lambda f: f["outputs"][0].update(scale=float("nan")),
    "scale ": lambda f: f["outputs"][0].update(scale=0),
    "zero_point": lambda f: f["outputs"][0].update(zero_point=128),
    "outputs": lambda f: f.update(outputs=[]),
    "a stream has": lambda f: f["inputs"].append(f["inputs"][0]),
    "kernel_files": lambda f: f["kernel_files"].append("../../../../tmp/evil.c"),
    "kernel_files ": lambda f: f["kernel_files"].append("/etc/passwd"),
    "kernel_files  ": lambda f: f["kernel_files"].append("kernels.h"),
    "kernel_files   ": lambda f: f.update(kernel_files="add.c"),
    "kernel_files    ": lambda f: f["kernel_files"].append(["add.c"]),
    "functions": lambda f: f["layers"][0]["functions"].append("system"),
    "functions ": lambda f: f["layers"][0].update(functions={"a": 1}),
    "layers": lambda f: f.update(layers=3),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_facts(folder: Path, name: str) -> None:
    change(folder, WRONG[name])
    refused(folder, "model.json is damaged", name.strip())


def test_it_may_be_large_but_not_endless(folder: Path) -> None:
    (folder / "model.json").write_bytes(b" " * (17 << 20))
    refused(folder, "too large")


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_kernels_come_from_the_kit(folder: Path) -> None:
    """A kernel of the same name beside model.c is not what is compiled."""
    (folder / "softmax.c").write_text("#error mine\n")
    assert read_header(folder).kernels[-1] == paths.kit() / "firmware/core/kernels/softmax.c"
    assert len(CompiledModel(folder).invoke(np.zeros((1, 49, 40, 1), np.int8))) == 1
