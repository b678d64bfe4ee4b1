"""The log of detections: an SQLite file that survives whatever the monitor does not."""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

from earkit.errors import EarkitError
from earkit.monitor.reports import Detection, Note, Report, Sink

WAITING = 10_000
"""Detections kept while the file cannot be written; the oldest go first."""
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS detection (
  number INTEGER PRIMARY KEY,
  time TEXT NOT NULL,        -- ISO 8601 with offset, when it arrived
  name TEXT NOT NULL,        -- the board's name
  board_id TEXT NOT NULL,    -- USB serial number or port
  model TEXT NOT NULL,
  sha256 TEXT NOT NULL,      -- of the model
  label TEXT NOT NULL,
  score INTEGER NOT NULL,    -- 0..255
  ms INTEGER NOT NULL,       -- of sound since the board's start
  sequence INTEGER,          -- of the board's events since hello
  latency_ms REAL
)"""
_COLUMNS = "time, name, board_id, model, sha256, label, score, ms, sequence, latency_ms"
_INSERT = f"INSERT INTO detection ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Row:
    """One logged detection; the fields are the columns'."""

    time: str
    name: str
    board_id: str
    model: str
    sha256: str
    label: str
    score: int
    ms: int
    sequence: int | None
    latency_ms: float | None

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.time)


class Log:
    """Appends each detection in a transaction of its own, on disk when the call returns.

    Raises EarkitError when the file cannot be opened or is no log. Later failures (a full disk) only keep
    the detections waiting; they are written, in order, with the first that succeeds.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: deque[Row] = deque(maxlen=WAITING)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, isolation_level=None, timeout=5)
            self._file.execute("PRAGMA synchronous = FULL")
            _check(self._file, path)
            with self._file:
                self._file.execute(_TABLE)
                self._file.execute(f"PRAGMA user_version = {_VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise EarkitError(f"cannot write the log {path}: {error}", "name another file") from error

    def sink(self, say: Sink) -> Sink:
        """Take Detections; `say` gets a Note when writing fails, and when it succeeds again."""

        def take(report: Report | None) -> None:
            if not isinstance(report, Detection):
                return
            was_waiting = len(self._waiting)
            self._waiting.append(_row(report))
            problem = self._write()
            if problem and not was_waiting:
                say(Note(report.board, f"the log {self.path} cannot be written: {problem}; kept for later"))
            elif was_waiting and not problem:
                say(Note(report.board, f"the log is written again, {was_waiting} late ones with it"))

        return take

    def _write(self) -> str:
        """Write what waits; returns what went wrong, or nothing."""
        try:
            with closing(self._file.cursor()) as cursor:
                cursor.execute("BEGIN")
                try:
                    cursor.executemany(_INSERT, [astuple(row) for row in self._waiting])
                    cursor.execute("COMMIT")
                except sqlite3.Error:
                    if self._file.in_transaction:
                        cursor.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            return str(error)
        self._waiting.clear()
        return ""

    def close(self) -> None:
        if self._waiting:
            self._write()
        self._file.close()


def _row(found: Detection) -> Row:
    identity, time = found.identity, found.time.isoformat("T", "milliseconds")
    return Row(
        time, found.board, identity.id, identity.model, identity.sha256, found.label, found.score, found.ms,
        found.sequence, found.latency_ms,
    )  # fmt: skip


def _check(file: sqlite3.Connection, path: Path) -> None:
    (version,) = file.execute("PRAGMA user_version").fetchone()
    (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > _VERSION:
        raise EarkitError(f"{path} is from a newer Earkit", "update earkit")
    if version == 0 and tables:
        raise EarkitError(f"{path} is a database, but not a log of Earkit's", "name another file")


def read(path: Path) -> Iterator[Row]:
    """The detections in the order of their arrival. Raises EarkitError when `path` is no log."""
    if not path.is_file():
        raise EarkitError(f"there is no log {path}", "write one: earkit monitor --log FILE")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as file:
            _check(file, path)
            for values in file.execute(f"SELECT {_COLUMNS} FROM detection ORDER BY number"):
                yield Row(*values)
    except sqlite3.Error as error:
        raise EarkitError(f"cannot read the log {path}: {error}", "is it one of Earkit's?") from error


def per_hour(rows: list[Row]) -> dict[str, dict[str, int]]:
    """Counts per hour, then label: `{"2026-11-25 14h": {"yes": 3}}`; in order, empty hours left out."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        hour = counts.setdefault(f"{row.when:%Y-%m-%d %H}h", {})
        hour[row.label] = hour.get(row.label, 0) + 1
    return dict(sorted(counts.items()))
