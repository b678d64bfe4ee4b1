"""The lesson's firmware on the simulated board, against TFLite Micro and against what a person types."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.compiler.compile import compile_graph
from earkit.compiler.read import read_model
from earkit.core.compiled import CompiledModel
from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.errors import LinkError
from earkit.lessons.board import to_real, to_tensor

ROOT = Path(__file__).parents[3]
FIRMWARE, MODELS = ROOT / "firmware", ROOT / "models"
INT8 = ("regression", "dense")
FLOAT32 = ("regression_float32", "dense_float32")


def folder_of(name: str) -> Path:
    family = name.removesuffix("_float32")
    return MODELS / family / ("c" if family == name else "c_float32")


@pytest.fixture(scope="module")
def boards() -> Any:
    """Boots the lesson with a shipped model; each image is built once."""
    if not shutil.which("arm-none-eabi-gcc"):
        pytest.skip("arm-none-eabi-gcc is not installed")
    pytest.importorskip("unicorn")
    from earkit.simulator.board import SimulatedBoard
    from earkit.toolchain import platformio

    def boot(name: str) -> SimulatedBoard:
        board = SimulatedBoard(platformio.build("lesson", folder_of(name)))
        board.run(0.05)
        return board

    return boot


def session_with(board: Any) -> Session:
    port = board.port()
    port.timeout = 0.01
    return Session(port, reply_seconds=20)


class Oracle:
    """TFLite Micro."""

    def __init__(self, name: str) -> None:
        runtime = pytest.importorskip("tflite_micro").runtime
        self._interpreter = runtime.Interpreter.from_file(
            str(MODELS / name.partition("_")[0] / f"{name}.tflite")
        )

    def __call__(self, value: np.ndarray) -> np.ndarray:
        self._interpreter.set_input(value.reshape(1, 1), 0)
        self._interpreter.invoke()
        return np.array(self._interpreter.get_output(0)).ravel()


@pytest.mark.parametrize("name", INT8)
def test_every_int8_input_is_answered_as_tflite_micro_does(name: str, boards: Any) -> None:
    """The whole input range, on the board and in the compiled C on this computer, to the last bit."""
    oracle, host = Oracle(name), CompiledModel(folder_of(name))
    with session_with(boards(name)) as session:
        for value in np.arange(-128, 128).astype(np.int8)[:, None]:
            expected = oracle(value)
            assert session.infer(value.tobytes()) == expected.tobytes(), value
            assert host.invoke(value)[0].ravel() == expected, value


@pytest.mark.parametrize("name", FLOAT32)
def test_float32_is_within_one_unit_in_the_last_place(name: str, boards: Any) -> None:
    oracle = Oracle(name)
    rng = np.random.default_rng(4)
    some = [*np.arange(-25, 26, 2.5), 0.1, 1e-30, 1e30, -1e6, *rng.normal(0, 100, 30)]
    with session_with(boards(name)) as session:
        for value in np.array(some, np.float32)[:, None]:
            expected = oracle(value)[0]
            given = np.frombuffer(session.infer(value.tobytes()), np.float32)[0]
            assert abs(given - expected) <= np.spacing(np.abs(expected)), value


def ask(board: Any, text: str) -> str:
    """What the board says to a person who types this."""
    board.write(f"{text}\r".encode())
    return str(board.run(0.1).decode())


@pytest.mark.parametrize("name", ["regression", "regression_float32"])
def test_a_person_types_a_number(name: str, boards: Any) -> None:
    """The same answer as the compiled C's on this computer, written with four decimals."""
    board, host = boards(name), CompiledModel(folder_of(name))
    (source,), (result,) = host.header.inputs, host.header.outputs
    for text in ("10", "-3", " 2.5 ", "+1", ".5", "7.", "0", "-0.0001", "000019.0", "3.14159265358979"):
        value = to_tensor(np.array([float(text)], np.float32), source)[0]
        y = float(to_real(host.invoke(value)[0], result).item())
        assert ask(board, text) == f"y = {y + 0.0:.4f}\r\n".replace("-0.0000", "0.0000"), text


def test_int8_says_where_it_ends(boards: Any) -> None:
    board = boards("regression")
    answers = [ask(board, text) for text in ("21", "999999999", "-20.1")]
    assert (
        answers[0]
        == answers[1]
        == "y = 38.8825 (x is beyond this model's int8, which ends here: 20.0784)\r\n"
    )
    assert "ends here: -19.9216" in answers[2]
    assert "beyond" not in ask(board, "20.1") + ask(board, "-19.9")


BAD = ("1.2.3", "-", "+", ".", "1e3", "1,5", "5 6", "--1", "1000000001", "9" * 70, "0x10", "-nan", "3x")


