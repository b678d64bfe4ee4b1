"""The simulated board's serial line for other programs: a pseudo-terminal, or TCP on this computer.

As on a real serial line, what the board sends while nobody listens is lost.
"""

import contextlib
import os
import socket
import sys
import time
from types import TracebackType
from typing import Protocol, Self

from earkit.errors import SimulatorError
from earkit.simulator.board import SimulatedBoard

SLICE_SECONDS = 0.01
LAG_SECONDS = 0.2
"""A computer that was busy elsewhere catches up by this much; the rest is a pause, since a board that ran
at many times its speed would flood its listener."""
_READ_SIZE = 4096
_BACKLOG = 1 << 20
"""Bytes, half a minute of audio; then what the board sends is lost."""


class Line(Protocol):
    """Where the other program connects; neither method blocks."""

    url: str
    """What `serial_for_url` opens; empty where nothing can connect."""

    def receive(self) -> bytes: ...

    def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class PrintLine:
    """No other program: what the board sends is printed."""

    url = ""

    def receive(self) -> bytes:
        return b""

    def send(self, data: bytes) -> None:
        sys.stdout.write(data.decode(errors="replace").replace("\r\n", "\n"))
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing to close."""


class PtyLine:
    """A pseudo-terminal; readers may come and go.

    A terminal takes a few kB at once, a tenth of a second of audio; what a busy reader has not taken waits
    here, as in the driver of a USB port.
    """

    def __init__(self) -> None:
        try:
            import pty
            import select
            import tty
        except ImportError as error:
            raise SimulatorError(
                "this system has no pseudo-terminals", "use --tcp instead of --pty"
            ) from error
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self.url = os.ttyname(slave)
        os.close(slave)  # so that the other end shows whether somebody has it open
        self._waiting = bytearray()
        self._hung_up = select.POLLHUP
        self._poll = select.poll()
        self._poll.register(self._master, 0)

    def receive(self) -> bytes:
        with contextlib.suppress(OSError):  # nothing there, or nobody
            return os.read(self._master, _READ_SIZE)
        return b""

    def send(self, data: bytes) -> None:
        if any(event & self._hung_up for _, event in self._poll.poll(0)):
            self._waiting.clear()
            return
        self._waiting += data[: max(0, _BACKLOG - len(self._waiting))]
        with contextlib.suppress(OSError):
            del self._waiting[: os.write(self._master, self._waiting)]

    def close(self) -> None:
        os.close(self._master)


class TcpLine:
    """One listener at a time on a port of the loopback address; `socket://127.0.0.1:PORT`."""

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise SimulatorError(
                f"cannot listen on port {port}: {error.strerror}", "choose another"
            ) from error
        self._server.setblocking(False)
        self._peer: socket.socket | None = None
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def _connected(self) -> socket.socket | None:
        if self._peer is None:
            with contextlib.suppress(BlockingIOError):
                self._peer, _ = self._server.accept()
                self._peer.setblocking(False)
        return self._peer

    def receive(self) -> bytes:
        peer = self._connected()
        if peer is None:
            return b""
        try:
            data = peer.recv(_READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            peer.close()
            self._peer = None
        return data

    def send(self, data: bytes) -> None:
        if self._peer is not None:
            with contextlib.suppress(OSError):
                self._peer.send(data)

    def close(self) -> None:
        if self._peer is not None:
            self._peer.close()
        self._server.close()


class Terminal:
    """Runs a board in real time (or `speed` times that) with its serial port on a line."""

    def __init__(self, board: SimulatedBoard, line: Line, speed: float = 1.0) -> None:
        self._board = board
        self._line = line
        self._speed = speed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._line.close()

    def serve(self, seconds: float | None = None) -> None:
        """Run for `seconds` of simulated time, or until interrupted."""
        began, start = time.monotonic(), self._board.time
        while seconds is None or self._board.time - start < seconds:
            data = self._line.receive()
            if data:
                self._board.write(data)
            self._line.send(self._board.run(SLICE_SECONDS))
            ahead = (self._board.time - start) / self._speed - (time.monotonic() - began)
            if ahead > 0:
                time.sleep(ahead)
            began += max(0.0, -ahead - LAG_SECONDS)
