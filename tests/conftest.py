"""For every test: where the real recordings lie, and a word when they do not; signals and widths as usual."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from suite_summary import Summary

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGCHLD", "SIGALRM")
LOOKS = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""What somebody's terminal asks of a program's tables; a test of them sets it."""
ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EARKIT_DATA", ROOT.parent / "shared" / "data"))


def pytest_configure(config: pytest.Config) -> None:
    _take_signals_as_usual()
    for name in LOOKS:
        os.environ.pop(name, None)
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")
    config.pluginmanager.register(Summary(), "suite-summary")


def _take_signals_as_usual() -> None:
    """Undo what a shell's background job, nohup or a CI runner leaves to its children: ignored and blocked
    signals, which the programs under test would inherit in turn. SIGPIPE is Python's own business."""
    for number in map(signal.Signals.__getitem__, SIGNALS):
        if signal.getsignal(number) == signal.SIG_IGN:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _folder(name: str) -> Path:
    folder = DATA / name
    if not folder.is_dir():
        missing = pytest.fail if "EARKIT_DATA" in os.environ else pytest.skip
        missing(f"no {name} recordings in {DATA}; set EARKIT_DATA")
    return folder


@pytest.fixture(scope="session")
def speech_commands() -> Path:
    """Real recordings in the Speech Commands layout."""
    return _folder("speech_commands")


@pytest.fixture(scope="session")
def tflm_micro_speech() -> Path:
    """TFLM's micro_speech clips (testdata/) and model (models/)."""
    return _folder("tflm_micro_speech")
