"""The simulated board's serial port, with the part of pyserial's interface that a session uses.

Its timeouts are in simulated time: waiting for bytes advances the board.
"""

from typing import Protocol

_SLICE = 0.005


class Board(Protocol):
    def run(self, seconds: float) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    @property
    def time(self) -> float: ...


class SimulatedPort:
    name = "sim"

    def __init__(self, board: Board, timeout: float | None = 1.0) -> None:
        self._board = board
        self._received = bytearray()
        self.timeout = timeout
        """Simulated seconds that `read` waits at most; None waits for ever."""
        self.baudrate = 115200
        """Kept for callers; the simulated wire follows the board's own baud register."""
        self.is_open = True

    @property
    def in_waiting(self) -> int:
        return len(self._received)

    def read(self, size: int = 1) -> bytes:
        """Up to `size` bytes; fewer when the timeout passes."""
        end = None if self.timeout is None else self._board.time + self.timeout
        while len(self._received) < size and (end is None or self._board.time < end):
            self._received += self._board.run(_SLICE)
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    def write(self, data: bytes) -> int:
        self._board.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits on this side."""

    def reset_input_buffer(self) -> None:
        self._received.clear()

    def close(self) -> None:
        self.is_open = False
