"""The compiled engine with a model whose stream takes less memory than a whole window: what a stranger asks
by `infer` is exact, and the stream goes on as if nothing had been asked."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from earkit import paths

pytest.importorskip("unicorn", reason="the sim extra is not installed")

from earkit.audio import clips
from earkit.device.session import Session
from earkit.simulator.board import SimulatedBoard
from earkit.spotter.image import build_image

MODEL = paths.kit() / "models/yes_no/yes_no.tflite"


@pytest.fixture(scope="module")
def image() -> Path:
    if not shutil.which("arm-none-eabi-gcc"):
        pytest.skip("arm-none-eabi-gcc is not installed")
    return build_image(str(MODEL))


def test_infer_is_exact(image: Path) -> None:
    interpreter = pytest.importorskip("tflite_micro").runtime.Interpreter.from_file(str(MODEL))
    rng = np.random.default_rng(1)
    with SimulatedBoard(image) as board:
        port = board.port()
        port.timeout = 0.02
        with Session(port, reply_seconds=20.0) as session:
            for row in [*rng.integers(-128, 128, (3, 1960)), np.full(1960, -128)]:
                interpreter.set_input(row.astype(np.int8).reshape(1, 49, 40, 1), 0)
                interpreter.invoke()
                expected = interpreter.get_output(0).astype(np.int8).tobytes()
                assert session.infer(row.astype(np.int8).tobytes()) == expected


def test_hears_as_well_after_being_asked(image: Path, tflm_micro_speech: Path) -> None:
    second = np.zeros(16000, np.int16)
    yes = clips.read(tflm_micro_speech / "testdata/yes_1000ms.wav").samples
    with SimulatedBoard(image) as board:
        port = board.port()
        port.timeout = 0.02
        with Session(port, reply_seconds=20.0) as session:
            session.infer(bytes(1960))
        board.play(np.concatenate([second, yes, second, second]))
        heard = re.findall(r"Heard (\w+) ", board.run(5.0).decode(errors="replace"))
    assert heard == ["yes"]
