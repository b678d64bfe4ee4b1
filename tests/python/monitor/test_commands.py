"""`earkit monitor`, `set` and `record` as a person runs them, on the application itself."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from monitor_peers import EARKIT, Peer

from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.monitor import log

Start = Callable[..., tuple[str, subprocess.Popen[bytes]]]
HEARD = b'{"event":"heard","label":"yes","score":204,"ms":2336,"seq":0}\r\n'


@contextmanager
def earkit(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "earkit", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run(*arguments: str) -> tuple[int, str, str]:
    with earkit(*arguments) as process:
        out, error = process.communicate(timeout=240)
        return process.returncode, out, error


def line_of(process: subprocess.Popen[str], pattern: str, stream: str = "stdout") -> re.Match[str]:
    """The next line that `pattern` is found in."""
    pipe = getattr(process, stream)
    for line in pipe:
        found = re.search(pattern, line)
        if found:
            return found
    raise AssertionError(f"no line with {pattern}")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((), r"\d\d:\d\d:\d\d Heard yes \(204\) @2336ms"),
        (("--json",), r'"label": "yes", "score": 204, "ms": 2336'),
    ],
)
def test_it_prints_and_ctrl_c_ends_it(
    plug: Callable[..., Peer], link: Path, options: tuple[str, ...], line: str
) -> None:
    peer = plug()
    with earkit("monitor", str(link), *options) as process:
        assert process.stderr
        line_of(process, '"connected"' if options else "connected: m on b", "stdout" if options else "stderr")
        peer.say(HEARD)
        line_of(process, line)
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
        assert process.stderr.read().strip() == "earkit: stopped"


def test_a_service_manager_ends_it_in_order(plug: Callable[..., Peer], link: Path) -> None:
    peer = plug()
    with earkit("monitor", str(link)) as process:
        line_of(process, "connected", "stderr")
        process.terminate()
        assert process.wait(120) == 130
    assert b"bye" in peer.heard


def test_a_missing_port_is_one_line(link: Path) -> None:
    status, out, error = run("monitor", str(link))
    assert (status, out) == (1, "")
    assert error == f"earkit: there is no port {link}; plug the board in, or look with: pio device list\n"


def test_two_boards_by_name_act_and_log(start_board: Start, tmp_path: Path) -> None:
    ports = [start_board()[0], start_board()[0]]
    for port in ports:
        with Session(open_port(port)) as session:
            session.set("average", 100)
            session.set("threshold", 1)
    file = tmp_path / "log.sqlite"
    names = [f"{name}={port}" for name, port in zip(("kitchen", "hall"), ports, strict=True)]
    action = "yes=echo from $EARKIT_BOARD at $EARKIT_TIME"
    with earkit("monitor", *names, "--log", str(file), "--do", action) as process:
        seen = {line_of(process, r"(\w+): [\d:]+ Heard yes")[1] for _ in range(3)}
        assert line_of(process, "yes: from (kitchen|hall)", "stderr")
        process.send_signal(signal.SIGINT)
        process.wait(120)
    rows = list(log.read(file))
    assert {row.name for row in rows} == seen == {"kitchen", "hall"}
    assert all(row.model == 'loudness "\\' and row.sequence is not None for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a=/dev/x", "a=/dev/y"), "two boards have the same name"),
        (("x.wav",), "recordings are for"),
        (("--do", "yes"), "is not WORD=ACTION"),
        (("--rules", "/no/such/file"), "does not exist"),
        (("x", "--log", "/proc/nothing/log"), "cannot write the log"),
        (("x", "--mqtt", "127.0.0.1:1"), "no MQTT broker"),
        (("x", "--web", "--web-address", "nonsense"), "cannot serve the page"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    status, _, error = run("monitor", *arguments)
    assert status in (1, 2) and said in error and "Traceback" not in error, error


def test_a_recording_that_ends_lets_its_actions_end(tflm_micro_speech: Path, tmp_path: Path) -> None:
    wav = tflm_micro_speech / "testdata" / "yes_1000ms.wav"
    after = f"yes=record:9s:sleep 1; cp $EARKIT_WAV {tmp_path}; echo recorded"
    status, out, error = run("listen", str(wav), "--do", "yes=sleep 5; echo done", "--do", after)
    assert status == 0 and "Heard yes" in out, error
    assert "yes: done" in error and "yes: recorded" in error and (tmp_path / "after.wav").exists()


def drawn_until_stopped(process: subprocess.Popen[bytes], master: int) -> bytes:
    """What is drawn until the panel is complete, and after Ctrl-C."""
    drawn = b""
    end = time.monotonic() + 120
    while time.monotonic() < end and not (b"level" in drawn and b"CPU" in drawn and b"silence" in drawn):
        if select.select([master], [], [], 0.2)[0]:
            drawn += os.read(master, 65536)
    process.send_signal(signal.SIGINT)
    while select.select([master], [], [], 60)[0]:
        try:
            drawn += os.read(master, 65536)
        except OSError:
            break
    return drawn


def test_the_live_panel_on_a_terminal(start_board: Start) -> None:
    """Drawn with levels, scores and facts; and it ends with the terminal in order."""
    port, _ = start_board()
    master, slave = os.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    command = [sys.executable, "-m", "earkit", "monitor", f"desk={port}"]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    try:
        drawn = drawn_until_stopped(process, master)
        process.wait(120)
    finally:
        process.kill()  # else it would go on to read the ports of other tests
        os.close(master)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", drawn).decode()
    assert (
        "desk" in text and "connected" in text and "█" in text and " dB" in text and "lost frames 0" in text
    )
    assert drawn.rstrip().endswith(b"stopped") and drawn.count(b"\x1b[?25h") >= 1, "the cursor is back"


def test_set_is_kept_over_a_reset(
    start_board: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARKIT_STORE", str(tmp_path / "store"))
    port, board = start_board()
    status, out, _ = run("set", "--port", port, "threshold.yes=0.85", "average=400")
    assert status == 0
    assert out == "threshold.yes is 217 (0.85), average is 400; kept over a reset\n"
    board.kill()
    port, _ = start_board()
    status, out, _ = run("set", "--port", port)
    assert "threshold.yes=217 (0.85)\n" in out and "average=400\n" in out and "suppression=1500\n" in out


def test_set_says_when_it_is_not_kept(board: str) -> None:
    status, out, _ = run("set", "--port", board, "threshold=10")
    assert status == 0 and out == "threshold is 10 (0.04); until the next reset: this board keeps none\n"


def test_set_takes_labels_of_several_words_and_other_letters(
    start_board: Start, two_words_spotter: Path
) -> None:
    port, _ = start_board(two_words_spotter)
    status, out, _ = run("set", "--port", port, "threshold.hey robot=0.8", "threshold.да=7")
    assert status == 0 and out.startswith("threshold.hey robot is 204 (0.80), threshold.да is 7 (0.03);")
    _, out, _ = run("set", "--port", port)
    assert "threshold.hey robot=204 (0.80)\n" in out and "threshold.да=7 (0.03)\n" in out


@pytest.mark.parametrize(
    ("assignment", "status", "said"),
    [
        ("threshold.yes", 2, "is not NAME=VALUE"),
        ("threshold.yes=1.5", 2, "threshold must be 0 to 255, not 1.5, or 0.0 to 1.0"),
        ("average=0.5", 2, "0.5 is no value"),
        ("threshold.yes=300", 1, "the number must be 0 to 255"),
        ("loudness=3", 1, "no setting loudness"),
        ("a b=3", 1, "no setting a b"),
        ("a\tb=3", 2, "is not NAME=VALUE"),
    ],
)
def test_set_refuses_in_one_line(board: str, assignment: str, status: int, said: str) -> None:
    ended, out, error = run("set", "--port", board, assignment)
    assert (ended, out, error.count("\n")) == (status, "", 1) and said in error


def test_record_goes_on_where_it_was_stopped(board: str, tmp_path: Path) -> None:
    """Half a second of noise every two seconds: clips are good, early or late; only the good are kept."""
    command = ("record", "--word", "hiss", "--port", board, "--out", str(tmp_path), "--speaker", "ab12")
    with earkit(*command, "--count", "9", "--countdown", "1") as process:
        line_of(process, "good")
        line_of(process, "hiss, 2 of 9")
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
    kept = sorted(path.name for path in (tmp_path / "hiss").iterdir())
    assert kept == ["ab12_nohash_0.wav"]
    status, out, error = run(*command, "--count", "2", "--countdown", "1")
    assert status == 0, error
    assert "1 clips of ab12 are there already" in out and "2 clips in" in out
    _, out, _ = run(*command, "--count", "2", "--json")
    assert json.loads(out) == {"word": "hiss", "clips": 2, "folder": str(tmp_path / "hiss")}
    import soundfile

    for path in (tmp_path / "hiss").iterdir():
        samples, rate = soundfile.read(path, dtype="int16")
        assert (len(samples), rate) == (16000, 16000) and np.abs(samples.astype(int)).max() > 10000


def test_record_without_a_board_is_one_line(tmp_path: Path) -> None:
    status, _, error = run("record", "--word", "../yes", "--out", str(tmp_path))
    assert status == 2 and "is not a word" in error
    status, _, error = run("record", "--word", "yes", "--port", str(tmp_path / "none"))
    assert status == 1 and "there is no port" in error and "Traceback" not in error


def test_peers_that_refuse_audio_are_one_line(plug: Callable[..., Peer], link: Path, tmp_path: Path) -> None:
    slow = {name: answer for name, answer in EARKIT.items() if b"audio" not in name}
    plug({**slow, b"stream audio on": b"error audio needs baud 460800\r\n"} | {
        f"baud {baud}".encode(): b"error baud is 115200\r\n" for baud in (1000000, 921600, 460800)
    })  # fmt: skip
    status, _, error = run("record", "--word", "yes", "--port", str(link), "--out", str(tmp_path))
    assert status == 1 and "no audio" in error and "Traceback" not in error


def test_thresholds_are_set_on_whoever_connects(board: str) -> None:
    """For the words that it knows, until its reset."""
    chosen = ("--threshold", "yes=0.5", "--threshold", "maybe=9", "--json")
    with earkit("monitor", f"desk={board}", *chosen) as process:
        assert process.stdout
        seen = {}
        for line in process.stdout:
            event = json.loads(line)
            seen[event["event"]] = event
            if "setting" in seen:
                break
    assert (seen["setting"]["name"], seen["setting"]["value"]) == ("threshold.yes", 128)
    connected = seen["connected"]
    assert (connected["board"], connected["board_id"], connected["hardware"]) == ("desk", board, "native")
    _, out, _ = run("set", "--port", board)
    assert "threshold.yes=128 (0.50)\n" in out


@pytest.mark.parametrize("wrong", ["yes", "yes=2.0", "yes=-1", "yes=256", "yes=x", "=3"])
def test_a_threshold_that_is_none(wrong: str) -> None:
    status, _, error = run("monitor", "x", "--threshold", wrong)
    assert status == 2 and error.count("\n") == 1 and "threshold" in error


def test_the_simulated_board_hears_and_ends_with_the_monitor(
    tflm_micro_speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the model that the folder's earkit.toml names; also when the monitor is killed."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "earkit.toml").write_text('model = "yes_no"\n')
    wav = tflm_micro_speech / "testdata/yes_1000ms.wav"
    with earkit("monitor", "sim", str(wav), "--json") as process:
        connected = json.loads(line_of(process, '"connected"').string)
        assert [connected[key] for key in ("board", "hardware", "model")] == ["sim", "nrf52840", "yes_no"]
        heard = json.loads(line_of(process, '"heard"').string)
        assert (heard["label"], heard["board"]) == ("yes", "sim")
        port = Path(connected["board_id"])
        assert port.exists()
        process.kill()
        process.wait()
        end = time.monotonic() + 20
        while port.exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert not port.exists()
