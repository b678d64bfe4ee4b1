"""The link cut at random points: every detection that reached the host is logged once, and it comes back.

EARKIT_CUTS says how often; the short run is for every day.
"""

import binascii
import os
import pty
import random
import re
import select
import threading
import time
import tty
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from earkit.device.ports import Port, open_port
from earkit.device.session import Session
from earkit.monitor import log
from earkit.monitor.reports import Connected, Note
from earkit.monitor.watch import Line, watch

CUTS = int(os.environ.get("EARKIT_CUTS", "9"))
BACK_SECONDS = 2.0 if CUTS >= 100 else 60.0
"""With the computer to itself; the short run shares it with other tests."""
SEALED = re.compile(rb'[\r\n\0](\{"event":"heard"[^\r\n\0]*),"crc":(\d+)\}(?=[\r\n\0])')


class Tap:
    """A port that keeps what was read from it: what reached the host."""

    def __init__(self, port: Port, record: bytearray) -> None:
        self._port, self._record = port, record

    def read(self, size: int = 1, /) -> bytes:
        data = self._port.read(size)
        self._record += data
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self._port, name)


class Cable:
    """Between a board's terminal and one that `link` names; can be pulled, and be bad."""

    def __init__(self, board: str, link: Path) -> None:
        self.board = os.open(board, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.board)
        self.link, self.ends = link, (-1, -1)
        self.garbage, self.drop = b"", 0
        self.lock, self.running = threading.Lock(), True
        self.plug()
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def plug(self) -> None:
        near, far = pty.openpty()
        tty.setraw(far)
        os.set_blocking(near, False)
        with self.lock:
            self.ends = (near, far)
        temporary = self.link.with_suffix(".new")
        temporary.symlink_to(os.ttyname(far))
        temporary.rename(self.link)

    def pull(self) -> None:
        self.link.unlink()
        with self.lock:
            for end in self.ends:
                os.close(end)
            self.ends = (-1, -1)

    def _carry(self) -> None:
        while self.running:
            with self.lock, suppress(BlockingIOError):
                self._step(self.ends[0])
            time.sleep(0.001)

    def _step(self, near: int) -> None:
        from_board = self._read(self.board)
        if near < 0:
            return  # what is said while it is out is lost
        to_board = self._read(near)
        if to_board:
            os.write(self.board, to_board)
        if from_board and self.drop:
            from_board, self.drop = from_board[self.drop :], 0
        if from_board and self.garbage:
            middle = len(from_board) // 2
            from_board, self.garbage = from_board[:middle] + self.garbage + from_board[middle:], b""
        if from_board:
            os.write(near, from_board)

    @staticmethod
    def _read(end: int) -> bytes:
        return os.read(end, 500) if select.select([end], [], [], 0)[0] else b""

    def close(self) -> None:
        self.running = False
        self.thread.join()
        if self.ends[0] >= 0:
            self.pull()
        os.close(self.board)


def disturb(cable: Cable, way: int, rng: random.Random) -> float | None:
    """Returns when the cable was in again, if it was out."""
    if way == 0:
        cable.pull()
        time.sleep(rng.uniform(0.02, 0.6))
        cable.plug()
        return time.monotonic()
    if way == 1:
        cable.garbage = rng.randbytes(rng.randint(1, 300))
    else:
        cable.drop = rng.randint(1, 60)
    return None


def test_every_detection_that_arrives_is_logged_once(board: str, tmp_path: Path) -> None:
    with Session(open_port(board)) as session:
        for name, value in {"threshold": 1, "average": 100, "suppression": 0, "minimum_count": 1}.items():
            session.set(name, value)
    cable = Cable(board, tmp_path / "port")
    records: list[bytearray] = []

    def connect() -> Port:
        record = bytearray(b"\n")
        port: Port = Tap(open_port(str(cable.link)), record)  # type: ignore[assignment]
        records.append(record)
        return port

    line = Line("b", connect, ("scores", "features"), health_seconds=0.5)
    path, connected = tmp_path / "log.sqlite", []
    notes: Counter[str] = Counter()

    def follow() -> None:
        file = log.Log(path)
        write = file.sink(lambda report: pytest.fail(str(report)))
        for report in watch(line):
            write(report)
            if isinstance(report, Connected):
                connected.append(time.monotonic())
            elif isinstance(report, Note):
                notes[kind_of(report.text)] += 1
        file.close()

    problems: list[BaseException] = []

    def guarded() -> None:
        try:
            follow()
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    rng, plugged = random.Random(7), []
    try:
        wait_for(lambda: connected)
        for number in range(CUTS):
            time.sleep(rng.uniform(0.2, 0.9))
            before = len(connected)
            back = disturb(cable, number % 3, rng)
            if back is not None:
                wait_for(lambda before=before: len(connected) > before)
                plugged.append(connected[before] - back)
        time.sleep(2.2)
    finally:
        line.stop.set()
        thread.join(60)
        cable.close()
    file_rows = list(log.read(path))
    assert not problems, problems
    arrived = [ms for record in records for ms in whole_detections(bytes(record))]
    logged = Counter(row.ms for row in file_rows)
    print(f"{CUTS} cuts, {len(arrived)} arrived, back within {max(plugged):.2f} s; notes: {dict(notes)}")
    assert len(arrived) > CUTS and logged == Counter(arrived), "each that arrived, once"
    assert max(logged.values()) == 1
    assert max(plugged) < BACK_SECONDS


def kind_of(note: str) -> str:
    return "damaged" if note.startswith("damaged") else "lost" if note.endswith("lost") else "stray text"


def whole_detections(data: bytes) -> list[int]:
    """Times of the detections in what was read, whose CRC is right; independent of the decoder."""
    found = []
    for match in SEALED.finditer(data):
        if binascii.crc_hqx(match[1], 0xFFFF) == int(match[2]):
            ms = re.search(rb'"ms":(\d+)', match[1])
            assert ms
            found.append(int(ms[1]))
    return found


def wait_for(condition: object) -> None:
    end = time.monotonic() + 120
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            pytest.fail("the monitor does not come back")
        time.sleep(0.01)
