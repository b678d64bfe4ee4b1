"""The monitor against firmware and other peers behind a real pseudo-terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from earshot.device.ports import Port, open_port
from earshot.errors import LinkError
from earshot.monitor.watch import TEXT_LIMIT, Detection, Note, Report, safe, watch

HELLO = (
    b'{"protocol":1,"firmware":"0.1.0","board":"b","engine":"e","model":"m","sha256":"",'
    b'"labels":["s","u","yes"]}\r\n'
)


class Peer:
    """A board's end of the line: answers what `answers` knows, and says what it is told to."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.answers = answers
        self.near, far = pty.openpty()
        tty.setraw(far)
        self.name = os.ttyname(far)
        self.far = far
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
            for line in lines:
                self.say(self.answers.get(line.strip(b"\0"), b""))

    def say(self, data: bytes) -> None:
        os.write(self.near, data)

    def unplug(self) -> None:
        self.plugged = False
        self.thread.join()
        os.close(self.far)
        os.close(self.near)


EARSHOT = {b"help": b"ok help\r\n", b"hello 1": HELLO, b"bye": b"ok bye\r\n"}


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A name for the port that stays while boards come and go."""
    return tmp_path / "port"


def plug(link: Path, answers: dict[bytes, bytes]) -> Peer:
    peer = Peer(answers)
    link.symlink_to(peer.name)
    return peer


def reports(link: Path) -> Iterator[Report]:
    def connect() -> Port:
        return open_port(str(link))

    return watch(connect, retry_seconds=0.05)


def test_unplugging_is_a_pause(link: Path) -> None:
    peer = plug(link, EARSHOT)
    found = reports(link)
    assert next(found) == Note("connected: m on b, e engine, firmware 0.1.0; listens for yes")
    peer.say(b'{"event":"heard","label":"yes","score":204,"ms":2336,"seq":0}\r\n')
    heard = next(found)
    assert isinstance(heard, Detection) and (heard.label, heard.score, heard.ms) == ("yes", 204, 2336)
    link.unlink()
    peer.unplug()
    assert next(found) == Note("the board has gone; waiting for it")
    later: list[Peer] = []
    timer = threading.Timer(0.5, lambda: later.append(plug(link, EARSHOT)))
    timer.start()
    again = next(found)  # one line was said, and now it is back
    assert isinstance(again, Note) and again.text.startswith("connected: m on b")
    later[0].say(b'{"event":"heard","label":"yes","score":250,"ms":40,"seq":2}\r\n')
    assert next(found) == Note("2 lines from the board were lost")
    assert isinstance(next(found), Detection)
    found.close()  # type: ignore[attr-defined]
    later[0].unplug()


def test_other_firmware_is_listened_to(link: Path) -> None:
    peer = plug(link, {})
    found = reports(link)
    first = next(found)
    assert isinstance(first, Note) and "does not answer hello" in first.text
    peer.say(b"Heard no (201) @5000ms\r\n\x1b[2Jhello\x07 \xff\xfe\r\n" + b"y" * 3000 + b"\r\n")
    heard = next(found)
    assert isinstance(heard, Detection) and heard.label == "no"
    assert next(found) == Note("\\x1b[2Jhello\\x07 \ufffd\ufffd")
    endless = next(found)
    assert isinstance(endless, Note) and len(endless.text) == TEXT_LIMIT + 1
    peer.unplug()


def test_newer_firmware_is_one_clear_line(link: Path) -> None:
    refusal = b"error this firmware (9.0) speaks protocol 2 to 3, not 1\r\n"
    peer = plug(link, {**EARSHOT, b"hello 1": refusal})
    with pytest.raises(LinkError, match="speaks protocol 2 to 3, not 1"):
        next(reports(link))
    peer.unplug()
    link.unlink()
    peer = plug(link, {**EARSHOT, b"hello 1": HELLO.replace(b'"protocol":1', b'"protocol":2')})
    with pytest.raises(LinkError, match="the board speaks protocol 2, this program 1; update"):
        next(reports(link))
    peer.unplug()


def test_broken_event_is_a_note(link: Path) -> None:
    peer = plug(link, EARSHOT)
    found = reports(link)
    next(found)
    peer.say(b'{"event":"heard","label":7,"score":"x","ms":null,"seq":0}\r\n')
    broken = next(found)
    assert isinstance(broken, Note) and broken.text.startswith("a broken event")
    found.close()  # type: ignore[attr-defined]
    peer.unplug()


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\x9b31m", "\u202eevil", "a\nb\r", "\x7f\x08"])
def test_nothing_reaches_the_terminal(text: str) -> None:
    assert safe(text).isprintable()


def start_monitor(port: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-u", "-m", "earshot", "monitor", port, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("options", "line"),
    [((), "Heard yes (204) @2336ms\n"), (("--json",), '"label": "yes", "score": 204, "ms": 2336')],
)
def test_command_prints_and_ctrl_c_ends_it(link: Path, options: tuple[str, ...], line: str) -> None:
    peer = plug(link, EARSHOT)
    with start_monitor(str(link), *options) as process:
        assert process.stdout and process.stderr
        assert process.stderr.readline().startswith("connected: m on b")
        peer.say(b'{"event":"heard","label":"yes","score":204,"ms":2336,"seq":0}\r\n')
        assert line in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read().strip() == "earshot: stopped"
    peer.unplug()


def test_command_on_a_missing_port(link: Path) -> None:
    with start_monitor(str(link)) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert err == f"earshot: there is no port {link}; plug the board in, or look with: pio device list\n"
