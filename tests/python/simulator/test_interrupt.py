"""Ctrl-C while the simulated board runs."""

import signal
from collections.abc import Iterator

import pytest

from earkit.simulator.interrupt import held_back


@pytest.fixture
def ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def test_it_waits_for_the_end_of_the_block() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt), held_back() as came:
        signal.raise_signal(signal.SIGINT)
        reached = len(came) == 1
    assert reached


@pytest.mark.usefixtures("ignored")
def test_a_background_job_does_not_stop_early() -> None:
    with held_back() as came:
        signal.raise_signal(signal.SIGINT)
    assert not came and signal.getsignal(signal.SIGINT) == signal.SIG_IGN
