"""The log: each detection once and on disk, whatever happens to the file."""

import csv
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from monitor_peers import heard

from earkit.commands.log import command
from earkit.errors import EarkitError
from earkit.monitor import log
from earkit.monitor.reports import Note


def write(path: Path, *found: object) -> None:
    file = log.Log(path)
    take = file.sink(lambda report: pytest.fail(str(report)))
    for one in found:
        take(one)  # type: ignore[arg-type]
    file.close()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "log.sqlite"
    write(path, heard(), Note("b", "no detection"), None)
    write(path, heard("no", ms=9000, sequence=None, latency_ms=None))
    first, second = log.read(path)
    assert (first.label, first.score, first.ms, first.sequence, first.latency_ms) == (
        "yes",
        204,
        2340,
        7,
        5.0,
    )
    assert (first.name, first.board_id, first.model, first.sha256) == ("b", "4711", "m", "ab" * 32)
    assert (second.label, second.sequence) == ("no", None)
    assert log.per_hour([first, second]) == {"2026-11-25 14h": {"yes": 1, "no": 1}}


def test_it_is_on_disk_when_the_program_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from monitor_peers import heard\n"
        "from earkit.monitor import log; take = log.Log(Path(sys.argv[1])).sink(print)\n"
        "for ms in range(20): take(heard(ms=ms))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    path = tmp_path / "log.sqlite"
    done = subprocess.run([sys.executable, "-c", script, str(path)], env=environment)
    assert done.returncode == -signal.SIGKILL
    assert [row.ms for row in log.read(path)] == list(range(20))


def test_what_cannot_be_written_waits(tmp_path: Path) -> None:
    """Another program holds the file; then a full disk, as SQLite sees it: no page more."""
    path, said = tmp_path / "log.sqlite", []
    file = log.Log(path)
    take = file.sink(lambda report: said.append(report.text))  # type: ignore[union-attr]
    take(heard(ms=0))
    file._file.execute("PRAGMA max_page_count = 2")
    for ms in range(1, 101):
        take(heard(ms=ms))
    assert len(said) == 1 and "kept for later" in said[0] and "full" in said[0]
    file._file.execute("PRAGMA max_page_count = 100000")
    take(heard(ms=101))
    assert len(said) == 2 and "written again" in said[1]
    file.close()
    assert [row.ms for row in log.read(path)] == list(range(102))


def test_what_is_no_log_is_left_alone(tmp_path: Path) -> None:
    text, other, newer = tmp_path / "text", tmp_path / "other", tmp_path / "newer"
    text.write_text("a diary, not a database" * 100)
    for path, statement in ((other, "CREATE TABLE x (y)"), (newer, "PRAGMA user_version = 99")):
        with sqlite3.connect(path) as file:
            file.execute(statement)
            if path == newer:
                file.execute("CREATE TABLE x (y)")
    for path, said in ((text, "not a database"), (other, "not a log"), (newer, "newer Earkit")):
        before = path.read_bytes()
        with pytest.raises(EarkitError, match=said):
            log.Log(path)
        with pytest.raises(EarkitError, match=said):
            list(log.read(path))
        assert path.read_bytes() == before
    with pytest.raises(EarkitError, match="cannot write the log"):
        log.Log(tmp_path)
    with pytest.raises(EarkitError, match="there is no log"):
        list(log.read(tmp_path / "none"))


def test_command_shows_exports_and_draws(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    write(path, heard(), heard("no"), heard("=1+1"), heard("\x1b[31m$x^$"))
    shown = CliRunner().invoke(command, [str(path)])
    assert shown.exit_code == 0 and "\x1b[31m" not in shown.output and "2026-11-25 14h" in shown.output
    out, picture = tmp_path / "log.csv", tmp_path / "log.png"
    result = CliRunner().invoke(command, [str(path), "--csv", str(out), "--plot", str(picture)])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["label"] for row in rows] == ["yes", "no", "'=1+1", "\x1b[31m$x^$"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    only = CliRunner().invoke(command, [str(path), "--word", "maybe"])
    assert "nothing was heard" in only.output
