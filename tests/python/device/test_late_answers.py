"""Answers that come late, out of order or twice: none is taken for another command's."""

import binascii
import re
import time
from collections.abc import Callable

import pytest

from earkit.device.protocol import LAST_NUMBER, Event, TextLine, encode_frame
from earkit.device.session import GoneError, Session
from earkit.errors import LinkError


def sealed(body: str) -> str:
    """A JSON object as a board ends it."""
    return f'{body},"crc":{binascii.crc_hqx(body.encode(), 0xFFFF)}}}\r\n'


class Peer:
    """A board's end of a line that needs no port: `answer` says what a command brings, at once.

    It is called with the request's number as it is to stand in front of the reply, `#17 ` or nothing, and the
    command; its bytes are read by the session. A frame's command is empty.
    """

    def __init__(self, answer: Callable[[str, str], bytes]) -> None:
        self.baudrate = 115200
        self.answer = answer
        self.commands: list[str] = []
        self.coming = bytearray()

    @property
    def in_waiting(self) -> int:
        return len(self.coming)

    def read(self, size: int = 1, /) -> bytes:
        if not self.coming:
            time.sleep(0.005)
        data = bytes(self.coming[:size])
        del self.coming[:size]
        return data

    def write(self, data: bytes, /) -> int:
        if data.startswith(b"\0") and len(data) > 2:
            self.coming += self.answer("", "")
            return len(data)
        for line in filter(None, data.strip(b"\0").decode().split("\n")):
            self.commands.append(line)
            number, command = re.fullmatch("(#[0-9]+ )?(.*)", line).groups("")  # type: ignore[union-attr]
            self.coming += self.answer(number, command)
        return len(data)

    def close(self) -> None:
        """Nothing to close."""


HELLO = '{"protocol":1,"numbers":true,"labels":["silence","unknown","yes"]'


def polite(number: str, command: str) -> bytes:
    """A board that numbers its replies and knows `get`, whose value is the name's length, and `infer`."""
    if command == "hello 1":
        return sealed(number + HELLO).encode()
    if command == "stats":
        return sealed(number + '{"ms":5,"overruns":-1,"damaged":"no","reset":"pin","new":[1]').encode()
    if command.startswith("get "):
        return f"{number}ok {command[4:]} {len(command) - 4}\r\n".encode()
    return f"{number}ok {command}\r\n".encode() if command else b""


def session_with(answer: Callable[[str, str], bytes] = polite) -> tuple[Session, Peer]:
    peer = Peer(answer)
    return Session(peer, reply_seconds=0.1), peer


def test_an_answer_that_comes_late_is_dropped() -> None:
    """Also when the command it answers was the same."""
    session, peer = session_with()
    with session:
        late = b""

        def answer(number: str, command: str) -> bytes:
            nonlocal late
            if command == "get average" and not late:
                late = f"{number}ok average 1\r\n".encode()
                return b""
            return late + polite(number, command)

        peer.answer = answer
        with pytest.raises(GoneError, match="does not answer 'get'"):
            session.get("average")
        assert session.get("average") == 7
        assert session.late == 1
        assert session.get("suppression") == 11 and session.late == 2, "and it comes again"


def test_out_of_order_and_twice() -> None:
    session, peer = session_with()
    with session:
        old: list[bytes] = []

        def answer(number: str, command: str) -> bytes:
            mine = polite(number, command)
            old.append(mine)
            return b"".join(reversed(old)) + mine  # the newest first, then all that were before, then again

        peer.answer = answer
        for name in ("average", "suppression", "threshold", "minimum_count"):
            assert session.get(name) == len(name)
        assert session.stats().ms == 5
        assert not session.waiting()
        assert session.late == 1 + 2 + 3 + 4 + 5


def test_a_number_is_not_taken_for_the_start_of_another() -> None:
    session, peer = session_with()
    with session:
        peer.answer = lambda number, command: (
            f"{number.strip()}0 ok average 1\r\n{number}ok average 2\r\n".encode() if command else b""
        )
        assert session.get("average") == 2 and session.late == 1


def test_numbers_start_again() -> None:
    session, peer = session_with()
    with session:
        session._number = LAST_NUMBER - 1
        for _ in range(3):
            session.get("average")
        assert peer.commands[-3:] == [f"#{LAST_NUMBER} get average", "#1 get average", "#2 get average"]


def test_a_board_that_does_not_number_gets_no_numbers() -> None:
    def plain(number: str, command: str) -> bytes:
        return polite(number, command).replace(b'"numbers":true,', b"").replace(b',"crc":', b',"x":')

    session, peer = session_with(plain)
    with session:
        assert session.get("average") == 7
        assert not session.board.numbers
    assert [line for line in peer.commands if "#" in line] == []


def test_late_help_is_not_hello() -> None:
    """A board that was slow to answer the first help answers the second one too."""
    helps = 0

    def slow(number: str, command: str) -> bytes:
        nonlocal helps
        helps += command == "help"
        if command == "help":
            return b"" if helps == 1 else b"ok help\r\nok help\r\n"
        return polite(number, command)

    session, _ = session_with(slow)
    with session:
        assert session.board.labels == ("silence", "unknown", "yes")
        assert session.late == 1 and not session.waiting()


def test_a_damaged_number_is_damage() -> None:
    """The CRC covers it."""
    session, peer = session_with()
    with session:
        peer.answer = lambda number, command: polite(number, command).replace(b"#", b"#1", 1)
        with pytest.raises(GoneError):
            session.stats()
        assert session.decoder.damaged == 1 and session.late == 0


def test_events_and_errors_that_come_unasked_are_kept() -> None:
    session, peer = session_with()
    with session:
        event = sealed('{"event":"heard","label":"yes","score":1,"ms":1,"seq":0').encode()
        peer.answer = lambda number, command: event + b"error no sound\r\n" + polite(number, command)
        assert session.get("average") == 7
        kept = session.waiting()
        assert isinstance(kept[0], Event) and kept[1] == TextLine("error no sound")


def test_infer_takes_nothing_of_an_earlier_one() -> None:
    """Neither its output, nor acknowledgements that came twice."""
    parts = 0

    def board(number: str, command: str) -> bytes:
        nonlocal parts
        if command == "infer":
            parts = 0
            return b"ok infer 200\r\n" + encode_frame(4, 0, 0, b"old") + f"{number}ok infer 200\r\n".encode()
        if command:
            return polite(number, command)
        parts += 1
        if parts == 1:
            return b"ok infer 128\r\nok infer 128\r\nok infer 0\r\n"
        return b"ok infer 200\r\n" + encode_frame(4, 1, 0, b"new")

    session, _ = session_with(board)
    with session:
        assert session.infer(bytes(200)) == b"new"
        assert parts == 2, "nothing was sent twice"
        assert session.late == 3 and not session.waiting()


def test_what_a_board_says_is_checked() -> None:
    session, peer = session_with()
    with session:
        stats = session.stats()
        assert (stats.ms, stats.reset) == (5, "pin")
        assert stats.overruns is stats.damaged is stats.asleep_percent is None
        assert stats.known() == {"ms": 5, "reset": "pin"}
        peer.answer = lambda number, command: f"{number}ok average 2501\r\n".encode() if command else b""
        with pytest.raises(LinkError, match="the board answers average 2501: average_ms must be 1 to 2500"):
            session.get("average")
        assert session.get("something.new") == 2501


def test_nobody_has_said_hello() -> None:
    session, _ = session_with()
    with pytest.raises(LinkError, match="nobody has said hello"):
        _ = session.board
