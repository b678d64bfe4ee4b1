"""The TFLite Micro engine on the simulated Cortex-M4, against the compiled engine.

It wants TFLite Micro built for the board, which neither the project nor its tests bring:
EARKIT_TFLM_LIB=libtflm.a (hard floats), EARKIT_TFLM_INCLUDE=DIR:DIR..., EARKIT_TFLM_DEFINES and
EARKIT_TFLM_STD as it was built with, and Debian's libstdc++-arm-none-eabi-newlib. The figures are in
docs/lab-book/engines.md.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="no simulated core without the sim extra")

from earkit import paths
from earkit.bench.board_model import BoardModel
from earkit.bench.exactness import model_inputs
from earkit.compiler.export import export_model
from earkit.compiler.read import read_model
from earkit.simulator.probe import Probe
from earkit.toolchain import arm

LIB, INCLUDE = os.environ.get("EARKIT_TFLM_LIB"), os.environ.get("EARKIT_TFLM_INCLUDE", "")
STANDARD = os.environ.get("EARKIT_TFLM_STD", "gnu++17")
ENGINE = paths.kit() / "firmware/engines/tflm/engine.cpp"
DEFINES = os.environ.get("EARKIT_TFLM_DEFINES", "TF_LITE_STATIC_MEMORY TF_LITE_STRIP_ERROR_STRINGS NDEBUG")
INPUTS = 40
needs_tflm = pytest.mark.skipif(
    not LIB, reason="EARKIT_TFLM_LIB names no TFLite Micro built for the Cortex-M4"
)


def compile_engine(folder: Path, out: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    """Our engine against TFLM's headers; warnings in ours are errors, theirs are theirs."""
    flags = arm.flags()
    ours = [paths.kit() / "firmware/core", folder]
    return subprocess.run(
        ["arm-none-eabi-g++", *flags.cpu, "-ffunction-sections", "-fdata-sections", "-fno-exceptions",
         "-fno-rtti", "-fno-threadsafe-statics", f"-std={STANDARD}", *flags.warnings, flags.fast,
         *(f"-D{name}" for name in DEFINES.split()), *(f"-I{path}" for path in ours),
         *(f"-isystem{path}" for path in INCLUDE.split(":")), *extra, "-c", str(ENGINE), "-o", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def link(folder: Path, out: Path) -> Path:
    """A probe with the engine, the model's array and TFLite Micro."""
    engine, data, start = (out / f"{name}.o" for name in ("engine", "data", "start"))
    result = compile_engine(folder, engine)
    assert result.returncode == 0, result.stderr
    probe = paths.kit() / "firmware/app/probe"
    arm.compile_c(folder / "model_data.c", [folder], data)
    arm.compile_c(probe / "probe.c", [], start)
    elf = out / "tflm.elf"
    keep = [f"ear_engine_{name}" for name in ("init", "error", "borrow", "invoke", "slide")]
    arm.run(["arm-none-eabi-g++", *arm.flags().cpu, *arm.flags().link, "--specs=nosys.specs",
             "-Wl,--gc-sections", "-Wl,--defsym=end=probe_ram_free",
             *(f"-Wl,--undefined={name}" for name in keep), "-T", probe / "probe.ld", start, engine, data,
             LIB or "", "-lm", "-o", elf])  # fmt: skip
    return elf


class TflmBoard:
    def __init__(self, elf: Path) -> None:
        self.probe = Probe(elf)
        started = self.probe.call("ear_engine_init")
        error = self.probe.read(self.probe.call("ear_engine_error").value, 100).split(b"\0")[0].decode()
        assert started.value & 1, error

    def invoke(self, values: np.ndarray, outputs: int) -> tuple[np.ndarray, int]:
        """int8 outputs and the instructions they took."""
        self.probe.write(self.probe.call("ear_engine_borrow").value, values.tobytes())
        call = self.probe.call("ear_engine_invoke")
        assert call.value, "the engine failed"
        return np.frombuffer(self.probe.read(call.value, outputs), np.int8), call.instructions


@needs_tflm
@pytest.mark.parametrize("name", ["shipped", "tflm"])
def test_outputs_are_those_of_the_compiled_engine(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model = paths.kit() / "models/micro_speech/micro_speech.tflite"
    if name == "tflm":
        data: Path = request.getfixturevalue("tflm_micro_speech")
        model = data / "models/micro_speech_quantized.tflite"
    folder = tmp_path / "model"
    export_model(model, folder)
    tflm, compiled = TflmBoard(link(folder, tmp_path)), BoardModel(folder)
    counts = []
    for (values,) in model_inputs(read_model(model).inputs, INPUTS):
        (expected,) = compiled.invoke(values)
        found, instructions = tflm.invoke(values, expected.size)
        assert np.array_equal(found, expected.ravel())
        counts.append(instructions)
    print(f"{name}: {INPUTS} inputs equal, {max(counts)} instructions at most")
    assert min(counts) > 100_000


@needs_tflm
def test_a_sliding_window_gives_what_the_whole_window_gives(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    export_model(paths.kit() / "models/micro_speech/micro_speech.tflite", folder)
    board = TflmBoard(link(folder, tmp_path))
    rows = np.random.default_rng(1).integers(-128, 128, (60, 40), np.int8)
    window = np.full((49, 40), -128, np.int8)
    address = board.probe.alloc(80)
    for pair in rows.reshape(30, 2, 40):
        window = np.concatenate([window[2:], pair])
        board.probe.write(address, pair.tobytes())
        slid = board.probe.call("ear_engine_slide", address, 2, 40).value
        scores = board.probe.read(slid, 4)
        assert scores == board.invoke(window, 4)[0].tobytes()


@needs_tflm
def test_a_per_channel_dense_layer_is_refused_by_an_old_library(tmp_path: Path) -> None:
    """The file that stands for an old library's is one of its own: newer ones have none."""
    folder = tmp_path / "model"
    export_model(paths.kit() / "models/micro_speech/micro_speech.tflite", folder)
    header = folder / "model_tflm.h"
    header.write_text(header.read_text().replace("PER_CHANNEL_DENSE 0", "PER_CHANNEL_DENSE 1"))
    old = tmp_path / "old/tensorflow/lite/micro"
    old.mkdir(parents=True)
    (old / "all_ops_resolver.h").write_text("")
    result = compile_engine(folder, tmp_path / "engine.o", f"-I{tmp_path / 'old'}")
    assert result.returncode != 0
    assert "quantised per channel" in arm.first_error(result.stderr)