def test_what_is_no_number(boards: Any) -> None:
    board = boards("regression_float32")
    for text in BAD:
        assert ask(board, text) == "error type a number, such as 10 or -2.5, at most a billion\r\n", text
    for text in ("nan", "inf", "ten", "   "):
        assert ask(board, text) == "error unknown command; try help\r\n", text
    assert ask(board, "1" * 97) == "error line too long\r\n"
    assert ask(board, "NUMBER").startswith("error type a number")
    assert ask(board, "10") == "y = 18.9931\r\n"
    assert ask(board, "#17 10") == "#17 y = 18.9931\r\n"
    assert ask(board, "#18 ten") == "#18 error unknown command; try help\r\n"


def test_commands(boards: Any) -> None:
    board = boards("dense")
    assert ask(board, "help") == "ok NUMBER; hello [VERSION]; help; info; infer; reset; bye\r\n"
    assert ask(board, "infer") == "error say hello first\r\n"
    with session_with(board) as session:
        assert (session.board.model, session.board.labels) == ("dense", ())
        info = session.info()
        assert (info.input, info.input_count, info.output_count) == ("int8", 1, 1)
        assert info.input_scale == pytest.approx(40 / 255)
        assert session.command("10").startswith("ok y = 18.")
        with pytest.raises(LinkError, match="takes 1 bytes, not 4"):
            session.infer(bytes(4))
        session.reset()
        board.run(0.05)
        assert session.hello().model == "dense"


def test_lights_and_sleep(boards: Any) -> None:
    board = boards("regression")
    board.run(10)
    assert board.lights() == {"green"}
    assert board.asleep > 0.99
    assert "pin" not in ask(board, "info") and "y" in ask(board, "1"), (
        "the watchdog leaves a sleeping board alone"
    )


def test_a_spotters_model_is_refused(boards: Any) -> None:
    board = boards("micro_speech")
    assert ask(board, "10") == "error the model does not fit the lesson: one number in, one number out\r\n"
    assert ask(board, "info").startswith('{"board":"nrf52840","baud":115200,"error":"the model does not fit')
    assert board.lights() == {"red"}


@pytest.fixture
def native(compile_c: Callable[..., Path]) -> Iterator[Session]:
    """A session with the lesson on this computer, under the sanitizers; it must not have died in the end."""
    model = folder_of("regression_float32")
    parts = ("core/link", "boards/native", "app/console", "app/lesson", "engines/compiled")
    sources = [file for part in parts for file in sorted((FIRMWARE / part).glob("*.c"))]
    kernel = FIRMWARE / "core/kernels/fully_connected_float.c"
    given = (*sources, model / "model.c", model / "model_info.c", kernel, f"-I{model}")
    program = compile_c("lesson", *given)
    environment = {**os.environ, "EARKIT_PTY": "1"}
    with subprocess.Popen([program], env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        name = next(line.split()[1] for line in process.stderr if line.startswith("port: "))
        with Session(open_port(name)) as session:
            yield session
            assert process.poll() is None, process.stderr.read()
        process.kill()


def test_whatever_is_typed_has_one_answer(native: Session) -> None:
    """Numbers of every shape come back as the C library reads them; anything else is refused."""
    rng = np.random.default_rng(6)
    w, b = 1.998997449874878, -0.9968915581703186
    for _ in range(300):
        length = int(rng.integers(1, 24))
        text = "".join(rng.choice(list("0123456789.+- "), length, p=[*[0.08] * 10, 0.08, 0.02, 0.05, 0.05]))
        reply = native.command(text) if text.strip() else "error unknown command; try help"
        plain = re.fullmatch(r" *[+-]?(\d+\.?\d*|\.\d+) *", text)
        if plain and abs(float(text)) <= 1e9:
            y = w * np.float32(text) + b
            assert reply.startswith("ok y = "), (text, reply)
            assert float(reply.removeprefix("ok y = ")) == pytest.approx(y, rel=3e-7, abs=1.1e-4), text
        else:
            assert reply.startswith("error "), (text, reply)
    assert native.hello().board == "native"


def test_random_networks_equal_tflite_micro(tmp_path: Path) -> None:
    """The exporter on networks of other weights: the compiled C on every int8 input."""
    pytest.importorskip("tensorflow")
    runtime = pytest.importorskip("tflite_micro").runtime
    from earkit.lessons.dense import Dense, Network, to_tflite

    rng = np.random.default_rng(8)
    for number in range(4):
        shapes = ((1, width := int(rng.integers(1, 6))), (width, 1))
        layers = [
            Dense(rng.normal(0, 3, shape).astype(np.float32), rng.normal(0, 3, shape[1]).astype(np.float32))
            for shape in shapes
        ]
        path = tmp_path / f"{number}.tflite"
        path.write_bytes(to_tflite(Network(tuple(layers)), is_int8=True))
        compiled = compile_graph(read_model(path))
        compiled.write(tmp_path)
        host, interpreter = CompiledModel(tmp_path), runtime.Interpreter.from_file(str(path))
        for value in np.arange(-128, 128).astype(np.int8).reshape(-1, 1, 1):
            interpreter.set_input(value, 0)
            interpreter.invoke()
            assert host.invoke(value)[0] == interpreter.get_output(0), (number, value)
