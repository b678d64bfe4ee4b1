"""The simulated board's serial line as other programs see it."""

import os
import select
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("termios", reason="no pseudo-terminals here")
pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

import termios

from earkit.simulator.terminal import PtyLine


@pytest.fixture
def line() -> Iterator[PtyLine]:
    made = PtyLine()
    yield made
    made.close()


def connect(line: PtyLine) -> int:
    return os.open(line.url, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def read(end: int, count: int) -> bytes:
    """The next `count` bytes."""
    got = b""
    while len(got) < count and select.select([end], [], [], 60)[0]:
        got += os.read(end, count - len(got))
    return got


def receive(line: PtyLine, count: int) -> bytes:
    got, until = b"", time.monotonic() + 60
    while len(got) < count and time.monotonic() < until:
        got += line.receive()
    return got


def test_both_ways_without_a_change(line: PtyLine) -> None:
    end = connect(line)
    assert not termios.tcgetattr(end)[3] & (termios.ICANON | termios.ECHO), "raw, for who does not ask"
    everything = bytes(range(256))
    line.send(everything)
    assert read(end, 256) == everything
    os.write(end, everything)
    assert receive(line, 256) == everything and line.receive() == b""
    os.close(end)


def test_what_nobody_hears_is_lost(line: PtyLine) -> None:
    line.send(b"before")
    assert line.receive() == b""
    end = connect(line)
    line.send(b"now")
    assert read(end, 3) == b"now"
    os.close(end)
    time.sleep(0.02)
    line.send(b"between")
    assert line.receive() == b""
    end = connect(line)
    line.send(b"again")
    assert read(end, 5) == b"again"
    os.close(end)


def test_a_busy_reader_loses_nothing(line: PtyLine) -> None:
    end = connect(line)
    sent = b"".join(bytes([65 + number % 26]) * 700 for number in range(300))
    for start in range(0, len(sent), 700):
        line.send(sent[start : start + 700])
    got = b""
    while len(got) < len(sent) and (piece := read(end, 1)):
        got += piece + os.read(end, 4095)
        line.send(b"")
    assert got == sent
    os.close(end)


def test_a_reader_that_never_reads_costs_bounded_memory(line: PtyLine) -> None:
    end = connect(line)
    for _ in range(300):
        line.send(bytes(10_000))
    assert len(line._waiting) <= 1 << 20
    os.close(end)
