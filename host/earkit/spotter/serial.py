"""A conversation with a board by the name of its port, where `sim` is a simulated one."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.device.ports import Port, open_port
from earkit.device.session import Session
from earkit.errors import LinkError, require_all
from earkit.progress import Progress, silent
from earkit.spotter.model import Engine, one_by_one

SIMULATED = "sim"
_READ_SECONDS = 0.01
"""Simulated; what a session waits for is there or comes soon."""


def open_board(port: str, image: Callable[[], Path]) -> Port:
    """Open a board's port; `sim` is a simulated board that was just switched on with `image`, which is built
    for that alone. Raises LinkError."""
    if port != SIMULATED:
        return open_port(port)
    require_all("sim", "unicorn", "elftools")
    from earkit.simulator.board import SimulatedBoard
    from earkit.simulator.serve import BOOT_SECONDS

    board = SimulatedBoard(image())
    board.run(BOOT_SECONDS)
    opened = board.port()
    opened.timeout = _READ_SECONDS
    return opened


@contextmanager
def session_with(model: Path, port: str, image: Callable[[], Path], advice: str) -> Iterator[Session]:
    """A session with a board that runs this very model. Raises LinkError with `advice` for another."""
    with Session(open_board(port, image)) as session:
        if session.board.sha256 != hashlib.sha256(model.read_bytes()).hexdigest():
            raise LinkError(f"the board runs {session.board.model!r}, not this {model.stem}", advice)
        yield session


def ask(port: str, windows: NDArray[np.int8], labels: tuple[str, ...], progress: Progress = silent) -> Engine:
    """A board whose model is the same: it gets each of `windows`, and what it answered is kept.

    Raises LinkError when it does not answer or its labels are others.
    """
    with Session(open_port(port)) as session:
        if session.board.labels != labels:
            raise LinkError(
                f"the board hears {', '.join(session.board.labels)}, the model {', '.join(labels)}",
                "flash the same model first",
            )
        found = one_by_one(
            lambda window: np.frombuffer(session.infer(window.tobytes()), np.int8), windows, progress
        )
    return Engine(lambda _: found)
