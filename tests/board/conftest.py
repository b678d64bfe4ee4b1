"""The same tests on the simulated board, or on a real one: pytest tests/board --board /dev/ttyACM0."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from earshot.device.ports import open_port
from earshot.device.session import Session
from earshot.errors import EarshotError


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--board", dest="board_port", help="the port of a real board for tests/board")


@pytest.fixture(scope="session")
def model(tflm_micro_speech: Path) -> Path:
    return tflm_micro_speech / "models" / "micro_speech_quantized.tflite"


@pytest.fixture(scope="session")
def image(model: Path) -> Path:
    if not shutil.which("arm-none-eabi-gcc"):
        pytest.skip("arm-none-eabi-gcc is not installed")
    from earshot.commands._image import build_image

    return build_image(str(model))


@pytest.fixture
def simulated(request: pytest.FixtureRequest) -> object:
    """The simulated board, or a skip where a real one is tested: it has no sound to play."""
    if request.config.getoption("board_port"):
        pytest.skip("a real board hears the room")
    from earshot.simulator.board import SimulatedBoard

    return SimulatedBoard(request.getfixturevalue("image"))


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session with the board under test, after hello."""
    name = request.config.getoption("board_port")
    if name:
        port = open_port(name)
    else:
        port = request.getfixturevalue("simulated").port()
        port.timeout = 0.02
    try:
        with Session(port, reply_seconds=5) as session:
            yield session
    except EarshotError as error:
        pytest.fail(str(error))
