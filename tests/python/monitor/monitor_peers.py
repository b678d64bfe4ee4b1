"""Peers behind a real pseudo-terminal, and reports made by hand."""

import os
import pty
import re
import select
import threading
import tty
from datetime import UTC, datetime

from earkit.monitor.reports import Connected, Detection, Identity

LABELS = ("silence", "unknown", "yes", "no")
IDENTITY = Identity(
    "4711", "nrf52840", "m", "ab" * 32, "compiled", "0.1.0", ("silence", "unknown", "yes", "no")
)


def heard(label: str = "yes", score: int = 204, ms: int = 2340, **rest: object) -> Detection:
    """A detection as a board reports it."""
    time = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
    fields = {"identity": IDENTITY, "sequence": 7, "latency_ms": 5.0, **rest}
    return Detection("b", label, score, ms, time, **fields)  # type: ignore[arg-type]


CONNECTED = Connected("b", IDENTITY, {"threshold.yes": 200, "threshold.no": 201}, ("scores",))
HELLO = (
    b'{"protocol":1,"firmware":"0.1.0","board":"b","engine":"e","model":"m","sha256":"",'
    b'"labels":["silence","unknown","yes"]}\r\n'
)
SETTINGS = (b"suppression", b"average", b"minimum_count", b"threshold.yes")
EARKIT = {
    b"help": b"ok help\r\n",
    b"hello 1": HELLO,
    b"stats": b'{"ms":0}\r\n',
    b"bye": b"ok bye\r\n",
    **{
        b"get " + name: b"ok x 7\r\n"
        for name in (b"suppression", b"average", b"minimum_count", b"threshold.yes")
    },
    **{b"stream " + name + b" on": b"ok stream\r\n" for name in (b"scores", b"features", b"audio")},
}


class Peer:
    """A board's end of the line: answers what `answers` knows, and says what it is told to."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.answers = answers
        self.heard: list[bytes] = []
        self.near, self.far = pty.openpty()
        tty.setraw(self.far)
        self.name = os.ttyname(self.far)
        self.plugged = True
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        waiting = b""
        while self.plugged:
            if not select.select([self.near], [], [], 0.02)[0]:
                continue
            waiting += os.read(self.near, 100)
            *lines, waiting = waiting.split(b"\n")
            self.heard += lines
            for line in lines:
                number, command = re.fullmatch(rb"\0?(#\d+ )?(.*)", line).groups(b"")  # type: ignore[union-attr]
                answer = self.answers.get(command)
                self.say(number + answer if answer else b"")

    def say(self, data: bytes) -> None:
        os.write(self.near, data)

    def unplug(self) -> None:
        if self.plugged:
            self.plugged = False
            self.thread.join()
            os.close(self.far)
            os.close(self.near)
