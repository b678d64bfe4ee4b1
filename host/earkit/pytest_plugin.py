"""pytest plugin: the fixture `board`, which tests a maker's own firmware and model in emulation.

    def test_hears_yes(board):
        board.play_wav("yes.wav")
        assert board.heard("yes", within=3)

It comes with the package; docs/ci.md shows it at work. Light to import: pytest loads it for every project
where Earkit is installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from earkit.errors import EarkitError
from earkit.spotter.heard import Heard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from earkit.simulator.board import SimulatedBoard

SLICE = 0.1
BOOT = 0.05
"""Seconds until the board listens to its serial port."""
SETTLE = 1.0
"""Seconds of a quiet room before the first sound: the front end learns what the room is like."""


@dataclass(frozen=True)
class HeardAt(Heard):
    """A detection, and when its line came."""

    time: float
    """Seconds since power-on."""


class Board:
    """A simulated board that runs the firmware. Deterministic; time passes only when a method says so."""

    def __init__(self, simulated: "SimulatedBoard", folder: Path) -> None:
        self.simulated = simulated
        """The board underneath: its lights, instructions, reset and raw serial port."""
        self.lines: list[str] = []
        """What the board sent so far, line by line."""
        self.detections: list[HeardAt] = []
        """What the board heard so far."""
        self._folder = folder
        self._rest = b""
        self._began = 0.0
        self._rng: np.random.Generator | None = None
        simulated.on_serial = self._take

    def __repr__(self) -> str:
        said = ", ".join(f"{heard.label} at {heard.time:.1f} s" for heard in self.detections)
        return f"<board that heard {said or 'nothing'}>"

    def play_wav(self, path: str | Path) -> None:
        """Queue a recording (WAV or FLAC); a relative path is taken from the test file's folder."""
        from earkit.audio import clips

        self.play(clips.read(self._folder / path).samples)

    def play(self, samples: "NDArray[np.int16]") -> None:
        """Queue sound: int16[n], 16 kHz, mono. It starts when what was queued before has ended."""
        if self.simulated.time < SETTLE:
            self.run(SETTLE - self.simulated.time)
        self._began = self.simulated.time + self.simulated.microphone.waiting / 16000
        self.simulated.play(samples)

    def run(self, seconds: float) -> None:
        """Let simulated time pass; where nothing is queued, the board hears a quiet room."""
        import numpy as np

        from earkit.audio import noise

        self._rng = self._rng or np.random.default_rng(0)
        lacking = round(seconds * 16000) - self.simulated.microphone.waiting
        if lacking > 0:
            self.simulated.play(noise.quiet_room(self._rng, lacking))
        self.simulated.run(seconds)

    def heard(self, label: str, within: float = 3.0) -> bool:
        """Whether the board hears `label` within so many seconds after the last sound began.

        Lets time pass until it does, or the time is up.
        """
        end = self._began + within
        while not any(h.label == label and self._began <= h.time <= end for h in self.detections):
            if self.simulated.time >= end:
                return False
            self.run(min(SLICE, end - self.simulated.time))
        return True

    def send(self, line: str) -> None:
        """Send one line to the board (docs/protocol.md); its answer comes while time passes."""
        self.simulated.write(line.encode() + b"\n")

    def _take(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for raw in whole:
            self._take_line(raw.decode(errors="replace").rstrip("\r"))

    def _take_line(self, line: str) -> None:
        from earkit.spotter.simulated import heard_in

        print(line)  # pytest shows it below a test that failed
        self.lines.append(line)
        for heard in heard_in([line]):
            self.detections.append(HeardAt(heard.label, heard.score, heard.ms, self.simulated.time))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("earkit", "Earkit: firmware on a simulated board")
    for name, what in (
        ("elf", "firmware image to test; without it Earkit's own is built"),
        ("model", "model to build Earkit's firmware with: a .tflite file or a shipped model's name"),
    ):
        group.addoption(f"--earkit-{name}", help=what)
        parser.addini(f"earkit_{name}", what)


def _option(config: pytest.Config, name: str) -> str:
    """From the command line, relative to the folder pytest runs in; or the ini file, relative to it."""
    given, folder = config.getoption(f"--earkit-{name}"), config.invocation_params.dir
    if not given:
        given, folder = config.getini(f"earkit_{name}"), config.rootpath
    path = folder / given
    return str(path) if given and path.is_file() else str(given or "")


def _fail(error: EarkitError) -> NoReturn:
    pytest.fail(f"earkit: {error}", pytrace=False)


@pytest.fixture(scope="session")
def earkit_image(request: pytest.FixtureRequest) -> Path:
    """The ELF under test: --earkit-elf, or Earkit's firmware with --earkit-model, built once."""
    elf = _option(request.config, "elf")
    if elf:
        return Path(elf)
    from earkit.spotter.image import build_image
    from earkit.spotter.model import DEFAULT_MODEL

    try:
        return build_image(_option(request.config, "model") or DEFAULT_MODEL)
    except EarkitError as error:
        _fail(error)


@pytest.fixture
def board(earkit_image: Path, request: pytest.FixtureRequest) -> Iterator[Board]:
    """A simulated board that was just switched on, a new one for each test."""
    from earkit.simulator.board import SimulatedBoard

    try:
        simulated = SimulatedBoard(earkit_image)
    except EarkitError as error:
        _fail(error)
    with simulated:
        switched_on = Board(simulated, request.path.parent)
        switched_on.run(BOOT)
        yield switched_on
