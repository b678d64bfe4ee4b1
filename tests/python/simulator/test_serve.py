"""A simulated board in a process of its own ends with whoever started it, and says why it did not start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.errors import SimulatorError
from earkit.simulator.serve import served

SILENCE = np.zeros(0, np.int16)
PARENT = """
import sys, time
from pathlib import Path
import numpy as np
from earkit.simulator.serve import served

if __name__ == "__main__":
    with served(Path(sys.argv[1]), np.zeros(0, np.int16)) as port:
        print(port, flush=True)
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def image() -> Path:
    pytest.importorskip("unicorn")
    from earkit.errors import ToolError
    from earkit.spotter.image import build_image

    try:
        return build_image()
    except ToolError as error:
        pytest.skip(str(error))


def gone(path: str, seconds: float = 20) -> bool:
    """Whether a pseudo-terminal goes, which it does with its process."""
    end = time.monotonic() + seconds
    while Path(path).exists() and time.monotonic() < end:
        time.sleep(0.05)
    return not Path(path).exists()


def test_it_answers_and_ends_with_the_block(image: Path) -> None:
    with served(image, SILENCE) as port, Session(open_port(port)) as session:
        assert session.board.board == "nrf52840"
    assert gone(port)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent(image: Path, tmp_path: Path, number: signal.Signals) -> None:
    """Also when that is killed. A Ctrl-C of the terminal goes to both; the board leaves it to the parent."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(image)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert parent.stdout
    port = parent.stdout.readline().strip()
    try:
        assert Path(port).exists()
        if number == signal.SIGINT:
            os.killpg(parent.pid, number)
        else:
            parent.send_signal(number)
        _, said = parent.communicate(timeout=60)
        assert gone(port)
        assert said.count("Traceback") == (number == signal.SIGINT), "the parent's own alone"
    finally:
        parent.kill()


def test_why_it_does_not_start_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.elf"
    bad.write_text("no ELF")
    with pytest.raises(SimulatorError) as told, served(bad, SILENCE):
        pytest.fail("it has a port")
    assert "bad.elf is not an ELF image" in told.value.message and told.value.hint
