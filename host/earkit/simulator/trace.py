"""A trace for whoever debugs firmware: each entry of a function, with the instructions run until then."""

from types import TracebackType

from earkit.simulator._counter import ffi
from earkit.simulator.board import SimulatedBoard

_RING = 1 << 16


class Trace:
    """Traces `board` from here to the end of the `with` block; the board runs a little slower.

    Functions that the compiler inlined are not entered. One trace at a time.
    """

    def __init__(self, board: SimulatedBoard) -> None:
        self._counter = board.cpu.counter
        self._names = {address: name for name, address in sorted(board.image.functions.items())}
        self._marks = ffi.new("uint32_t[]", sorted(self._names))
        self._log = ffi.new("uint64_t[]", 2 * _RING)
        self._seen = 0

    def __enter__(self) -> "Trace":
        counter = self._counter
        counter.log, counter.log_size, counter.log_count = self._log, _RING, 0
        counter.marks, counter.mark_count = self._marks, len(self._names)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._counter.mark_count = 0

    def entries(self) -> list[tuple[int, str]]:
        """(instructions since power-on, function) entered since the last call; the newest 65,536 at most."""
        count = self._counter.log_count
        kept = range(max(self._seen, count - _RING), count)
        self._seen = count
        pairs = [(self._log[2 * (i % _RING)], self._log[2 * (i % _RING) + 1]) for i in kept]
        return [(int(instructions), self._names[int(address)]) for address, instructions in pairs]

    def lines(self) -> list[str]:
        """The same as text: right-aligned count, function."""
        return [f"{instructions:>14,} {name}" for instructions, name in self.entries()]
