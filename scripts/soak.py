"""Watch the simulated board for half an hour with everything streaming, and see that nothing is lost.

    make soak                                    # in real time
    .venv/bin/python scripts/soak.py --speed 5   # the same half hour of sound in six minutes

Plays words in a quiet room to `earkit simulate`, watches it with `earkit monitor --web --log --json`
while a page takes the stream, and measures the monitor's process. Expected: exit status 0, that is no frame
and no line lost or damaged anywhere, every detection in the log once, the monitor's memory within 10 %
of what it was after two minutes, and its share of one core below 15 % times the speed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from earkit.audio import clips, noise, synthetic
from earkit.errors import AudioError
from earkit.monitor import log
from earkit.progress import silent

MINUTES = 30.0
WORDS = ("yes", "no")
PAUSE_SECONDS = (2.0, 6.0)
SETTLED_SECONDS = 120.0
CPU_LIMIT = 0.15
GROWTH_LIMIT = 1.10
EARKIT = [sys.executable, "-u", "-m", "earkit"]
TICKS = os.sysconf("SC_CLK_TCK")


def make_sound(path: Path, seconds: float, data: Path | None) -> None:
    """Words at random in a quiet room, always the same."""
    folder = data or synthetic.cached(synthetic.Settings(WORDS), silent)
    rng = np.random.default_rng(0)
    files = sorted(file for word in WORDS for file in (folder / word).glob("*.*"))
    sound = noise.quiet_room(rng, round(seconds * clips.SAMPLE_RATE)).astype(np.int32)
    at = 2 * clips.SAMPLE_RATE
    while True:
        try:
            word = clips.read(files[rng.integers(len(files))]).samples
        except AudioError:
            continue
        if at + len(word) >= len(sound):
            break
        sound[at : at + len(word)] += word
        at += len(word) + round(rng.uniform(*PAUSE_SECONDS) * clips.SAMPLE_RATE)
    soundfile.write(path, np.clip(sound, -32768, 32767).astype(np.int16), clips.SAMPLE_RATE)


class Watched:
    """The monitor's process, what it says, and what it costs."""

    def __init__(self, port: str, log_file: Path) -> None:
        command = [*EARKIT, "monitor", f"soak={port}", "--web", "--log", str(log_file), "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
        self.heard = self.board_ms = 0
        self.health: dict[str, object] = {}
        self.notes: list[str] = []
        self.url = ""
        self.page_bytes = 0
        self.began, self.memory = time.monotonic(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "heard":
                self.heard += 1
            elif event["event"] == "health":
                self.health, self.board_ms = event, event["stats"]["ms"]
            elif event["event"] == "note":
                self._take_note(event["text"])

    def _take_note(self, text: str) -> None:
        page = re.search(r"the page is http(\S+)", text)
        if page:
            self.url = f"ws{page[1]}live"
            threading.Thread(target=self._be_a_page, daemon=True).start()
        else:
            self.notes.append(text)
            print("note:", text, flush=True)

    def _be_a_page(self) -> None:
        with connect(self.url, max_size=None) as page, suppress(ConnectionClosed):
            while True:
                self.page_bytes += len(page.recv())

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def measure(self) -> None:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found, "the monitor has ended"
        self.memory.append((time.monotonic() - self.began, int(found[1]) / 1024))


def soak(minutes: float, speed: float, data: Path | None, folder: Path) -> bool:
    seconds = minutes * 60
    wav, log_file = folder / "soak.wav", folder / "soak.sqlite"
    make_sound(wav, seconds + 30 * speed, data)
    simulate = [*EARKIT, "simulate", "--pty", "--speed", str(speed), str(wav)]
    board = subprocess.Popen(simulate, stdout=subprocess.PIPE, text=True)
    assert board.stdout
    try:
        port = re.search(r"serial port is (\S+)", board.stdout.readline())
        assert port, "the simulated board does not start"
        watched = Watched(port[1], log_file)
        try:
            return follow(watched, seconds, speed, log_file)
        finally:
            watched.process.terminate()
            watched.process.wait()
    finally:
        board.terminate()
        board.wait()


def follow(watched: Watched, seconds: float, speed: float, log_file: Path) -> bool:
    """Until the board has heard `seconds` of sound."""
    time.sleep(5)
    began, before, heard = time.monotonic(), watched.cpu_seconds(), 0.0
    while heard < seconds and watched.process.poll() is None:
        time.sleep(min(10, seconds / speed / 20))
        watched.measure()
        spent, passed = watched.cpu_seconds() - before, time.monotonic() - began
        heard = watched.board_ms / 1000
        print(
            f"{passed:6.0f} s  CPU {spent / passed:5.1%}  memory {watched.memory[-1][1]:6.1f} MB  "
            f"heard {watched.heard}  board at {heard:.0f} s",
            flush=True,
        )
    cpu = (watched.cpu_seconds() - before) / (time.monotonic() - began)
    time.sleep(1)
    return judge(watched, cpu, speed, min(SETTLED_SECONDS, seconds / speed / 4), log_file)


def judge(watched: Watched, cpu: float, speed: float, settled: float, log_file: Path) -> bool:
    health, stats = watched.health, watched.health["stats"]
    assert isinstance(stats, dict)
    lost = {name: health[name] for name in ("lost_frames", "lost_events", "damaged")}
    lost |= {name: stats[name] for name in ("dropped_frames", "dropped_lines", "overruns", "serial_lost")}
    at_first = next(memory for at, memory in watched.memory if at >= settled)
    most = max(memory for _, memory in watched.memory)
    logged = len(list(log.read(log_file)))
    print(f"sound {stats['ms'] / 1000:.0f} s; lost: {lost}")
    print(f"detections: {watched.heard} said, {logged} logged; a page took {watched.page_bytes / 1e6:.1f} MB")
    print(f"CPU {cpu:.1%} of one core; memory {at_first:.1f} MB, at most {most:.1f} MB afterwards")
    return (
        not any(lost.values())
        and watched.heard == logged > 0
        and most <= GROWTH_LIMIT * at_first
        and cpu < CPU_LIMIT * speed
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=MINUTES, help="of sound")
    arguments.add_argument("--speed", type=float, default=1.0, help="times real time")
    arguments.add_argument("--data", type=Path, help="recordings in the Speech Commands layout")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="earkit-soak-") as place:
        sys.exit(not soak(chosen.minutes, chosen.speed, chosen.data, Path(place)))
