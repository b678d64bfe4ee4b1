"""The same tests on any board: pytest tests/board [--board sim|renode|PORT] [--board-image ELF].

`sim`, the default, is the simulated board; PORT is a real one, such as /dev/ttyACM0. --board-image runs a
built image, such as the Arduino one, instead of building the bare one; its model is the one that ships.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from earkit import paths
from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.errors import EarkitError

REPLY_SECONDS = {"sim": 60.0, "renode": 60.0}
"""By engine; of this computer's time, of which others may take much."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--board", default="sim", help="sim, renode, or the port of a real board")
    parser.addoption("--board-image", type=Path, help="an ELF to run instead of building one")


@pytest.fixture(scope="session")
def board_name(request: pytest.FixtureRequest) -> str:
    name: str = request.config.getoption("--board")
    if name == "renode" and not shutil.which("renode"):
        pytest.fail("Renode is not installed")
    return name


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> Path:
    """The model in the board: TFLM's own, or where the image is given or the board real, ours."""
    if request.config.getoption("--board-image") or request.config.getoption("--board") not in REPLY_SECONDS:
        return paths.kit() / "models/micro_speech/micro_speech.tflite"
    data: Path = request.getfixturevalue("tflm_micro_speech")
    return data / "models" / "micro_speech_quantized.tflite"


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest, model: Path) -> Path:
    given: Path | None = request.config.getoption("--board-image")
    if given:
        return given
    if not shutil.which("arm-none-eabi-gcc"):
        pytest.skip("arm-none-eabi-gcc is not installed")
    from earkit.spotter.image import build_image

    return build_image(str(model))


@pytest.fixture
def bare_image(request: pytest.FixtureRequest, board_name: str) -> Path:
    """The bare board's own image, for faults that only the simulated board has; or a skip."""
    if board_name != "sim" or request.config.getoption("--board-image"):
        pytest.skip("its flash and microphone cannot be made to fail")
    image: Path = request.getfixturevalue("image")
    return image


@pytest.fixture
def simulated(request: pytest.FixtureRequest, board_name: str) -> Iterator[Any]:
    """The simulated board, or a skip where a real one is tested: it has no sound to play."""
    if board_name not in REPLY_SECONDS:
        pytest.skip("a real board hears the room")
    if board_name == "renode":
        from earkit.simulator.renode import RenodeBoard as Board
    else:
        from earkit.simulator.board import SimulatedBoard as Board  # type: ignore[assignment]
    with Board(request.getfixturevalue("image")) as board:
        yield board


@pytest.fixture
def ours(board_name: str, simulated: Any) -> Any:
    """The simulated board for what only it can do: lose its power, keep its flash in a file."""
    if board_name != "sim":
        pytest.skip("Renode's board keeps its power and its flash to itself")
    return simulated


@pytest.fixture
def session(request: pytest.FixtureRequest, board_name: str) -> Iterator[Session]:
    """A session with the board under test, after hello."""
    port: Any
    if board_name in REPLY_SECONDS:
        port = request.getfixturevalue("simulated").port()
        port.timeout = 0.02
    else:
        port = open_port(board_name)
    try:
        with Session(port, reply_seconds=REPLY_SECONDS.get(board_name, 5.0)) as session:
            yield session
    except EarkitError as error:
        pytest.fail(str(error))
