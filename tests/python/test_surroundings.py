"""The tests themselves in what they may inherit from shells, CI runners and busy computers: none may fail.

A few tests stand for all: those that press Ctrl-C, draw tables, read a terminal, write files or wait.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
TESTS = [
    "monitor/test_commands.py::test_it_prints_and_ctrl_c_ends_it",
    "monitor/test_commands.py::test_the_live_panel_on_a_terminal",
    "monitor/test_commands.py::test_record_goes_on_where_it_was_stopped",
    "monitor/test_actions.py",
    "monitor/test_log.py",
    "toolchain/test_toolchain_commands.py::test_build_shows_the_parts",
    "simulator/test_terminal.py",
    "toolchain/test_toolchain_commands.py::test_doctor_names_what_is_missing",
    "device/test_session.py",
]
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD)
PLAIN = {"LC_ALL": "C", "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "40", "TZ": "Asia/Kathmandu"}
RICH = {"LC_ALL": "de_DE.UTF-8", "FORCE_COLOR": "1", "COLUMNS": "300", "PYTHONUTF8": "1"}


def suite(variables: dict[str, str], without: tuple[str, ...] = (), **rest: object) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in without} | variables
    environment["PYTEST_ADDOPTS"] = ""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    done = subprocess.run(
        command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **rest
    )  # type: ignore[call-overload]
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0 and "passed" in said, said


def inherit_the_worst() -> None:
    """As nohup, a shell's background job and a careless service leave it."""
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
    os.umask(0o077)
    os.close(0)


@contextmanager
def busy(count: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def test_signals_ignored_and_blocked_no_input_and_a_dumb_terminal() -> None:
    suite(PLAIN, preexec_fn=inherit_the_worst)


def test_a_busy_computer_without_home_or_terminal() -> None:
    with busy(4):
        suite(RICH, without=("HOME", "TERM"), stdin=subprocess.DEVNULL, umask=0)
