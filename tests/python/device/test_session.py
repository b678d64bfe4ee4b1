"""A session with the application itself, over a real pseudo-terminal."""

import re
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import earkit
from earkit.device.ports import open_port
from earkit.device.protocol import Damaged, Event, Frame, FrameType
from earkit.device.session import Session
from earkit.errors import LinkError
from earkit.monitor.watch import read_settings


def checksum(data: bytes) -> bytes:
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return struct.pack("<I", total)


def test_version_is_the_packages() -> None:
    header = Path(__file__).parents[3] / "firmware" / "app" / "console" / "version.h"
    assert f'"{earkit.__version__}"' in header.read_text()


def test_hello_info_stats_settings(board: str) -> None:
    with Session(open_port(board)) as session:
        assert session.board.model == 'loudness "\\'
        assert session.board.labels == ("silence", "unknown", "yes", "no")
        assert (session.board.board, session.board.engine) == ("native", "loudness")
        info = session.info()
        assert info.input_count == 1960 and info.input_zero_point == -128
        assert info.input_scale == pytest.approx(26 / 255, rel=1e-7)
        assert info.output_scale == 1 / 256
        session.set("threshold", 190)
        assert session.get("threshold") == session.get("threshold.no") == 190
        session.set("threshold.yes", 255)
        with pytest.raises(LinkError, match="differ"):
            session.get("threshold")
        for name, least, most in [("suppression", 0, 65535), ("average", 1, 2500), ("minimum_count", 1, 64)]:
            for value in (least, most):
                session.set(name, value)
                assert session.get(name) == value
            with pytest.raises(LinkError, match=f"{least} to {most}"):
                session.set(name, most + 1)
        stats = session.stats()
        assert stats.overruns == stats.damaged == stats.dropped_lines == 0
        assert 0 <= stats.asleep_percent <= 100


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("hello 2", "error this firmware (0.1.0) speaks protocol 1, not 2"),
        ("hello 1 1", "error this firmware (0.1.0) speaks protocol 1, not 1 1"),
        ("stats now please", "error usage: stats"),
        ("set threshold", "error usage: set NAME NUMBER"),
        ("set threshold 1 2 3 4 5", "error no setting threshold 1 2 3 4; .*"),
        ("  set   threshold   7  ", "ok threshold 7"),
        ("get threshold.turn  left", "error no setting threshold.turn  left; .*"),
        ("set threshold.да 7", "error no setting threshold.да; .*"),
        ("get a\tb\n", "error no setting a.b.; .*"),
        ("set threshold -1", "error the number must be 0 to 255"),
        ("set threshold 99999999999999999999", "error the number must be 0 to 255"),
        ("get threshold.maybe", "error no setting threshold.maybe; .*"),
        ("stream audio on", "error audio needs baud 460800"),
        ("stream smells on", "error usage: stream .*"),
        ("stream scores", "error usage: stream .*"),
        ("baud 1", "error baud is 115200, .*"),
        ("gibberish", "error unknown command; try help"),
        ("   ", "error unknown command; try help"),
        ("x" * 94, "error line too long"),
        ("x" * 93, "error unknown command; try help"),
        ("help", "ok hello .VERSION.; help; info; .*; bye"),
    ],
)
def test_exactly_one_answer(board: str, line: str, answer: str) -> None:
    with Session(open_port(board)) as session:
        reply = session.command(line)
        assert re.fullmatch(answer.replace("(", r"\(").replace(")", r"\)").replace("[V", r"\[V"), reply)
        assert session.get("minimum_count") == 3  # nothing of the last answer is left


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"#17 get average", b"#17 ok average 1000"),
        (b"#4294967295   get   average  ", b"#4294967295 ok average 1000"),
        (b"#007 get nothing", b"#007 error no setting nothing; .*"),
        (b"#1 set threshold", b"#1 error usage: set NAME NUMBER"),
        (b"#1 #2 get average", b"#1 error unknown command; try help"),
        (b"#1", b"#1 error unknown command; try help"),
        (b"#1 " + b"x" * 94, b"#1 error line too long"),
        (b"#4294967296 get average", b"error unknown command; try help"),
        (b"#-1 get average", b"error unknown command; try help"),
        (b"# get average", b"error unknown command; try help"),
        (b"#1get average", b"error unknown command; try help"),
        (b" #1 get average", b"error unknown command; try help"),
        (b"get average", b"ok average 1000"),
    ],
)
def test_a_reply_carries_its_requests_number(board: str, line: bytes, answer: bytes) -> None:
    """Without hello too; where there is no number, or a bad one, the reply is what it always was."""
    port = open_port(board)
    port.write(b"\n" + line + b"\n")
    said = b""
    while not said.endswith(b"\r\n"):
        said += port.read(200)
    assert re.fullmatch(answer + b"\r\n", said.removeprefix(b"\r\n"))
    port.close()


def test_an_object_is_sealed_with_its_number(board: str) -> None:
    with Session(open_port(board)) as session:
        assert session.board.numbers
        assert session.stats().ms is not None
        session.port.write(b"#9 stats\n")
        (damaged,) = session.decoder.feed(b'#9 {"ms":1,"crc":1}\r\n')
        assert damaged == Damaged("line CRC")
        list(session.events(0.3))
        assert session.late == 1 and session.decoder.damaged == 1


