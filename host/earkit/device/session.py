"""A conversation with a board, real or simulated."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from earkit.device import protocol
from earkit.device.answers import Hello, Info, Stats
from earkit.device.ports import Port
from earkit.device.protocol import Decoder, Frame, FrameType, Item, TextLine
from earkit.errors import LinkError, SettingError
from earkit.settings import SETTING_FIELDS, RecognizerSettings, check_range


class GoneError(LinkError):
    """The port has gone, or the board behind it is silent: it may come back."""


class SilenceError(LinkError):
    """Nobody answers hello, at any speed."""


REPLY_SECONDS = 2.0
FALL_BACK_SECONDS = 2.5
"""After this a board has given up an unconfirmed speed too."""
TRIES = 3
_BACKLOG = 10_000
"""Items kept while nobody reads events; older ones go first."""


class Session:
    """Speaks protocol v1 over an open port, which it owns and closes.

    Entering says hello, at the speeds that a board may have been left at, `baud` first; leaving says bye.
    Every method raises LinkError when the board refuses, GoneError when it does not answer in time or has
    gone. Commands are numbered where the board's replies carry the number: then no reply is ever taken for
    another command's.
    """

    def __init__(
        self, port: Port, reply_seconds: float = REPLY_SECONDS, baud: int = protocol.BAUDS[0]
    ) -> None:
        self.port = port
        self.reply_seconds = reply_seconds
        """How long a reply is waited for, where a call does not say."""
        self.late = 0
        """Replies that came when their command had been given up; dropped."""
        self._speeds = sorted(protocol.BAUDS, key=lambda speed: speed != baud)
        self.decoder = Decoder()
        self._items: deque[Item] = deque(maxlen=_BACKLOG)
        self._sequence = 0
        self._number = 0
        self._board: Hello | None = None

    @property
    def board(self) -> Hello:
        """Who answers, since the last hello."""
        if self._board is None:
            raise LinkError("nobody has said hello to the board yet")
        return self._board

    def __enter__(self) -> Self:
        try:
            self._find_speed()
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
        line = f"hello {protocol.VERSION}"
        fields = _object(line, self._ask(line, _answers_hello))
        self._sequence = 0
        version = fields.get("protocol")
        if version != protocol.VERSION:
            raise LinkError(
                f"the board speaks protocol {version}, this program {protocol.VERSION}",
                "update the older of the two",
            )
        self._board = Hello.of(fields, version)
        return self._board

    def info(self) -> Info:
        return Info.of(_object("info", self.command("info")))

    def stats(self) -> Stats:
        return Stats.of(_object("stats", self.command("stats")))

    def set(self, name: str, value: int) -> None:
        """Change a setting, one of SETTING_FIELDS or threshold.LABEL; the board knows its ranges."""
        self._accepted(f"set {name} {value}")

    def save(self) -> bool:
        """Make the settings outlive a reset; False on a board that cannot."""
        return self.command("save").startswith("ok")

    def get(self, name: str) -> int:
        """Read a setting. Raises LinkError when it is out of the range that RecognizerSettings gives it."""
        value = _last_number(self._accepted(f"get {name}"))
        field = SETTING_FIELDS.get(name.partition(".")[0])
        try:
            if field:
                check_range(RecognizerSettings.__dataclass_fields__[field], value)
        except SettingError as error:
            raise LinkError(f"the board answers {name} {value}: {error.message}") from error
        return value

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
            for item in self._receive():
                self._keep(item)

    def waiting(self) -> list[Item]:
        """What has arrived and not been yielded by `events`; for when the board has gone."""
        items = list(self._items)
        self._items.clear()
        return items

    def command(self, line: str, seconds: float | None = None) -> str:
        """Send a command and return its reply line, an `error …` too; waits `seconds` or `reply_seconds`."""
        return self._ask(line, _is_reply, seconds)

    def _ask(self, line: str, wanted: Callable[[str], bool], seconds: float | None = None) -> str:
        """Send a command and return the first reply to it that `wanted` accepts."""
        self._number = self._number % protocol.LAST_NUMBER + 1
        prefix = f"#{self._number} " if self._board and self._board.numbers else ""
        text = "".join(c if c.isprintable() else "?" for c in line)
        self._write(f"{prefix}{text}\n".encode())

        def answers(item: Item) -> bool:
            if not isinstance(item, TextLine) or not item.text.startswith(prefix):
                return False
            return wanted(item.text.removeprefix(prefix))

        reply = self._wait(answers, seconds or self.reply_seconds)
        if not isinstance(reply, TextLine):
            name = line.strip().partition(" ")[0]
            raise GoneError(f"the board does not answer {name!r}", "is it an Earkit board?")
        return reply.text.removeprefix(prefix)

    def _find_speed(self) -> None:
        for baud in self._speeds:
            self.port.baudrate = baud
            if self._answers(min(self.reply_seconds, 1.0 if baud == self._speeds[0] else 0.5)):
                self.hello()
                return
        self.port.baudrate = protocol.BAUDS[0]
        raise SilenceError("nobody answers hello", "does the board run Earkit's firmware?")

    def _answers(self, seconds: float) -> bool:
        """Whether a board answers at this speed.

        The second try is for one that was still starting, or had garbage from another speed in its line.
        """
        for _ in range(2):
            self._write(b"\0\n")
            try:
                if self.command("help", seconds).startswith("ok"):
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
        reply = self.command(line, seconds)
        if not reply.startswith("ok"):
            raise LinkError(f"the board refuses {line!r}: {reply.removeprefix('error ')}")
        return reply

    def _send_part(self, start: int, part: bytes) -> None:
        taken = TextLine(f"ok infer {start + len(part)}")
        for _ in range(TRIES):
            self._write(protocol.encode_frame(FrameType.INFER_INPUT, self._sequence, start, part))
            self._sequence += 1
            if self._wait(lambda item: item == taken or _is_error(item), self.reply_seconds) == taken:
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
        """The first new item that `wanted` accepts; the others wait for `events`, except late replies."""
        end = time.monotonic() + seconds
        found: Item | None = None
        while found is None and time.monotonic() < end:
            for item in self._receive():
                if found is None and wanted(item):
                    found = item
                else:
                    self._keep(item)
        return found

    def _keep(self, item: Item) -> None:
        if self._number and _is_late(item):
            self.late += 1
        else:
            self._items.append(item)

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


def _is_reply(text: str) -> bool:
    return text.startswith(("ok", "error", "{"))


def _answers_hello(text: str) -> bool:
    """Whether it is not the late reply to a `help` that was asked at another speed."""
    return protocol.is_hello(text) or text.startswith("error")


def _is_error(item: Item) -> bool:
    return isinstance(item, TextLine) and item.text.startswith("error")


def _is_late(item: Item) -> bool:
    """Whether it answers a command that nobody waits for. An error may also come unasked."""
    if not isinstance(item, TextLine):
        return False
    number, reply = protocol.split_number(item.text)
    return number is not None or reply.startswith(("ok", "{"))


def _is_output(item: Item) -> bool:
    return isinstance(item, Frame) and item.type == FrameType.INFER_OUTPUT


def _object(line: str, reply: str) -> dict[str, Any]:
    fields = protocol.parse_object(reply)
    if fields is None:
        raise LinkError(f"the board refuses {line!r}: {reply.removeprefix('error ')}")
    return fields


def _last_number(reply: str) -> int:
    last = reply.split()[-1]
    if not last.isdecimal():
        raise LinkError(f"the board answers {reply!r}", "is it an Earkit board?")
    return int(last)
