"""The kernels under the address and undefined-behaviour sanitizers, in buffers of exactly their size."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from random_models import lending_models, models, moving_models
from tflite_writer import Writer

from earkit import paths
from earkit.bench.exactness import WheelModel, model_inputs, moving_rows, stream_by_windows
from earkit.compiler.compile import CompiledSource, compile_graph
from earkit.compiler.plan import STACK_BYTES
from earkit.compiler.read import parse
from earkit.core.model_folder import read_header

ROOT = Path(__file__).parents[3]
CORE = ROOT / "firmware/core"
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-g", "-fsanitize=address,undefined"]
FLAGS += ["-fno-sanitize-recover=all", f"-I{CORE}"]

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")


def run(program: Path, stdin: bytes = b"") -> bytes:
    done = subprocess.run([program], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    return done.stdout


def test_requantisation(tmp_path: Path) -> None:
    source = ROOT / "tests/firmware/test_kernels.c"
    subprocess.run(["gcc", *FLAGS, str(source), "-o", str(tmp_path / "t")], check=True)
    run(tmp_path / "t")


def harness(compiled: CompiledSource) -> str:
    """A program that reads inputs and writes outputs, in buffers from malloc."""
    inputs, outputs = compiled.graph.inputs, compiled.graph.outputs
    lines = [f"int8_t *in{i} = malloc({t.bytes});" for i, t in enumerate(inputs)]
    lines += [f"int8_t *out{i} = malloc({t.bytes});" for i, t in enumerate(outputs)]
    reads = [f"fread(in{i}, 1, {t.bytes}, stdin) == {t.bytes}" for i, t in enumerate(inputs)]
    arguments = [*(f"in{i}" for i in range(len(inputs))), *(f"out{i}" for i in range(len(outputs))), "arena"]
    writes = [f"fwrite(out{i}, 1, {t.bytes}, stdout);" for i, t in enumerate(outputs)]
    frees = [f"free({name});" for name in arguments]
    return (
        '#include <stdio.h>\n#include <stdlib.h>\n#include "model.h"\nint main(void) {'
        + " ".join(lines)
        + "void *arena = malloc(MODEL_ARENA_BYTES);"
        + f"while ({' && '.join(reads)}) {{ model_invoke({', '.join(arguments)}); {' '.join(writes)} }}"
        + " ".join(frees)
        + "return 0; }\n"
    )


@settings(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
@given(models())
def test_random_models_stay_in_their_buffers(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    pytest.importorskip("tflite_micro")
    graph = parse(data, "m", "m")
    compiled = compile_graph(graph)
    program = build(compiled, harness(compiled), tmp_path_factory.mktemp("model"))
    wheel = WheelModel(graph, 1 << 21)
    cases = list(model_inputs(graph.inputs, 20))
    printed = run(program, b"".join(np.ascontiguousarray(x).tobytes() for case in cases for x in case))
    assert printed == b"".join(y.tobytes() for case in cases for y in wheel.invoke(*case))


STREAM = """#include <stdio.h>
#include <stdlib.h>
#include "model.h"
int main(void) {
  size_t size = MODEL_STEP_ROWS * MODEL_ROW_BYTES;
  int8_t *rows = malloc(size), *output = malloc(MODEL_OUTPUT_0_ELEMENTS);
  void *state = malloc(MODEL_STATE_BYTES);
  model_start(state);
  while (fread(rows, 1, size, stdin) == size) {
    model_step(rows, output, state);
    fwrite(output, 1, MODEL_OUTPUT_0_ELEMENTS, stdout);
  }
  free(rows), free(output), free(state);
}
"""


@settings(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
@given(moving_models())
def test_streams_stay_in_their_buffers(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    pytest.importorskip("tflite_micro")
    graph = parse(data, "m", "m")
    compiled = compile_graph(graph)
    assume(compiled.streaming)
    folder = tmp_path_factory.mktemp("model")
    program = build(compiled, STREAM, folder)
    header = read_header(folder)
    rows = moving_rows(graph.inputs[0], header)
    expected = stream_by_windows(WheelModel(graph, 1 << 21), graph.inputs[0], header, rows)
    assert run(program, rows.tobytes()) == expected.tobytes()


LOAN = """#include <stdio.h>
#include <string.h>
#include "engine.h"
#include "model.h"
#define SIZE MODEL_INPUT_0_ELEMENTS
static void say(const void *output) { fwrite(output, 1, MODEL_OUTPUT_0_ELEMENTS, stdout); }
int main(void) {
  static _Alignas(4) int8_t rows[MODEL_STEP_ROWS * MODEL_ROW_BYTES], input[SIZE];
  int8_t *lent = NULL;
  ear_engine_init();
  for (int i = 0; fread(rows, 1, sizeof rows, stdin) == sizeof rows; i++) {
    if (fread(input, 1, SIZE, stdin) != SIZE) return 1;
    say(ear_engine_slide(rows, MODEL_STEP_ROWS, MODEL_ROW_BYTES));
    if (i % 6 == 1) {
      lent = ear_engine_borrow();
      memcpy(lent, input, SIZE);
    }
    if (i % 6 == 2 || i % 6 == 3) say(ear_engine_invoke());
    if (i % 6 == 4) ear_engine_give_back();
  }
}
"""


@settings(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lending_models())
def test_lent_memory_is_exact(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """The window goes on while its state holds somebody else's input, and neither touches the other."""
    pytest.importorskip("tflite_micro")
    compiled = compile_graph(parse(data, "m", "m"))
    assume(compiled.streaming and compiled.streaming.loan)
    assert_lent_is_exact(compiled, tmp_path_factory.mktemp("model"))


