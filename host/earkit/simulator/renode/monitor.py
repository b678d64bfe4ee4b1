"""Renode's monitor, its command line, driven through pipes: no port is opened on this computer."""

import itertools
import os
import queue
import re
import shutil
import subprocess
import threading
import time

from earkit.errors import SimulatorError, ToolError

_START_SECONDS = 60
_STOP_SECONDS = 5
_ERRORS = re.compile(r"There was an error|No such command|Could not|Error E\d+|error occurred")
_PROMPT = re.compile(r"^\r?(\([^)]*\) .*)?$")
_LOG = re.compile(r"^\r?\d\d:\d\d:\d\d\.\d+ \[(\w+)\] ")


class Monitor:
    """A running Renode. Use as a context manager. Raises ToolError when there is none or it fails."""

    def __init__(self) -> None:
        program = shutil.which("renode")
        if program is None:
            raise ToolError(
                "Renode is not installed",
                "get a release package from https://renode.io, or use --simulator unicorn",
            )
        self._process = subprocess.Popen(
            [program, "--console", "--disable-xwt", "--plain"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env={**os.environ, "TERM": "dumb"}, start_new_session=True,
        )  # fmt: skip
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._numbers = itertools.count()
        self._last_words = "it said nothing"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def command(self, text: str, seconds: float = _START_SECONDS) -> list[str]:
        """Carry out one command and return the lines it printed, without the log.

        Raises ToolError when Renode refuses it or ends, SimulatorError when it takes more than `seconds`.
        """
        mark = f"earkit-{next(self._numbers)}"
        self._send(f'{text}\nlog "{mark}"\n')
        lines = self._until(mark, time.monotonic() + seconds)
        said = [line.strip() for line in lines if not _PROMPT.match(line) and not _LOG.match(line)]
        for line in said:
            if _ERRORS.search(line):
                raise ToolError(f"Renode refused `{text}`: {' '.join(said)}", "try: renode --version")
        return said

    def close(self) -> None:
        """End Renode, by force where it does not listen."""
        try:
            self._send("quit\n")
            self._process.wait(_STOP_SECONDS)
        except (ToolError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()

    def _send(self, text: str) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended() from error

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._last_words = line.strip() or self._last_words
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _until(self, mark: str, deadline: float) -> list[str]:
        """The lines up to the log's line that says `mark`; the echo of the command has it in quotes."""
        lines: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise SimulatorError("Renode did not come to an end", "use --simulator unicorn") from None
            if line is None:
                raise self._ended()
            if line.rstrip().endswith(mark):
                return lines
            lines.append(line)

    def _ended(self) -> ToolError:
        self._reader.join(_STOP_SECONDS)
        return ToolError(f"Renode ended: {self._last_words}", "try: renode --version")
