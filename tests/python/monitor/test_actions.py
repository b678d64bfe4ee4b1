"""Actions as they are done: real commands, a real web server; what fails is said and stops nothing."""

import json
import os
import threading
import time
import wave
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from monitor_peers import heard

from earkit.errors import EarkitError
from earkit.monitor import actions
from earkit.monitor.actions import Actions
from earkit.monitor.reports import HOP, Audio, Gone, Report
from earkit.monitor.rules import Rule, parse


class Desk:
    """Takes reports to the actions and keeps what they say."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.open: list[Actions] = []

    def __call__(self, *rules: Rule | str, **rest: object) -> Callable[[Report | None], None]:
        parsed = [parse(rule) if isinstance(rule, str) else rule for rule in rules]
        made = Actions(parsed, lambda _board, text: self.said.append(text), **rest)  # type: ignore[arg-type]
        self.open.append(made)
        return made.take

    def wait(self, count: int = 1) -> list[str]:
        end = time.monotonic() + 60
        while len(self.said) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.said


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    for one in made.open:
        one.close()


def test_a_command_gets_the_detection_by_its_environment(desk: Desk) -> None:
    take = desk("yes=echo $EARKIT_WORD $EARKIT_SCORE $EARKIT_MS $EARKIT_BOARD $EARKIT_BOARD_ID")
    take(heard())
    assert desk.wait() == ["yes: yes 204 2340 b 4711"]


@pytest.mark.parametrize(
    "label", ["$(touch evil)", "`touch evil`", "; touch evil", "'\"\n& touch evil", "-rf"]
)
def test_metacharacters_in_a_label_do_nothing(
    desk: Desk, label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    take = desk(Rule("*", "run", 'printf "%s" "$EARKIT_WORD" > out; echo done'))
    take(heard(label))
    assert desk.wait()[0].endswith(": done")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == label


def test_a_failing_command_is_said_and_the_next_is_done(desk: Desk) -> None:
    take = desk("yes=echo to no avail; exit 3", "yes=no-such-command-at-all", "yes=printf 'a\\033[2Jb'")
    take(heard())
    said = "\n".join(desk.wait(3))
    assert "run echo to no avail; exit 3 failed: to no avail" in said
    assert "not found" in said and "a\\x1b[2Jb" in said


def test_cool_down_and_one_at_a_time(desk: Desk, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    take = desk("yes/600=echo once", f"no=until [ -e {gate} ]; do sleep 0.01; done; echo slow")
    take(heard())
    take(heard())
    take(heard("no"))
    take(heard("no"))
    desk.wait(2)
    gate.touch()
    said = desk.wait(3)
    assert said.count("yes: once") == 1 and said.count("no: slow") == 1
    assert any("still busy" in text for text in said)


def test_a_dry_run_only_says(desk: Desk, tmp_path: Path) -> None:
    take = desk(
        f"yes=touch {tmp_path}/done", Rule("yes", "run", f"touch {tmp_path}/too", dry_run=True), dry_run=True
    )
    take(heard())
    assert [text[:8] for text in desk.wait(2)] == ["would do", "would do"]
    assert not list(tmp_path.iterdir())


def test_an_endless_command_is_stopped_with_its_children(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "TIMEOUT_SECONDS", 0.3)
    os.mkfifo(tmp_path / "child")
    child = os.open(tmp_path / "child", os.O_RDONLY | os.O_NONBLOCK)
    take = desk(f"yes=sleep 600 > {tmp_path}/child & wait")
    take(heard())
    assert "no end after 0.3 s, stopped" in desk.wait()[0]
    os.set_blocking(child, True)
    assert os.read(child, 1) == b"", "nobody holds the other end"
    os.close(child)


def test_leaving_stops_what_runs(desk: Desk) -> None:
    take = desk("yes=sleep 60")
    take(heard())
    time.sleep(0.2)
    began = time.monotonic()
    desk.open.pop().close()
    assert time.monotonic() - began < 50


def test_a_webhook(desk: Desk) -> None:
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if self.path == "/good" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        take = desk(f"yes=post:{url}/good", f"yes=post:{url}/bad", "yes=post:http://127.0.0.1:1/")
        take(heard())
        said = desk.wait(2)
        server.shutdown()
    assert json.loads(got[0])["word"] == "yes" and json.loads(got[0])["score"] == 204
    assert any("HTTP Error 500" in text for text in said) and any("refused" in text for text in said)


def test_opening_a_page(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\ncd {tmp_path}; printf "%s" "$1" > part; mv part opened\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setattr("webbrowser._tryorder", None)
    take = desk("yes=open:https://example.org/;x")
    take(heard())
    end = time.monotonic() + 60
    while not (tmp_path / "opened").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert (tmp_path / "opened").read_text() == "https://example.org/;x", desk.said


def test_mqtt_wants_a_broker(desk: Desk) -> None:
    with pytest.raises(EarkitError, match="add --mqtt HOST"):
        desk("yes=mqtt:home/word")
    sent: list[tuple[str, str]] = []
    take = desk("yes=mqtt:home/word", publish=lambda topic, payload: sent.append((topic, payload)))
    take(heard())
    desk.open[0].close()
    assert sent[0][0] == "home/word" and json.loads(sent[0][1])["word"] == "yes"


def test_unknown_keys_are_one_line(desk: Desk) -> None:
    with pytest.raises(EarkitError, match=r"there is no key hyper|pip install|no keyboard"):
        desk("yes=key:hyper+x")


def sound(first: int, count: int, without: int = -1) -> Iterator[Audio]:
    for hop in range(first, first + count):
        if hop != without:
            yield Audio("b", hop, np.full(HOP, hop, np.int16))


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_second_stage_gets_the_sound_after_the_word(desk: Desk, tmp_path: Path) -> None:
    take = desk(f"yes=record:1s:cp $EARKIT_WAV {tmp_path}/after.wav; echo $EARKIT_WORD")
    for report in sound(100, 17):  # hops 100 to 116
        take(report)
    take(heard(ms=2340))  # hop 117
    for report in sound(117, 60, without=120):
        take(report)
    said = desk.wait(2)
    assert said == ["20 ms of the recording are missing", "yes: yes"]
    hops = read(tmp_path / "after.wav").reshape(-1, HOP)[:, 0].tolist()
    assert hops == [0 if hop == 120 else hop for hop in range(118, 168)]


def test_second_stage_without_sound_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earkit.monitor.cascade.PATIENCE_SECONDS", 0.0)
    take = desk("yes=record:0.1:true")
    take(heard())
    take(Gone("b"))
    time.sleep(0.2)
    take(None)
    assert desk.said == ["the sound after the word did not come: nothing recorded"]
