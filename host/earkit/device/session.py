"""A conversation with a board, real or simulated."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from earkit.device import protocol
from earkit.device.ports import Port
from earkit.device.protocol import Decoder, Frame, FrameType, Item, TextLine
from earkit.errors import LinkError


class GoneError(LinkError):
    """The port has gone, or the board behind it is silent: it may come back."""


class SilenceError(LinkError):
    """Nobody answers hello, at any speed."""


REPLY_SECONDS = 2.0
FALL_BACK_SECONDS = 2.5
"""After this a board has given up an unconfirmed speed too."""
TRIES = 3
_HELLO_TEXTS = ("firmware", "board", "engine", "model", "sha256")
_BACKLOG = 10_000
"""Items kept while nobody reads events; older ones go first."""


@dataclass(frozen=True)
class Hello:
    """Who answers; from the board, so not to be trusted on a terminal without escaping."""

    protocol: int
    firmware: str
    board: str
    engine: str
    model: str
    sha256: str
    labels: tuple[str, ...]


class Session:
    """Speaks protocol v1 over an open port, which it owns and closes.

    Entering says hello, at the speeds that a board may have been left at, `baud` first; leaving says bye.
    Every method raises LinkError when the board refuses, GoneError when it does not answer in time or has
    gone.
    """

    def __init__(
        self, port: Port, reply_seconds: float = REPLY_SECONDS, baud: int = protocol.BAUDS[0]
    ) -> None:
        self.port = port
        self.reply_seconds = reply_seconds
        self._speeds = sorted(protocol.BAUDS, key=lambda speed: speed != baud)
        self.decoder = Decoder()
        self._items: deque[Item] = deque(maxlen=_BACKLOG)
        self._sequence = 0

    def __enter__(self) -> Self:
        try:
            self.board = self._find_speed()
        except BaseException:
            self.port.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None or not issubclass(kind, GoneError):
                self.command("bye")
        except LinkError:
            pass  # it has gone already
        finally:
            self.port.close()

    def hello(self) -> Hello:
        """Say hello, which also stops all streams and makes sequence numbers start at 0."""
        fields = self._object(f"hello {protocol.VERSION}")
        self._sequence = 0
        version = fields.get("protocol")
        if version != protocol.VERSION:
            raise LinkError(
                f"the board speaks protocol {version}, this program {protocol.VERSION}",
                "update the older of the two",
            )
        labels = fields.get("labels")
        return Hello(
            protocol=version,
            labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
            **{name: str(fields.get(name, "")) for name in _HELLO_TEXTS},
        )

    def info(self) -> dict[str, Any]:
        """Facts of sound, model and port (docs/protocol.md)."""
        return self._object("info")

    def stats(self) -> dict[str, Any]:
        """Counters since the board's start (docs/protocol.md)."""
        return self._object("stats")

    def set(self, name: str, value: int) -> None:
        """Change a setting: threshold, threshold.LABEL, suppression, average, minimum_count."""
        self._accepted(f"set {name} {value}")

    def save(self) -> bool:
        """Make the settings outlive a reset; False on a board that cannot."""
        return self.command("save").startswith("ok")

    def get(self, name: str) -> int:
        """Read a setting."""
        return _last_number(self._accepted(f"get {name}"))

    def stream(self, what: str, on: bool = True) -> None:
        """Switch the stream of scores, features or audio; `events` yields what it brings."""
        self._accepted(f"stream {what} {'on' if on else 'off'}")

    def baud(self, baud: int) -> None:
        """Change the speed of both sides; when that fails both are at the old one again."""
        before = self.port.baudrate
        self._accepted(f"baud {baud}")
        try:
            self.port.baudrate = baud
            self._confirm(baud)
        except (LinkError, OSError, ValueError) as error:  # pyserial's, for a speed that the port cannot do
            self.port.baudrate = before
            self._wait(_is_nothing, FALL_BACK_SECONDS)
            raise LinkError(f"the line does not carry {baud} baud", "try a lower one") from error

    def infer(self, data: bytes) -> bytes:
        """Run the board's model on a whole input tensor; returns its output tensor's bytes."""
        expected = _last_number(self._accepted("infer"))
        if len(data) != expected:
            raise LinkError(f"the model takes {expected} bytes, not {len(data)}", "make the input fit")
        for stale in [item for item in self._items if _is_output(item)]:
            self._items.remove(stale)
        for start in range(0, len(data), protocol.CHUNK_LIMIT):
            self._send_part(start, data[start : start + protocol.CHUNK_LIMIT])
        return self._output(len(data))

    def reset(self) -> None:
        """Restart the board. It forgets hello: call `hello` when it is up again."""
        self._accepted("reset")
        self.port.baudrate = protocol.BAUDS[0]
        self._items.clear()

    def events(self, seconds: float | None = None) -> Iterator[Item]:
        """Yield events, frames, other lines and damage as they arrive; for `seconds`, or until it goes."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            while self._items:
                yield self._items.popleft()
            if end is not None and time.monotonic() >= end:
                return
            self._items.extend(self._receive())

    def waiting(self) -> list[Item]:
        """What has arrived and not been yielded by `events`; for when the board has gone."""
        items = list(self._items)
        self._items.clear()
        return items

    def command(self, line: str) -> str:
        """Send a command and return its reply line, an `error …` too."""
        self._write(line.encode("ascii", "replace") + b"\n")
        reply = self._wait(_is_reply, self.reply_seconds)
        if not isinstance(reply, TextLine):
            raise GoneError(f"the board does not answer {line.split()[0]!r}", "is it an Earkit board?")
        return reply.text

    def _find_speed(self) -> Hello:
        patience = self.reply_seconds
        for baud in self._speeds:
            self.port.baudrate = baud
            self.reply_seconds = min(patience, 1.0 if baud == self._speeds[0] else 0.5)
            try:
                answers = self._answers()
            finally:
                self.reply_seconds = patience
            if answers:
                return self.hello()
        self.port.baudrate = protocol.BAUDS[0]
        raise SilenceError("nobody answers hello", "does the board run Earkit's firmware?")

    def _answers(self) -> bool:
        """Whether a board answers at this speed.

        The second try is for one that was still starting, or had garbage from another speed in its line.
        """
        for _ in range(2):
            self._write(b"\0\n")
            try:
                if self.command("help").startswith("ok"):
                    return True
            except LinkError as error:
                if error.__cause__:  # the port, not the silence
                    raise
        return False

    def _confirm(self, baud: int) -> None:
        for attempt in range(TRIES):
            try:
                self._write(b"\n")
                self._accepted(f"baud {baud}", seconds=0.5)
                return
            except LinkError:
                if attempt == TRIES - 1:
                    raise

    def _accepted(self, line: str, seconds: float | None = None) -> str:
        before, self.reply_seconds = self.reply_seconds, seconds or self.reply_seconds
        try:
            reply = self.command(line)
        finally:
            self.reply_seconds = before
        if not reply.startswith("ok"):
            raise LinkError(f"the board refuses {line!r}: {reply.removeprefix('error ')}")
        return reply

    def _object(self, line: str) -> dict[str, Any]:
        reply = self.command(line)
        fields = protocol.parse_object(reply)
        if fields is None:
            raise LinkError(f"the board refuses {line!r}: {reply.removeprefix('error ')}")
        return fields

    def _send_part(self, start: int, part: bytes) -> None:
        for _ in range(TRIES):
            self._write(protocol.encode_frame(FrameType.INFER_INPUT, self._sequence, start, part))
            self._sequence += 1
            reply = self._wait(_is_reply, self.reply_seconds)
            if isinstance(reply, TextLine) and reply.text == f"ok infer {start + len(part)}":
                return
        raise LinkError(f"the board does not take the input from byte {start} on", "is the cable good?")

    def _output(self, count: int) -> bytes:
        for _ in range(TRIES):
            output = next(filter(_is_output, self._items), None)  # it may have come with the last answer
            if output is None:
                output = self._wait(_is_output, self.reply_seconds)
            else:
                self._items.remove(output)
            if isinstance(output, Frame):
                return output.payload
            self._send_part(count, b"")  # an empty part at the end asks for the output again
        raise LinkError("the output of infer does not arrive", "is the cable good?")

    def _wait(self, wanted: Callable[[Item], bool], seconds: float) -> Item | None:
        """The first new item that `wanted` accepts; the others wait for `events`."""
        end = time.monotonic() + seconds
        found: Item | None = None
        while found is None and time.monotonic() < end:
            for item in self._receive():
                if found is None and wanted(item):
                    found = item
                else:
                    self._items.append(item)
        return found

    def _receive(self) -> list[Item]:
        try:
            return list(self.decoder.feed(self.port.read(max(1, self.port.in_waiting))))
        except (OSError, TypeError) as error:  # pyserial's read of a closing port raises TypeError
            raise GoneError("the board has gone", "plug it in again") from error

    def _write(self, data: bytes) -> None:
        try:
            self.port.write(data)
        except OSError as error:
            raise GoneError("the board has gone", "plug it in again") from error


def _is_nothing(_: Item) -> bool:
    return False


def _is_reply(item: Item) -> bool:
    return isinstance(item, TextLine) and item.text.startswith(("ok", "error", "{"))


def _is_output(item: Item) -> bool:
    return isinstance(item, Frame) and item.type == FrameType.INFER_OUTPUT


def _last_number(reply: str) -> int:
    last = reply.split()[-1]
    if not last.isdecimal():
        raise LinkError(f"the board answers {reply!r}", "is it an Earkit board?")
    return int(last)
