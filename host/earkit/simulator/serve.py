"""A simulated board behind a serial port that other programs open: in this process, or in one of its own."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.errors import EarkitError, SimulatorError
from earkit.simulator.board import SimulatedBoard
from earkit.simulator.terminal import Line, PtyLine, Terminal

BOOT_SECONDS = 0.05
"""Until the board listens to its serial port: who connects first may write at once."""
_LEAVE_SECONDS = 5.0

Samples = NDArray[np.int16]
Hearing = Callable[[Callable[[Samples], None]], AbstractContextManager[None]]
"""Calls the function with sound until its block ends, as `audio.microphone.listening` does."""


def _silence(_heard: Callable[[Samples], None]) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


def _ignore(_text: str) -> None:
    """Where nobody reads warnings."""


def serve(
    image: Path,
    samples: Samples,
    line: Line,
    ready: Callable[[str], None],
    *,
    speed: float = 1.0,
    flash: Path | None = None,
    warn: Callable[[str], None] = _ignore,
    hearing: Hearing = _silence,
) -> None:
    """Run the board with `image`, its serial port on `line`, until interrupted; close the line then.

    The board hears `samples` (int16, 16 kHz), and then what `hearing` brings. `ready` gets the line's name
    when the board listens there. Raises SimulatorError when the image cannot run.
    """
    board = SimulatedBoard(image, warn=warn, flash=flash)
    board.play(samples)
    board.run(BOOT_SECONDS)
    with Terminal(board, line, speed) as terminal, hearing(board.play):
        ready(line.url)
        terminal.serve()


@contextmanager
def served(image: Path, samples: Samples) -> Iterator[str]:
    """The same on a pseudo-terminal, in a process that ends with the block and, at the latest, with this
    process, however that ends. Yields the port's name.

    Raises the EarkitError that keeps the board from starting.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_parent, args=(theirs, image, samples), daemon=True)
    with _interrupts_held_back():
        process.start()
    theirs.close()
    try:
        yield _port_name(ours)
    finally:
        ours.close()
        process.join(_LEAVE_SECONDS)
        process.kill()
        process.join()


def _port_name(ours: Connection) -> str:
    try:
        found = ours.recv()
    except EOFError:
        raise SimulatorError("the simulated board ended before it listened") from None
    if isinstance(found, EarkitError):
        raise found
    return str(found)


def _serve_parent(parent: Connection, image: Path, samples: Samples) -> None:
    """In the process of its own: the parent gets the port's name, or the error."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    listens = threading.Event()

    def ready(url: str) -> None:
        listens.set()
        parent.send(url)

    try:
        serve(image, samples, PtyLine(), ready)
    except EarkitError as error:
        if listens.is_set():  # nobody waits for it any more
            print(f"simulator: {error}", file=sys.stderr)
        else:
            parent.send(error)


def _end_with(parent: Connection) -> None:
    """The other end of the pipe is closed when the block is left, and by the system when its process dies."""
    with contextlib.suppress(EOFError, OSError):
        parent.recv()
    os._exit(0)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A terminal's Ctrl-C goes to child processes too. One that starts in this block never sees it: its
    parent says goodbye to the board first."""
    resource_tracker.ensure_running()  # it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
