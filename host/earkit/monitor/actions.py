"""Doing something on a word, without ever holding up or ending the monitor.

Commands get the detection by environment variables and never inside their text.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from earkit.errors import EarkitError, MissingExtraError, install_hint
from earkit.monitor.cascade import Cascade
from earkit.monitor.reports import Detection, Report, safe
from earkit.monitor.rules import Rule
from earkit.monitor.sound import Samples, write_wav

TIMEOUT_SECONDS = 60.0
_AT_ONCE = 4
_SAID_LIMIT = 100_000
"""Bytes of a command's output that are looked at."""

Say = Callable[[str, str], None]
"""Takes a board's name and a line of text, from any thread."""


def facts(found: Detection) -> dict[str, str | int | float | None]:
    """The detection as webhooks and MQTT get it."""
    return {
        "label": found.label, "score": found.score, "ms": found.ms, "board": found.board,
        "time": found.time.isoformat("T", "milliseconds"), "latency_ms": found.latency_ms,
        "board_id": found.identity.id, "model": found.identity.model, "seq": found.sequence,
    }  # fmt: skip


def environment(found: Detection) -> dict[str, str]:
    """EARKIT_LABEL, EARKIT_SCORE, …: `facts` as a command gets them."""
    given = {name: "" if value is None else str(value) for name, value in facts(found).items()}
    if os.name == "nt":  # cmd.exe pastes %EARKIT_LABEL% into the command before it reads it
        given = {name: re.sub(r"""[&|<>^"'%!()]""", "_", value) for name, value in given.items()}
    return {f"EARKIT_{name.upper()}": value for name, value in given.items()}


class Actions:
    """A sink that does what the rules say. `publish(topic, payload)` is MQTT's, where there is one."""

    def __init__(
        self, rules: Sequence[Rule], say: Say, publish: Callable[[str, str], None] | None = None,
        dry_run: bool = False,
    ) -> None:  # fmt: skip
        """Raises EarkitError when a rule needs something that is not there: keys, MQTT."""
        if publish is None and any(rule.kind == "mqtt" for rule in rules):
            raise EarkitError("an action wants MQTT", "add --mqtt HOST")
        self._rules, self._say, self._publish, self._dry_run = rules, say, publish, dry_run
        self._press = _keyboard(rules)
        self._cascade = Cascade(say)
        self._pool = ThreadPoolExecutor(_AT_ONCE, "action")
        self._last: dict[Rule, float] = {}
        self._busy: set[Rule] = set()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_busy(self) -> bool:
        """Whether something is being done, or waits for the sound after its word."""
        return bool(self._busy) or self._cascade.is_waiting

    def take(self, report: Report | None) -> None:
        if any(rule.record for rule in self._rules):
            self._cascade.take(report)
        if not isinstance(report, Detection):
            return
        for rule in self._rules:
            if rule.fits(report) and self._is_due(rule, report):
                self._start(rule, report)

    def _is_due(self, rule: Rule, found: Detection) -> bool:
        now = time.monotonic()
        if rule in self._last and now - self._last[rule] < rule.cool_down:
            return False
        if rule in self._busy:
            self._say(found.board, safe(f"{rule}: still busy with the last one, skipped"))
            return False
        self._last[rule] = now
        return True

    def _start(self, rule: Rule, found: Detection) -> None:
        if rule.dry_run or self._dry_run:
            self._say(found.board, safe(f"would do {rule}"))
            return
        if rule.record:
            self._cascade.order(found, rule.record, lambda samples: self._submit(rule, found, samples))
        else:
            self._submit(rule, found, None)

    def _submit(self, rule: Rule, found: Detection, samples: Samples | None) -> None:
        self._busy.add(rule)
        self._pool.submit(self._do, rule, found, samples)

    def _do(self, rule: Rule, found: Detection, samples: Samples | None) -> None:
        try:
            said = self._act(rule, found, samples)
            if said:
                self._say(found.board, safe(f"{rule.word}: {said}"))
        except Exception as error:  # whatever an action does, the monitor goes on
            if not self._closed:
                self._say(found.board, safe(f"{rule} failed: {error}"))
        finally:
            self._busy.discard(rule)

    def _act(self, rule: Rule, found: Detection, samples: Samples | None) -> str:
        if rule.kind == "open":
            if not webbrowser.open(rule.target):
                raise EarkitError("no browser can be opened")
        elif rule.kind == "post":
            _post(rule.target, found)
        elif rule.kind == "key" and self._press:
            self._press(rule.target)
        elif rule.kind == "mqtt" and self._publish:
            self._publish(rule.target, json.dumps(facts(found)))
        elif rule.kind == "run":
            return self._run_with(rule.target, found, samples)
        return ""

    def _run_with(self, command: str, found: Detection, samples: Samples | None) -> str:
        if samples is None:
            return self._run(command, environment(found))
        with tempfile.TemporaryDirectory(prefix="earkit-") as folder:
            wav = Path(folder) / "after.wav"
            write_wav(wav, samples)
            return self._run(command, {**environment(found), "EARKIT_WAV": str(wav)})

    def _run(self, command: str, variables: dict[str, str]) -> str:
        """Run it by the shell, in a process group of its own; returns its last line."""
        process = subprocess.Popen(
            command, shell=True, env={**os.environ, **variables}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with self._lock:
            self._processes.add(process)
        try:
            said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise EarkitError(f"no end after {TIMEOUT_SECONDS:g} s, stopped") from None
        finally:
            with self._lock:
                self._processes.discard(process)
        lines = said[-_SAID_LIMIT:].decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else ""
        if process.returncode:
            raise EarkitError(last or f"exit status {process.returncode}")
        return last

    def close(self) -> None:
        """Stop what still runs."""
        self._closed = True
        with self._lock:
            for process in self._processes:
                _kill(process)
        self._pool.shutdown(wait=True, cancel_futures=True)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _post(url: str, found: Detection) -> None:
    request = urllib.request.Request(
        url, json.dumps(facts(found)).encode(), {"Content-Type": "application/json", "User-Agent": "earkit"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read(1)


def _keyboard(rules: Sequence[Rule]) -> Callable[[str], None] | None:
    """What presses keys, when a rule does. Raises EarkitError for unknown keys or without a display."""
    chords = [rule.target for rule in rules if rule.kind == "key"]
    if not chords:
        return None
    try:
        from pynput import keyboard
    except ModuleNotFoundError as error:
        raise MissingExtraError("pynput is not installed", install_hint("keys")) from error
    except Exception as error:  # pynput raises what its backend does, ImportError among others
        raise EarkitError("no keyboard can be pressed here", "it needs a desktop session") from error
    parsed = {chord: _keys(keyboard, chord) for chord in chords}
    controller = keyboard.Controller()

    def press(chord: str) -> None:
        *modifiers, last = parsed[chord]
        with controller.pressed(*modifiers):
            controller.tap(last)

    return press


def _keys(keyboard: object, chord: str) -> list[object]:
    known = keyboard.Key  # type: ignore[attr-defined]
    keys = []
    for part in chord.lower().split("+"):
        key = getattr(known, part, None) or (part if len(part) == 1 else None)
        if key is None:
            raise EarkitError(f"there is no key {part}", f"such as ctrl, alt, f5, space, a; in {chord}")
        keys.append(key)
    return keys