def test_lent_memory_with_scratch_in_the_state(tmp_path: Path) -> None:
    """The layer that moves wants more working memory than lies on the stack."""
    pytest.importorskip("tflite_micro")
    random = np.random.default_rng(0)
    w = Writer()
    x = w.tensor((1, 30, 64, 1), "int8", [0.1], [-128])
    filters = random.integers(-127, 128, (8, 10, 4, 1)).astype(np.int8)
    h = w.tensor((1, 30, 64, 8), "int8", [0.3], [-20])
    w.operator(
        "CONV_2D", [x, w.tensor(filters.shape, "int8", [0.01], [0], data=filters), -1], [h], "Conv2DOptions",
        Padding=0, StrideH=1, StrideW=1, DilationHFactor=1, DilationWFactor=1, FusedActivationFunction=0,
    )  # fmt: skip
    dense = random.integers(-127, 128, (4, 30 * 64 * 8)).astype(np.int8)
    y = w.tensor((1, 4), "int8", [2.0], [0])
    weights = w.tensor(dense.shape, "int8", [0.005], [0], data=dense)
    w.operator("FULLY_CONNECTED", [h, weights, -1], [y], "FullyConnectedOptions", FusedActivationFunction=0)
    compiled = compile_graph(parse(w.bytes([x], [y]), "m", "m"))
    assert compiled.streaming and compiled.streaming.loan
    assert compiled.layers[0].scratch_bytes > STACK_BYTES
    assert_lent_is_exact(compiled, tmp_path)


def assert_lent_is_exact(compiled: CompiledSource, folder: Path) -> None:
    graph = compiled.graph
    program = build(compiled, LOAN, folder, ROOT / "firmware/engines/compiled/engine.c")
    header, wheel = read_header(folder), WheelModel(graph, 1 << 21)
    rows = moving_rows(graph.inputs[0], header)
    slides = stream_by_windows(wheel, graph.inputs[0], header, rows)
    steps = rows.reshape(len(slides), -1)
    inputs = np.random.default_rng(0).integers(-128, 128, (len(slides), graph.inputs[0].count), np.int8)
    expected = b""
    for i, slide in enumerate(slides):
        expected += slide.tobytes()
        if i % 6 in (2, 3):
            given = inputs[i - i % 6 + 1].reshape(graph.inputs[0].shape)
            expected += wheel.invoke(given)[0].tobytes()
    stdin = b"".join(step.tobytes() + whole.tobytes() for step, whole in zip(steps, inputs, strict=True))
    assert run(program, stdin) == expected


def build(compiled: CompiledSource, main: str, folder: Path, *others: Path) -> Path:
    """The model with a main function, under the sanitizers."""
    compiled.write(folder)
    (folder / "main.c").write_text(main)
    sources = [folder / "main.c", folder / "model.c", *read_header(folder).kernels, *others]
    subprocess.run(["gcc", *FLAGS, f"-I{folder}", *map(str, sources), "-o", str(folder / "t")], check=True)
    return folder / "t"


def test_one_kernel_a_file() -> None:
    """Each kernel of the contract is defined in a file that bears its operator's name."""
    kit = paths.kit() / "firmware/core/kernels"
    defined = "".join(file.read_text() for file in kit.glob("*.c"))
    contract = (kit / "kernels.h").read_text()
    for line in contract.splitlines():
        if line.startswith("void ear_"):
            assert f"\n{line.split('(')[0]}(" in defined, line