def test_labels_of_several_words_and_other_letters(
    start_board: Callable[..., tuple[str, subprocess.Popen[bytes]]], two_words_spotter: Path
) -> None:
    name, _ = start_board(two_words_spotter)
    with Session(open_port(name)) as session:
        assert session.board.labels[2:] == ("hey robot", "да")
        session.set("threshold.hey robot", 12)
        session.set("threshold.да", 255)
        found = read_settings(session, session.board)
        assert (found["threshold.hey robot"], found["threshold.да"]) == (12, 255)
        assert session.command("get  threshold.hey robot ") == "ok threshold.hey robot 12"
        with pytest.raises(LinkError, match=r"no setting threshold\.hey;"):
            session.set("threshold.hey", 1)
        with pytest.raises(LinkError, match="the number must be 0 to 255"):
            session.set("threshold.hey robot", 256)


def test_infer_is_exact(board: str) -> None:
    rng = np.random.default_rng(1)
    with Session(open_port(board)) as session:
        for _ in range(3):
            data = rng.integers(0, 256, 1960, np.uint8).tobytes()
            assert session.infer(data) == checksum(data)
        with pytest.raises(LinkError, match="takes 1960 bytes, not 3"):
            session.infer(b"abc")


def test_infer_survives_lost_answers(board: str) -> None:
    data = bytes(range(1, 246)) * 8
    with Session(open_port(board), reply_seconds=0.3) as session:
        write, calls = session.port.write, 0

        def lossy(frame: bytes, /) -> int | None:
            nonlocal calls
            calls += 1
            return write(frame[:20] if calls % 4 == 2 else frame)  # every fourth write is cut

        session.port.write = lossy  # type: ignore[method-assign]
        assert session.infer(data) == checksum(data)
        session.port.write = write  # type: ignore[method-assign]
        assert session.stats().damaged > 0


def test_streams_and_speed(board: str) -> None:
    with Session(open_port(board)) as session:
        session.baud(460800)
        assert session.info().baud == 460800
        session.stream("audio")
        session.stream("features")
        frames = [item for item in session.events(1.0) if isinstance(item, Frame)]
        audio = [frame for frame in frames if frame.type == FrameType.AUDIO]
        rows = [frame for frame in frames if frame.type == FrameType.FEATURES]
        assert len(audio) > 30 and len(rows) > 30
        assert {len(frame.payload) for frame in audio} == {640}
        assert {len(frame.payload) for frame in rows} == {40}
        hops = [frame.position for frame in audio]
        assert hops == list(range(hops[0], hops[0] + len(hops)))
        assert session.decoder.lost_frames == session.decoder.damaged == 0
        session.baud(115200)
        with pytest.raises(LinkError, match="460800"):
            session.stream("audio")


def test_a_port_that_cannot_do_a_speed(board: str) -> None:
    """As pyserial on an adapter without it; the board has changed already, and comes back."""
    with Session(open_port(board)) as session:

        class Picky(type(session.port)):  # type: ignore[misc]
            def __setattr__(self, name: str, value: object) -> None:
                if name == "baudrate" and value == 1000000:
                    raise ValueError("Failed to set custom baud rate (1000000)")
                super().__setattr__(name, value)

        session.port.__class__ = Picky
        with pytest.raises(LinkError, match="the line does not carry 1000000 baud; try a lower one"):
            session.baud(1000000)
        assert session.info().baud == 115200
        session.baud(921600)


def test_unconfirmed_speed_falls_back(board: str) -> None:
    with Session(open_port(board)) as session:
        assert session.command("baud 921600") == "ok baud 921600"
        assert session.info().baud == 921600
        end = time.monotonic() + 60  # 2 s of the board's time
        while session.info().baud != 115200 and time.monotonic() < end:
            time.sleep(0.1)
        assert session.info().baud == 115200


def test_hears_and_counts_events(board: str) -> None:
    with Session(open_port(board)) as session:
        session.set("threshold", 1)
        session.set("average", 100)
        heard = next(item for item in session.events(60) if isinstance(item, Event) and item.kind == "heard")
        assert heard.fields["label"] == "yes" and heard.fields["seq"] == heard.lost == 0
        assert heard.fields["ms"] % 40 == 0 or heard.fields["ms"] % 20 == 0


def test_plain_again_after_bye(board: str) -> None:
    with Session(open_port(board)) as session:
        session.stream("scores")
    port = open_port(board)
    time.sleep(0.3)
    assert b"event" not in port.read(200)
    port.close()


def test_reset_restarts(start_board: Callable[[], tuple[str, subprocess.Popen[bytes]]]) -> None:
    name, process = start_board()
    with Session(open_port(name)) as session:
        assert session.stats().reset == "power"
        session.reset()
        assert process.stderr is not None
        again = next(line for line in process.stderr if line.startswith(b"port: ")).split()[1].decode()
    with Session(open_port(again)) as session:
        assert session.stats().reset == "software"
